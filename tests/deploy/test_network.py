"""Network policies, proved by an analyser against a table of who may talk to whom."""

from __future__ import annotations

import re
import subprocess
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
import yaml

from tests.deploy.conftest import BIN, K8S, rendered

ANALYSER = ("tool", "run", "--quiet", "--from", "network-config-analyzer==2.1.0", "nca")
INTERNET = "internet"
INTERNAL = ("10.1.2.3", "169.254.169.254", "192.168.1.1")
SERVICES = {"coach", "documents", "gateway", "interviewer", "session", "speech"}
EVERY_SERVICE = {(name, "nats", "4222") for name in SERVICES | {"provision"}}
MAY_TALK = (
    EVERY_SERVICE
    # Three services keep something, and the provisioner makes the tables; the pooler stands before them.
    | {
        (name, database, port)
        for name in ("documents", "gateway", "session", "provision")
        for database, port in (("pgbouncer", "6432"), ("postgres", "5432"))
    }
    | {("pgbouncer", "postgres", "5432")}
    # Models, buckets and searches: not the session's model, since it has none, but its recordings; not the provisioner.
    | {(name, INTERNET, "443") for name in SERVICES | {"models"}}
    | {("postgres", INTERNET, "443,6443")}
    | {(name, "monitoring", "4318") for name in SERVICES}
    | {("monitoring", name, "8001") for name in SERVICES}
    | {("ingress-nginx", "gateway", "8000")}
    | {("keda", "nats", "8222"), ("monitoring", "nats", "8222"), ("cnpg-system", "postgres", "5432,8000")}
)
"""Who may open a connection to whom, on which port. Nothing else may. The analyser does not tell of pods of one kind
among themselves, as the servers of NATS and of Postgres are."""  # fmt: skip


def workload(name: str, namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    """Pods that the rendered set lacks."""
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "any", "image": "any"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template},
    }


@pytest.fixture(scope="module")
def connections(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str, str]]:
    """(from, to, ports) of production, with its neighbours and with pods that have no business there."""
    documents = rendered(K8S / "overlays/production")
    wanted = [each for each in documents if each["kind"] in {"Namespace", "NetworkPolicy", "StatefulSet"}]
    for each in documents:
        if each["kind"] in {"Deployment", "Job"}:
            name, labels = each["metadata"]["name"], each["spec"]["template"]["metadata"]["labels"]
            wanted.append(workload(name.split("-0-")[0], "parley", labels))
    wanted.append(workload("postgres", "parley", {"app.kubernetes.io/name": "postgres"}))
    wanted.append(workload("stranger", "parley", {"app": "stranger"}))
    for name in ("monitoring", "ingress-nginx", "keda", "kube-system", "cnpg-system", "others"):
        labels = {"kubernetes.io/metadata.name": name}
        wanted.append({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
        wanted.append(workload(name, name, {"k8s-app": "kube-dns"} if name == "kube-system" else {"app": name}))
    folder = tmp_path_factory.mktemp("policies")
    (folder / "all.yaml").write_text(yaml.safe_dump_all(wanted))
    command = [BIN / "uv", *ANALYSER, "--connectivity", "-r", folder, "-o", "txt_no_fw_rules"]
    done = subprocess.run(
        [*command, "--output_endpoints", "deployments"], capture_output=True, text=True, check=False, cwd=folder
    )
    assert " => " in done.stdout, done.stdout + done.stderr
    return {found for line in done.stdout.splitlines() if (found := read(line))}


def read(line: str) -> tuple[str, str, str] | None:
    """One of the analyser's lines, unless it is about none of ours."""
    found = re.fullmatch(r"(\S+) => (\S+) : (.*)", line)
    if not found or "parley/" not in line:
        return None
    ends = [end.split("/")[-1].split("[")[0] if "/" in end else INTERNET for end in found.groups()[:2]]
    ports = re.fullmatch(r"\{protocols:(TCP|TCP, UDP),dst_ports:([\d,-]+)\}", found[3])
    return ends[0], ends[1], ports[2] if ports else found[3]


def test_each_talks_to_those_it_has_to_and_to_nobody_else(connections: set[tuple[str, str, str]]) -> None:
    asking_for_names = {each for each in connections if each[1] == "kube-system"}
    assert {ports for _, _, ports in asking_for_names} == {"53"}
    assert connections - asking_for_names - MAY_TALK == set(), "may talk, and should not"
    assert MAY_TALK - connections == set(), "should talk, and may not"


def test_a_stranger_reaches_nothing_and_is_reached_by_nothing(connections: set[tuple[str, str, str]]) -> None:
    assert {each for each in connections if "stranger" in each[:2]} == {("stranger", "kube-system", "53")}
    assert not [each for each in connections if "others" in each[:2]]


def test_no_way_to_the_internet_leads_to_a_cloud_s_metadata_or_to_neighbours() -> None:
    for each in rendered(K8S / "overlays/production"):
        if each["kind"] == "NetworkPolicy" and each["metadata"]["name"] != "postgres-operator":
            for peer in [one for rule in each["spec"].get("egress", []) for one in rule["to"] if "ipBlock" in one]:
                inside = peer["ipBlock"]["except"]
                assert all(any(in_network(address, network) for network in inside) for address in INTERNAL), each


def in_network(address: str, network: str) -> bool:
    return ip_address(address) in ip_network(network)
