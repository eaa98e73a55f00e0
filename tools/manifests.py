"""What is wrong with rendered Kubernetes manifests though their schema is kept, as seen from Parley.

A schema takes half of all mistakes: a selector that misses its pods, a probe on a port that is not there, a volume
that nobody has, two owners of one number. `faults` looks for these, and for what Parley itself promises: hardened pods,
settings that exist, consumers that exist, and no more connections than Postgres has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from contracts.topology import CONSUMERS
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from runtime.health import TIMEOUT

Document = dict[str, Any]
NAME = "app.kubernetes.io/name"
WORKERS = 32
"""`WORKERS` of the settings: messages that a replica handles at a time."""
RESERVED_CONNECTIONS = 3 + 3
"""Of Postgres: what superusers keep, and the provisioner's."""
POSTGRES_CONNECTIONS = 100
_LONG_RUNNING = {"Deployment", "StatefulSet"}
_WORKLOADS = _LONG_RUNNING | {"Job"}
_DNS_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?")
_FACTORS = {"m": Decimal("0.001")} | {
    unit: Decimal(base) ** power
    for base, units in ((1000, "kMGT"), (1024, ("Ki", "Mi", "Gi", "Ti")))
    for power, unit in enumerate(units, 1)
}
_KEEPING = ("gateway", "session", "documents")
"""Services that hold connections to Postgres."""


class _Known(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Policy(_Known):
    type: str
    value: int
    periodSeconds: int


class _Behaviour(_Known):
    policies: list[_Policy]
    stabilizationWindowSeconds: int | None = None


class _BehaviourBothWays(_Known):
    scaleUp: _Behaviour | None = None
    scaleDown: _Behaviour


class _HpaConfig(_Known):
    behavior: _BehaviourBothWays


class _Advanced(_Known):
    horizontalPodAutoscalerConfig: _HpaConfig


class _Trigger(_Known):
    type: str
    metadata: dict[str, str]
    metricType: str | None = None


class _Fallback(_Known):
    failureThreshold: int
    replicas: int


class _Target(_Known):
    name: str


class _ScaledObjectSpec(_Known):
    scaleTargetRef: _Target
    minReplicaCount: int = Field(ge=1)
    maxReplicaCount: int
    pollingInterval: int = 30
    fallback: _Fallback | None = None
    advanced: _Advanced
    triggers: list[_Trigger] = Field(min_length=1)


_TRIGGERS = {
    "nats-jetstream": {
        "natsServerMonitoringEndpoint",
        "account",
        "stream",
        "consumer",
        "lagThreshold",
        "activationLagThreshold",
    },
    "prometheus": {"serverAddress", "query", "threshold", "activationThreshold"},
    "cpu": {"value"},
}
"""What each trigger has to be told, by KEDA's documentation."""


def faults(documents: Iterable[Document], *, settings: frozenset[str], secrets: frozenset[str]) -> list[str]:
    """A line for each fault of one rendered set.

    `settings` are the names that our services read from the environment, `secrets` the names of secrets that somebody
    makes beforehand.
    """
    return list(_Set(list(documents), settings, secrets).faults())


def amount(quantity: str) -> Decimal:
    """A quantity of Kubernetes as a number. Raises ValueError for one that it would not take."""
    found = _QUANTITY.fullmatch(quantity)
    if not found:
        raise ValueError(quantity)
    return Decimal(found[1]) * _FACTORS.get(found[2], 1)


class _Set:
    def __init__(self, documents: list[Document], settings: frozenset[str], secrets: frozenset[str]) -> None:
        self._documents = documents
        self._settings = settings
        self._secrets = secrets | self._names("Secret")
        self._workloads = self._of(*_WORKLOADS)

    def faults(self) -> Iterator[str]:
        for each in self._documents:
            place = f"{each['kind']} {each['metadata']['name']}"
            for fault in self._faults_of(each):
                yield f"{place}: {fault}"
        yield from self._connections()

    def _faults_of(self, each: Document) -> Iterator[str]:
        if not _DNS_NAME.fullmatch(each["metadata"]["name"]):
            yield "a name has small letters, digits and dashes"
        match each["kind"]:
            case "Deployment" | "StatefulSet" | "Job":
                yield from self._workload(each)
            case "Service":
                yield from self._service(each)
            case "PodDisruptionBudget":
                if ("minAvailable" in each["spec"]) == ("maxUnavailable" in each["spec"]):
                    yield "has one of minAvailable and maxUnavailable"
                yield from self._selects(each["spec"]["selector"])
            case "NetworkPolicy":
                if each["spec"]["podSelector"]:
                    yield from self._selects(each["spec"]["podSelector"])
                yield from self._reaches(each["spec"])
            case "ScaledObject":
                yield from self._scaled(each)
            case "ConfigMap" if "SECRETS_DIR" in each.get("data", {}):
                yield from self._unknown_settings(each["data"])

    def _workload(self, each: Document) -> Iterator[str]:
        spec, template = each["spec"], each["spec"]["template"]
        pod, labels = template["spec"], template["metadata"]["labels"]
        long_running = each["kind"] in _LONG_RUNNING
        if long_running and not _matches(spec["selector"], labels):
            yield "its selector misses its own pods"
        if each["kind"] == "Deployment" and "replicas" in spec and each["metadata"]["name"] in self._scaled_names():
            yield "has replicas, and an autoscaler that owns them"
        if each["kind"] == "StatefulSet" and spec["serviceName"] not in self._names("Service"):
            yield f"there is no service {spec['serviceName']}"
        if pod.get("automountServiceAccountToken") is not False:
            yield "mounts a token"
        if pod.get("enableServiceLinks") is not False:
            yield "gets the addresses of services as variables, which may have the names of settings"
        if pod.get("serviceAccountName") not in self._names("ServiceAccount"):
            yield "has no account of its own"
        if long_running and "podAntiAffinity" not in pod.get("affinity", {}):
            yield "may have all its pods on one node"
        yield from self._volumes(each, pod)
        for container in (*pod.get("initContainers", []), *pod["containers"]):
            for fault in self._container(pod, container, long_running=long_running, labels=labels):
                yield f"container {container['name']}: {fault}"

    def _container(
        self, pod: Document, container: Document, *, long_running: bool, labels: dict[str, str]
    ) -> Iterator[str]:
        image = container["image"].rsplit("/", 1)[-1]
        if "@" not in image and (":" not in image or image.endswith(":latest")):
            yield f"image {container['image']} has no version"
        if container.get("imagePullPolicy", "Always") not in {"Always", "IfNotPresent", "Never"}:
            yield f"imagePullPolicy {container['imagePullPolicy']} is none"
        yield from _hardening(pod.get("securityContext", {}), container.get("securityContext", {}))
        yield from _resources(container.get("resources", {}))
        ports = {each["name"]: each["containerPort"] for each in container.get("ports", [])}
        if long_running:
            yield from _probes(container, ports)
            yield from self._stops(pod, container, labels)
        if container["image"].rsplit("/", 1)[0].endswith("parley"):
            yield from self._unknown_settings({each["name"]: "" for each in container.get("env", [])})
        for source in container.get("envFrom", []):
            named = (source.get("configMapRef") or source["secretRef"])["name"]
            if "configMapRef" in source and named not in self._names("ConfigMap"):
                yield f"there is no ConfigMap {named}"
            if "secretRef" in source and named not in self._secrets:
                yield f"there is no secret {named}"
        for variable in container.get("env", []):
            named = variable.get("valueFrom", {}).get("secretKeyRef", {}).get("name")
            if named and named not in self._secrets:
                yield f"there is no secret {named}"

    def _stops(self, pod: Document, container: Document, labels: dict[str, str]) -> Iterator[str]:
        """Whoever is called through a service goes on until all callers know that it is going."""
        called = any(
            _matches({"matchLabels": each["spec"].get("selector") or {"": ""}}, labels)
            and any(port["name"] not in {"health", "monitor"} for port in each["spec"]["ports"])
            for each in self._of("Service")
        )
        if called and container["name"] in {"gateway", "pgbouncer"} and "preStop" not in container.get("lifecycle", {}):
            yield "is called through a service and does not wait before it stops"
        if container["name"] == "gateway" and pod["terminationGracePeriodSeconds"] < 3 + 5 + 30 + 5:
            yield "is killed before a turn of REPLY_TIMEOUT is answered"

    def _volumes(self, each: Document, pod: Document) -> Iterator[str]:
        volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
        claimed = {claim["metadata"]["name"] for claim in each["spec"].get("volumeClaimTemplates", [])}
        mounted = {mount["name"] for one in pod["containers"] for mount in one.get("volumeMounts", [])}
        for name in sorted(mounted - set(volumes) - claimed):
            yield f"mounts {name}, and there is no such volume"
        for name in sorted(set(volumes) - mounted):
            yield f"volume {name} is not mounted"
        for volume in volumes.values():
            secret = volume.get("secret", {}).get("secretName")
            if secret and secret not in self._secrets:
                yield f"there is no secret {secret}"
            parts = [volume, *volume.get("projected", {}).get("sources", [])]
            for named in [part["configMap"]["name"] for part in parts if "configMap" in part]:
                if named not in self._names("ConfigMap"):
                    yield f"there is no ConfigMap {named}"
            claim = volume.get("persistentVolumeClaim", {}).get("claimName")
            if claim and claim not in self._names("PersistentVolumeClaim"):
                yield f"there is no claim {claim}"

    def _service(self, each: Document) -> Iterator[str]:
        spec = each["spec"]
        if spec.get("type") == "ExternalName":
            return
        chosen = [one for one in self._workloads if _matches({"matchLabels": spec["selector"]}, _labels(one))]
        if not chosen:
            yield "selects no pod"
        for workload in chosen:
            held = [port for one in workload["spec"]["template"]["spec"]["containers"] for port in one.get("ports", [])]
            there = {port["name"] for port in held} | {port["containerPort"] for port in held}
            for port in spec["ports"]:
                if port.get("targetPort", port["port"]) not in there:
                    yield f"port {port['name']} leads nowhere"

    def _selects(self, selector: Document) -> Iterator[str]:
        if not any(_matches(selector, _labels(each)) for each in self._workloads) and not self._is_elsewhere(selector):
            yield f"selects no pod: {selector}"

    def _is_elsewhere(self, selector: Document) -> bool:
        """Postgres and its pooler may be somebody else's: policies for them do no harm."""
        return selector.get("matchLabels", {}).get(NAME) in {"postgres", "pgbouncer"}

    def _reaches(self, spec: Document) -> Iterator[str]:
        for side, peers in (("ingress", "from"), ("egress", "to")):
            for rule in spec.get(side, []):
                if not rule.get(peers) or not rule.get("ports"):
                    yield f"{side}: a rule without {peers} or ports is open to all"

    def _scaled(self, each: Document) -> Iterator[str]:
        try:
            spec = _ScaledObjectSpec.model_validate(each["spec"])
        except ValidationError as error:
            yield from (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            return
        if spec.scaleTargetRef.name not in self._names("Deployment"):
            yield f"scales {spec.scaleTargetRef.name}, which is no Deployment"
        for trigger in spec.triggers:
            yield from self._trigger(spec, trigger)

    def _trigger(self, spec: _ScaledObjectSpec, trigger: _Trigger) -> Iterator[str]:
        told, wanted = set(trigger.metadata), _TRIGGERS.get(trigger.type)
        if told != wanted:
            yield f"trigger {trigger.type} is told {sorted(told)} and wants {sorted(wanted or [])}"
            return
        if trigger.type != "nats-jetstream":
            return
        of = trigger.metadata
        durable = next((each for each in CONSUMERS if each.durable == of["consumer"]), None)
        if durable is None or durable.stream != of["stream"] or of["account"] != "$G":
            yield f"there is no consumer {of['consumer']} of stream {of['stream']} in account {of['account']}"
        elif spec.maxReplicaCount * WORKERS > durable.max_ack_pending:
            yield f"more than {durable.max_ack_pending // WORKERS} replicas get no messages: max_ack_pending"
        service, *_ = of["natsServerMonitoringEndpoint"].partition(".")
        if service not in self._names("Service") and "nats" in self._names("StatefulSet"):
            yield f"there is no service {service}"

    def _unknown_settings(self, names: Iterable[str]) -> Iterator[str]:
        for name in names:
            if name.removesuffix("_FILE") not in self._settings:
                yield f"no service has a setting {name}"

    def _connections(self) -> Iterator[str]:
        """Whether all replicas that may come hold no more connections than Postgres, or its pooler, lets them have."""
        configured = self._configuration()
        if "pgbouncer" in self._names("Deployment"):
            return
        pool = int(configured.get("DATABASE_POOL_SIZE", "10"))
        most = {
            each["spec"]["scaleTargetRef"]["name"]: each["spec"]["maxReplicaCount"] for each in self._of("ScaledObject")
        }
        replicas = sum(most.get(name, self._replicas(name)) + 1 for name in _KEEPING)
        wanted = pool * replicas
        if self._names("Deployment") >= set(_KEEPING) and wanted + RESERVED_CONNECTIONS > POSTGRES_CONNECTIONS:
            yield (
                f"connections: {replicas} replicas, with one more of each while they are replaced, may hold {wanted},"
                f" and Postgres has {POSTGRES_CONNECTIONS}: add the pooler or lower DATABASE_POOL_SIZE"
            )

    def _replicas(self, name: str) -> int:
        return sum(
            each["spec"].get("replicas", 1) for each in self._of("Deployment") if each["metadata"]["name"] == name
        )

    def _configuration(self) -> dict[str, str]:
        ours = [each for each in self._of("ConfigMap") if "SECRETS_DIR" in each.get("data", {})]
        return dict(ours[0]["data"]) if ours else {}

    def _scaled_names(self) -> set[str]:
        return {each["spec"]["scaleTargetRef"]["name"] for each in self._of("ScaledObject")}

    def _of(self, *kinds: str) -> list[Document]:
        return [each for each in self._documents if each["kind"] in kinds]

    def _names(self, kind: str) -> frozenset[str]:
        return frozenset(each["metadata"]["name"] for each in self._of(kind))


def _labels(workload: Document) -> dict[str, str]:
    labels: dict[str, str] = workload["spec"]["template"]["metadata"]["labels"]
    return labels


def _matches(selector: Document, labels: dict[str, str]) -> bool:
    return bool(selector.get("matchLabels", {}).items() <= labels.items())


def _hardening(pod: Document, container: Document) -> Iterator[str]:
    if pod.get("runAsNonRoot") is not True or not pod.get("runAsUser"):
        yield "may run as root"
    if pod.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "has no seccomp profile"
    if container.get("allowPrivilegeEscalation") is not False:
        yield "may gain privileges"
    if container.get("readOnlyRootFilesystem") is not True:
        yield "may write to its image"
    if container.get("capabilities", {}).get("drop") != ["ALL"] or container["capabilities"].get("add"):
        yield "has capabilities"


def _resources(resources: Document) -> Iterator[str]:
    try:
        asked = {name: amount(value) for name, value in resources.get("requests", {}).items()}
        most = {name: amount(value) for name, value in resources.get("limits", {}).items()}
    except ValueError as error:
        yield f"{error} is no quantity"
        return
    if not {"cpu", "memory"} <= set(asked) or "memory" not in most:
        yield "says not what it needs and takes at most"
    for name in asked:
        if asked[name] > most.get(name, asked[name]):
            yield f"asks for more {name} than it may have"


def _probes(container: Document, ports: dict[str, int]) -> Iterator[str]:
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        probe = container.get(name)
        if probe is None:
            yield f"has no {name}"
            continue
        if probe.get("timeoutSeconds", 1) <= TIMEOUT:
            yield f"{name} gives up sooner than a test of a part"
        for way in ("httpGet", "tcpSocket"):
            port = probe.get(way, {}).get("port")
            if port is not None and port not in ports and port not in ports.values():
                yield f"{name} asks port {port}, which is not there"
