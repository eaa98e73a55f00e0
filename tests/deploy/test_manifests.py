"""Every overlay, and every combination of components that is rendered for tests: schemas, and what they do not say."""

from __future__ import annotations

import copy
import os
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from tests.deploy.conftest import BIN, K8S, RENDERED, rendered
from tools import configuration, manifests
from tools.paths import ROOT

OLDEST, NEWEST = "1.31", "1.37"
"""Of the versions of Kubernetes that are supported here."""
OF_OPERATORS = {"ScaledObject", "Cluster", "ScheduledBackup", "PodMonitor", "PrometheusRule"}
"""Kinds that Kubernetes has no schema for."""
Document = dict[str, Any]


@pytest.fixture(scope="session")
def settings() -> frozenset[str]:
    """Names that our services, and the libraries that they use, read from the environment."""
    found, _ = configuration.collect()
    others = {"SECRETS_DIR", "OTEL_EXPORTER_OTLP_ENDPOINT", "PARLEY_MODELS_DIR"}
    return frozenset({each.name.upper() for each in found} | others)


@pytest.fixture(scope="session")
def faults(settings: frozenset[str], secrets: dict[str, dict[str, str]]) -> Callable[[list[Document]], list[str]]:
    """What is wrong with a rendered set; secrets of a registry's are made beforehand."""
    beforehand = frozenset(secrets) | {"parley-postgres", "parley-postgres-owner", "parley-backups", "parley-tls"}
    return lambda documents: manifests.faults(documents, settings=settings, secrets=beforehand)


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("folder", RENDERED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_object_keeps_the_schema(folder: Path, version: str) -> None:
    seen = 0
    for each in rendered(folder):
        if each["kind"] not in OF_OPERATORS:
            kubernetes_validate.validate(each, version, strict=True)
            seen += 1
    assert seen > 30


@pytest.mark.parametrize("folder", RENDERED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_set_is_sound(folder: Path, faults: Callable[[list[Document]], list[str]]) -> None:
    assert faults(rendered(folder)) == []


def of(documents: list[Document], kind: str, name: str) -> Document:
    return next(each for each in documents if each["kind"] == kind and each["metadata"]["name"].startswith(name))


def pod(documents: list[Document], name: str = "session") -> Document:
    spec: Document = of(documents, "Deployment", name)["spec"]["template"]["spec"]
    return spec


def container(documents: list[Document], name: str = "session") -> Document:
    first: Document = pod(documents, name)["containers"][0]
    return first


def scaled(documents: list[Document], name: str = "session") -> Document:
    spec: Document = of(documents, "ScaledObject", name)["spec"]
    return spec


BROKEN: dict[str, tuple[Callable[[list[Document]], Any], str]] = {
    "quantity": (lambda d: container(d)["resources"]["limits"].update(memory="384MiB"), "384MiB is no quantity"),
    "selector": (
        lambda d: of(d, "Deployment", "session")["spec"]["selector"]["matchLabels"].update(a="b"),
        "misses its own pods",
    ),
    "probe's port": (lambda d: container(d)["readinessProbe"]["httpGet"].update(port=8002), "which is not there"),
    "pull policy": (lambda d: container(d).update(imagePullPolicy="Sometimes"), "imagePullPolicy Sometimes"),
    "volume": (lambda d: pod(d)["volumes"].clear(), "there is no such volume"),
    "capital": (lambda d: of(d, "Service", "session")["metadata"].update(name="Session"), "small letters"),
    "request over limit": (lambda d: container(d)["resources"]["requests"].update(memory="1Gi"), "more memory than"),
    "two budgets": (lambda d: of(d, "PodDisruptionBudget", "session")["spec"].update(minAvailable=1), "one of min"),
    "two owners": (lambda d: of(d, "Deployment", "session")["spec"].update(replicas=2), "an autoscaler that owns them"),
    "image": (lambda d: container(d).update(image="parley/session"), "has no version"),
    "impatient probe": (lambda d: container(d)["livenessProbe"].pop("timeoutSeconds"), "gives up sooner"),
    "target": (lambda d: scaled(d)["scaleTargetRef"].update(name="sessions"), "which is no Deployment"),
    "root": (lambda d: pod(d)["securityContext"].pop("runAsNonRoot"), "may run as root"),
    "writable": (lambda d: container(d)["securityContext"].pop("readOnlyRootFilesystem"), "may write to its image"),
    "token": (lambda d: pod(d).pop("automountServiceAccountToken"), "mounts a token"),
    "secret": (lambda d: pod(d)["volumes"][1]["secret"].update(secretName="parley-sesion"), "no secret parley-sesion"),
    "setting": (
        lambda d: of(d, "ConfigMap", "parley")["data"].update(DATABASE_POOLSIZE="3"),
        "no service has a setting DATABASE_POOLSIZE",
    ),
    "consumer": (lambda d: scaled(d)["triggers"][0]["metadata"].update(consumer="sesion"), "no consumer sesion"),
    "number": (lambda d: scaled(d)["triggers"][0]["metadata"].update(lagThreshold=5), "valid string"),
    "unknown field": (lambda d: scaled(d).update(cooldown=5), "not permitted"),
    "field left out": (lambda d: scaled(d)["triggers"][0]["metadata"].pop("consumer"), "wants"),
    "too many": (lambda d: scaled(d).update(maxReplicaCount=40), "max_ack_pending"),
    "connections": (
        lambda d: of(d, "ConfigMap", "parley")["data"].update(DATABASE_POOL_SIZE="20"),
        "Postgres has 100",
    ),
    "service's port": (lambda d: of(d, "Service", "gateway")["spec"]["ports"][0].update(targetPort="web"), "nowhere"),
    "nobody": (lambda d: of(d, "Service", "gateway")["spec"]["selector"].update(a="b"), "selects no pod"),
    "grace": (lambda d: pod(d, "gateway").update(terminationGracePeriodSeconds=30), "before a turn"),
    "door slammed": (lambda d: container(d, "gateway").pop("lifecycle"), "does not wait"),
    "open to all": (lambda d: of(d, "NetworkPolicy", "coach")["spec"]["egress"][0].pop("to"), "open to all"),
}
"""What a schema, or a half of one, takes; with what has to be said of it."""


@pytest.mark.parametrize("name", BROKEN)
def test_what_a_schema_takes_is_found(name: str, faults: Callable[[list[Document]], list[str]]) -> None:
    documents = copy.deepcopy(rendered(K8S / "tests/keda-without-pooler"))
    break_it, said = BROKEN[name]
    break_it(documents)
    assert any(said in each for each in faults(documents)), faults(documents)


def test_secrets_are_those_that_pods_of_production_mount(secrets: dict[str, dict[str, str]]) -> None:
    mounted: set[str] = set()
    for each in rendered(K8S / "overlays/production"):
        template = each.get("spec", {}).get("template", {}).get("spec", {})
        mounted |= {one["secret"]["secretName"] for one in template.get("volumes", []) if "secret" in one}
        containers = template.get("containers", [])
        mounted |= {
            one["secretRef"]["name"] for part in containers for one in part.get("envFrom", []) if "secretRef" in one
        }
    assert mounted == set(secrets)
    assert "JWT_SECRET" in secrets["parley-gateway"]
    for service in ("gateway", "session", "documents"):
        assert "DATABASE_URL" in secrets[f"parley-{service}"]
        assert f"DATABASE_PASSWORD_{service.upper()}" in secrets["parley-provision"]


def test_jobs_have_the_version_in_their_name() -> None:
    """A Job cannot be changed: under the name of another version it would not run."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    jobs = [each for folder in RENDERED for each in rendered(folder) if each["kind"] == "Job"]
    assert jobs
    for each in jobs:
        assert version.replace(".", "-") in each["metadata"]["name"]
    for each in rendered(K8S / "overlays/production"):
        if each["kind"] == "Deployment" and each["metadata"]["name"] != "pgbouncer":
            assert each["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/version"] == version


def test_the_cluster_of_nats_understands_its_configuration(secrets: dict[str, dict[str, str]], tmp_path: Path) -> None:
    documents = rendered(K8S / "overlays/production")
    for name in ("nats-cluster-config", "nats-users"):
        for file, text in of(documents, "ConfigMap", name)["data"].items():
            (tmp_path / file).write_text(text)
    [source] = of(documents, "StatefulSet", "nats")["spec"]["template"]["spec"]["containers"][0]["envFrom"]
    variables = secrets[source["secretRef"]["name"]] | {"POD_NAME": "nats-0"}
    command = [BIN / "nats-server", "-t", "-c", tmp_path / "nats.conf"]
    done = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
