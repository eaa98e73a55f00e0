"""Parley in containers, as the repository's compose file has it, for tests and benchmarks. Needs a container engine."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

from devkit.embedded import free_port

SERVICES = ("gateway", "session", "interviewer", "coach", "documents", "speech")
READY_SECONDS = 180.0
NATS_WITH_A_SHELL = """
FROM python:3.11-slim
COPY --from=nats:2 /nats-server /usr/local/bin/nats-server
ENTRYPOINT ["nats-server"]
"""
"""The image without a suffix has none, so that nothing in it could tell how the server is."""
DEBIANS_CADDY = """
FROM python:3.11-slim
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends caddy wget >/dev/null
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
ENTRYPOINT ["caddy", "run", "--config", "/etc/caddy/Caddyfile"]
"""
"""Of the same paths as the official image, with the program that its test of health asks for."""
_STAND_INS = {"NATS_IMAGE": ("nats", NATS_WITH_A_SHELL), "PROXY_IMAGE": ("proxy", DEBIANS_CADDY)}
_IS_READY = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8001/health/ready', timeout=5)"


class ContainerError(Exception):
    """A command of the engine failed; its text has the end of what it printed."""


def engine(*command: str | Path, folder: Path | None = None, variables: Mapping[str, str] = {}, text: str = "") -> str:
    """What a command prints, such as `docker inspect ...`. Raises ContainerError."""
    done = subprocess.run(
        command, cwd=folder, env=os.environ | variables, input=text, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ContainerError(f"{' '.join(map(str, command))}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout.strip()


@dataclass(frozen=True)
class Compose:
    """A Parley of two gateways behind a proxy. Project, ports and images are its own; `variables` are compose's."""

    root: Path
    """Where the compose file is."""
    variables: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    proxy_port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    project: str = field(default_factory=lambda: f"parley-test-{uuid4().hex[:8]}")

    @property
    def url(self) -> str:
        """Where the first gateway answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def proxy_url(self) -> str:
        """Where both do."""
        return f"http://127.0.0.1:{self.proxy_port}"

    def __call__(self, *arguments: str) -> str:
        """The output of a compose command, by version 1 or 2, whichever is there. Raises ContainerError."""
        own = {
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_PROFILES": "proxy",
            "PORT": str(self.port),
            "HTTP_PORT": str(self.proxy_port),
            "HTTPS_PORT": str(self.tls_port),
            "SITE_ADDRESS": ":80",
        }
        own |= {variable: self._image(name) for variable, (name, _) in _STAND_INS.items()}
        program = ("docker-compose",) if shutil.which("docker-compose") else ("docker", "compose")
        return engine(*program, *arguments, folder=self.root, variables=own | dict(self.variables))

    @contextmanager
    def running(self) -> Iterator[None]:
        """From images that are built first; nothing is left of it afterwards."""
        try:
            self("build")
            for name, text in _STAND_INS.values():
                engine("docker", "build", "--quiet", "--tag", self._image(name), "-", text=text)
            self("up", "-d")
            self.wait_until_healthy()
            yield
        finally:
            self._remove()
            for name, _ in _STAND_INS.values():
                engine("docker", "image", "rm", "--force", self._image(name))

    def remove_containers(self) -> None:
        """Of all services, with what is in them; volumes and networks stay."""
        self("rm", "--stop", "--force")

    def _remove(self) -> None:
        try:
            self("down", "--volumes", "--remove-orphans", "--rmi", "local", "--timeout", "5")
        except ContainerError as error:
            if "active endpoints" not in str(error):
                raise
            self._remove_beside_networks()

    def _remove_beside_networks(self) -> None:
        """An engine may miscount the endpoints of containers that were killed and started side by side. It keeps their
        network until it is started anew ("Fixing inconsistent endpoint_cnt"), and compose stops there."""
        of_project = ("--quiet", "--filter", f"label=com.docker.compose.project={self.project}")
        for each in engine("docker", "volume", "ls", *of_project).split():
            engine("docker", "volume", "rm", each)
        for each in engine("docker", "image", "ls", "--quiet", f"{self.project}*").split():
            engine("docker", "image", "rm", "--force", each)

    def containers(self, service: str) -> list[str]:
        """Ids of the containers of a service, of the stopped ones too."""
        return self("ps", "--all", "-q", service).split()

    def wait_until_healthy(self) -> None:
        """Until a turn would succeed by either way. Raises ContainerError with the logs of everything otherwise."""
        deadline = time.monotonic() + READY_SECONDS
        for url in (self.url, self.proxy_url):
            while not _answers(f"{url}/health"):
                if time.monotonic() > deadline:
                    raise ContainerError(f"not healthy after {READY_SECONDS} s:\n{self('logs', '--tail=30')}")
                time.sleep(0.2)

    def restart(self, containers: Sequence[str]) -> None:
        """At once, with the grace of the compose file, until each of them is ready again. Raises ContainerError."""
        command = ("docker", "restart", "--time", "45")
        with ThreadPoolExecutor(len(containers)) as several:  # one command would take them one after the other
            list(several.map(lambda each: engine(*command, each), containers))
        deadline = time.monotonic() + READY_SECONDS
        for each in containers:
            while True:
                try:
                    engine("docker", "exec", each, "python", "-c", _IS_READY)
                    break
                except ContainerError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(1.0)

    def _image(self, name: str) -> str:
        return f"{self.project}-{name}"


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):
            return True
    except (URLError, OSError):
        return False
