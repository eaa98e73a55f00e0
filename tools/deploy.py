"""Writes what Kubernetes needs to know of who talks to whom: each service's network policy, and the NATS users.

`python -m tools.deploy --write`. A service reaches what its settings and its topology say and nothing else, so one that
gets a database or a model gets the way to it by this command. Rules for Prometheus become those of its operator.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from models.settings import ModelSettings
from runtime.objects import ObjectSettings
from runtime.settings import DatabaseSettings

from tools.generated import arguments, report, staleness, write
from tools.paths import ROOT
from tools.services import installed_services, settings_classes

WRITE = "python -m tools.deploy --write"
DEPLOY = ROOT / "deploy"
BASE = DEPLOY / "k8s/base"
RULES = DEPLOY / "observability/rules"
SERVERS = DEPLOY / "k8s/components/network-policies/servers.yaml"
OPERATOR_RULES = DEPLOY / "k8s/components/observability/rules.yaml"
NAME = "app.kubernetes.io/name"
NATS_PORT, CLUSTER_PORT, MONITOR_PORT = 4222, 6222, 8222
POSTGRES_PORT, POOLER_PORT, HEALTH_PORT, HTTP_PORT, OTLP_PORT, HTTPS_PORT = 5432, 6432, 8001, 8000, 4318, 443
PRIVATE = ("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
"""Addresses that are nobody's on the internet: no way leads there, such as to the cloud's metadata or to neighbours."""
MONITORING, INGRESS, KEDA = "monitoring", "ingress-nginx", "keda"
"""Namespaces of whoever scrapes and collects traces, the ingress and the autoscaler; overlays patch other names."""
Document = dict[str, Any]


def files() -> Iterator[tuple[Path, str]]:
    """Every generated file with its content."""
    users = subprocess.run([sys.executable, "-m", "runtime", "nats-config"], capture_output=True, text=True, check=True)
    yield DEPLOY / "nats/users.conf", users.stdout
    for entry in installed_services():
        package = entry.module.split(".", 1)[0]
        yield BASE / entry.name / "network-policy.yaml", _written(network_policy(entry.name, needs(package)))
    yield BASE / "provision/network-policy.yaml", _written(network_policy("provision", {DatabaseSettings}))
    yield SERVERS, "---\n".join(map(_written, policies_of_servers()))
    if RULES.is_dir():
        yield OPERATOR_RULES, _written(operator_rules())


def needs(package: str) -> set[type]:
    """Which of the things that lie elsewhere a service has settings for."""
    classes = settings_classes(package)
    return {
        each for each in (DatabaseSettings, ObjectSettings, ModelSettings) if any(issubclass(c, each) for c in classes)
    }


def network_policy(name: str, needed: set[type]) -> Document:
    """Who may reach a service, and whom it may reach."""
    to = [_rule("to", [_pods("nats")], NATS_PORT)]
    if DatabaseSettings in needed:
        to.append(_rule("to", [_pods("pgbouncer"), _pods("postgres")], POSTGRES_PORT, POOLER_PORT))
    if name != "provision":
        to.append(_rule("to", [_namespace(MONITORING)], OTLP_PORT))
    if needed & {ModelSettings, ObjectSettings}:
        to.append(_rule("to", [{"ipBlock": {"cidr": "0.0.0.0/0", "except": list(PRIVATE)}}], HTTPS_PORT))
    may_enter = [] if name == "provision" else [_rule("from", [_namespace(MONITORING)], HEALTH_PORT)]
    if name == "gateway":
        may_enter.append(_rule("from", [_namespace(INGRESS)], HTTP_PORT))
    return _policy(name, may_enter, to)


def policies_of_servers() -> Iterator[Document]:
    """Who may reach NATS, Postgres and its pooler: whose own policy leads there, and what watches them."""
    services = {entry.name: needs(entry.module.split(".", 1)[0]) for entry in installed_services()}
    clients = sorted([*services, "provision"])
    keeping = sorted([*(name for name, needed in services.items() if DatabaseSettings in needed), "provision"])
    watching = [_namespace(KEDA), _namespace(MONITORING)]
    one_another = [_pods("nats")]
    yield _policy(
        "nats",
        [
            _rule("from", list(map(_pods, clients)), NATS_PORT),
            _rule("from", one_another, CLUSTER_PORT),
            _rule("from", watching, MONITOR_PORT),
        ],
        [_rule("to", one_another, CLUSTER_PORT)],
    )
    yield _policy("postgres", [_rule("from", list(map(_pods, [*keeping, "pgbouncer"])), POSTGRES_PORT)], [])
    yield _policy(
        "pgbouncer",
        [_rule("from", list(map(_pods, keeping)), POOLER_PORT)],
        [_rule("to", [_pods("postgres")], POSTGRES_PORT)],
    )


def _policy(name: str, may_enter: list[Document], to: list[Document]) -> Document:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name},
        "spec": {
            "podSelector": {"matchLabels": {NAME: name}},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": may_enter,
            "egress": to,
        },
    }


def operator_rules() -> Document:
    """The rule files of Prometheus as one object of its operator."""
    groups = [group for path in sorted(RULES.glob("*.yml")) for group in yaml.safe_load(path.read_text())["groups"]]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "parley"},
        "spec": {"groups": groups},
    }


def _rule(side: str, peers: list[Document], *ports: int) -> Document:
    return {side: peers, "ports": [{"protocol": "TCP", "port": port} for port in ports]}


def _pods(name: str) -> Document:
    return {"podSelector": {"matchLabels": {NAME: name}}}


def _namespace(name: str) -> Document:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def _written(document: Document) -> str:
    return f"# Written by `{WRITE}`.\n" + yaml.dump(document, Dumper=_Plain, sort_keys=False, width=120)


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, _: Any) -> bool:
        return True


def main() -> int:
    """Write or check; the exit code."""
    if arguments(__doc__).write:
        for path, text in files():
            write(path, text)
        return 0
    return report(line for path, text in files() for line in staleness(path, text, WRITE))


if __name__ == "__main__":
    sys.exit(main())
