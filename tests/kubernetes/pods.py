"""A very small kubelet: runs pods of rendered manifests as containers, with exactly what the manifests say of them.

Users, groups, read-only roots, capabilities, limits of memory, variables, secrets, volumes and probes are the
manifest's; a service is a name in a network, without a balancer. Network policies are kept by the kernel, with
`iptables` in the namespace of each pod, which takes root on the machine of the engine. What Kubernetes itself decides
(scheduling, restarts) is not here.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.kubernetes.policies import Pod, table
from tools.manifests import amount

Document = dict[str, Any]
READY_SECONDS = 120.0


def docker(*arguments: str | Path, check: bool = True) -> str:
    """What a command of the engine prints."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not check, done.stderr
    return (done.stdout if done.returncode == 0 else done.stderr).strip()


def run(*command: str, text: str = "") -> None:
    """A command of this machine, to its end."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + text


@dataclass
class Cluster:
    """Pods in a network of their own. `images` stand in for others, `variables` are put into the pods of a workload."""

    documents: Sequence[Document]
    secrets: Mapping[str, Mapping[str, str]]
    folder: Path
    name: str
    images: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    running: dict[str, Document] = field(default_factory=dict)
    """By the container's name, the workload that it is of."""

    def start(self, name: str, number: int = 0) -> str:
        """One pod of a workload; the container's name."""
        workload = self.workload(name)
        pod = workload["spec"]["template"]["spec"]
        [container] = pod["containers"]
        container_name = f"{self.name}-{name}-{number}"
        docker("rm", "--force", "--volumes", container_name, check=False)
        image = self.images.get(container["image"], container["image"])
        command = [*container.get("command", []), *container.get("args", [])]
        entry = ["--entrypoint", container["command"][0]] if "command" in container else []
        docker(
            "run",
            "--detach",
            *("--name", container_name, "--hostname", f"{name}-{number}", "--network", self.name),
            *(part for alias in self._aliases(workload) for part in ("--network-alias", alias)),
            *self._confined(pod, container),
            *self._environment(name, number, container),
            *self._volumes(workload, container, number),
            *entry,
            image,
            *command[bool(entry) :],
        )
        self.running[container_name] = workload
        self._keep_policies()
        return container_name

    def stop(self, container_name: str, *, kill: bool = False) -> int:
        """As a kubelet does, with the pod's grace; the exit code."""
        grace = self.running.pop(container_name)["spec"]["template"]["spec"].get("terminationGracePeriodSeconds", 30)
        docker(*(("kill",) if kill else ("stop", "--time", str(grace))), container_name)
        code = int(docker("inspect", "--format", "{{.State.ExitCode}}", container_name))
        docker("rm", "--force", "--volumes", container_name)
        return code

    def wait_until_ready(self, container_name: str) -> None:
        """Until each probe that the manifest has passes."""
        container = self.running[container_name]["spec"]["template"]["spec"]["containers"][0]
        deadline = time.monotonic() + READY_SECONDS
        for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
            while not self._passes(container_name, container, container[kind]):
                log = docker("logs", "--tail", "20", container_name, check=False)
                assert time.monotonic() < deadline, f"{container_name}: {kind}\n{log}"
                time.sleep(0.3)

    def address(self, container_name: str) -> str:
        """Its address in the network."""
        return docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container_name)

    def create_network(self) -> None:
        """Where its pods will be."""
        docker("network", "create", self.name)

    def internet(self) -> str:
        """An address that no pod has, and no private network: servers of the test that listen there are the internet to
        the pods. It goes with the network."""
        address = f"203.0.113.{1 + int(self.name[-2:], 16) % 254}"  # for documentation: RFC 5737
        bridge = "br-" + docker("network", "inspect", "--format", "{{.Id}}", self.name)[:12]
        run("ip", "address", "add", f"{address}/32", "dev", bridge)
        return address

    @property
    def node(self) -> str:
        """The address of this machine among the pods."""
        return docker("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", self.name)

    def _keep_policies(self) -> None:
        """Of every pod anew: one that came may have another address than the one that went."""
        found = {each["Name"].removeprefix("/"): each for each in json.loads(docker("inspect", *self.running))}
        living = {each: of for each, of in found.items() if of["State"]["Running"]}
        pods = {each: self._pod(each, of["NetworkSettings"]["Networks"][self.name]) for each, of in living.items()}
        node = self.node
        for each, of in living.items():
            rules = table(self.documents, pods[each].labels, list(pods.values()), node)
            run("nsenter", "--target", str(of["State"]["Pid"]), "--net", "iptables-restore", text=rules)

    def _pod(self, container_name: str, network: Document) -> Pod:
        return Pod(self.running[container_name]["spec"]["template"]["metadata"]["labels"], network["IPAddress"])

    def end(self) -> None:
        """Nothing is left."""
        for each in docker("ps", "--all", "--quiet", "--filter", f"name={self.name}-").split():
            docker("rm", "--force", "--volumes", each, check=False)
        docker("network", "rm", self.name, check=False)

    def workload(self, name: str) -> Document:
        """A Deployment, a StatefulSet or a Job; of a Job without its version."""
        kinds = ("Deployment", "StatefulSet", "Job")
        named = [each for each in self.documents if each["kind"] in kinds]
        return next(each for each in named if each["metadata"]["name"].split("-0-")[0] == name)

    def _aliases(self, workload: Document) -> list[str]:
        labels = workload["spec"]["template"]["metadata"]["labels"].items()
        services = [each for each in self.documents if each["kind"] == "Service"]
        return [each["metadata"]["name"] for each in services if each["spec"]["selector"].items() <= labels]

    def _confined(self, pod: Document, container: Document) -> list[str]:
        of_pod, of_container = pod["securityContext"], container["securityContext"]
        arguments = ["--user", f"{of_pod['runAsUser']}:{of_pod['runAsGroup']}", "--group-add", str(of_pod["fsGroup"])]
        arguments += ["--read-only"] if of_container["readOnlyRootFilesystem"] else []
        arguments += [part for each in of_container["capabilities"]["drop"] for part in ("--cap-drop", each)]
        arguments += ["--security-opt", "no-new-privileges"] if not of_container["allowPrivilegeEscalation"] else []
        memory = str(int(amount(container["resources"]["limits"]["memory"])))
        return [*arguments, "--memory", memory, "--memory-swap", memory]

    def _environment(self, name: str, number: int, container: Document) -> list[str]:
        found: dict[str, str] = {}
        for source in container.get("envFrom", []):
            found |= (
                self.secrets[source["secretRef"]["name"]]
                if "secretRef" in source
                else self._map(source["configMapRef"]["name"])
            )
        for each in container.get("env", []):
            source = each.get("valueFrom", {})
            if "secretKeyRef" in source:
                value = self.secrets[source["secretKeyRef"]["name"]][source["secretKeyRef"]["key"]]
            elif "fieldRef" in source:
                value = f"{name}-{number}"
            else:
                value = each["value"]
                for before, known in found.items():
                    value = value.replace(f"$({before})", known)
            found[each["name"]] = value
        found |= self.variables.get(name, {})
        return [part for variable, value in found.items() for part in ("--env", f"{variable}={value}")]

    def _volumes(self, workload: Document, container: Document, number: int) -> list[str]:
        pod, arguments = workload["spec"]["template"]["spec"], list[str]()
        volumes = {each["name"]: each for each in pod.get("volumes", [])}
        for mount in container.get("volumeMounts", []):
            volume = volumes.get(mount["name"], {})
            if "emptyDir" in volume:
                size = int(amount(volume["emptyDir"]["sizeLimit"]))
                arguments += ["--tmpfs", f"{mount['mountPath']}:mode=1777,size={size}"]
                continue
            place = self.folder / f"{workload['metadata']['name']}-{number}-{mount['name']}"
            place.mkdir(exist_ok=True)
            os.chown(place, pod["securityContext"]["runAsUser"], pod["securityContext"]["fsGroup"])
            for file, text in self._files(volume).items():
                (place / file).write_text(text)
                os.chown(place / file, 0, pod["securityContext"]["fsGroup"])
                (place / file).chmod(volume.get("secret", {}).get("defaultMode", 0o444))
            arguments += ["--volume", f"{place}:{mount['mountPath']}{':ro' if mount.get('readOnly') else ''}"]
        return arguments

    def _files(self, volume: Document) -> dict[str, str]:
        """What Kubernetes puts into a volume of secrets or of configuration."""
        if "secret" in volume:
            return dict(self.secrets[volume["secret"]["secretName"]])
        parts = volume.get("projected", {}).get("sources", []) or [volume]
        return {
            file: text
            for part in parts
            if "configMap" in part
            for file, text in self._map(part["configMap"]["name"]).items()
        }

    def _map(self, name: str) -> dict[str, str]:
        maps = (each for each in self.documents if each["kind"] == "ConfigMap" and each["metadata"]["name"] == name)
        return dict(next(maps)["data"])

    def _passes(self, container_name: str, container: Document, probe: Document) -> bool:
        ports = {each["name"]: each["containerPort"] for each in container.get("ports", [])}
        try:
            if "exec" in probe:
                command = ["docker", "exec", container_name, *probe["exec"]["command"]]
                return subprocess.run(command, capture_output=True, check=False).returncode == 0
            address = self.address(container_name)
            if "tcpSocket" in probe:
                port = ports.get(probe["tcpSocket"]["port"], probe["tcpSocket"]["port"])
                socket.create_connection((address, port), timeout=probe["timeoutSeconds"]).close()
                return True
            asked = probe["httpGet"]
            url = f"http://{address}:{ports.get(asked['port'], asked['port'])}{asked['path']}"
            with urllib.request.urlopen(url, timeout=probe["timeoutSeconds"]) as response:
                return 200 <= response.status < 400
        except (OSError, ValueError):
            return False

    def inspect(self, container_name: str) -> Document:
        """What the engine says of a container."""
        found: Document = json.loads(docker("inspect", container_name))[0]
        return found
