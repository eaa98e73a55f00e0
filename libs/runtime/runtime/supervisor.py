"""Everything on one machine: embedded NATS and Postgres, the provisioner, and every installed service.

Restarts what dies, after a delay that grows with each death in a row. Synchronous on purpose: children get
their death signal from the thread that spawned them, which has to be the main one.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from types import FrameType
from typing import IO

from runtime.embedded import EmbeddedNats, EmbeddedPostgres
from runtime.embedded.process import current_account, free_port, require_free_port, spawn
from runtime.permissions import nats_user

DATABASE = "parley"
FIRST_DELAY, LONGEST_DELAY = 0.3, 15.0
"""Seconds before a service is started again; doubled with each death in a row."""
STEADY_SECONDS = 10.0
"""A service that ran this long was fine: its next death counts as the first."""
STOP_SECONDS = 10.0
_POLL_SECONDS = 0.05

Say = Callable[[str], None]


@dataclass
class Child:
    """One service process."""

    name: str
    env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    due: float = field(default=0.0)
    """When it is to be started (on the monotonic clock)."""


def installed_services() -> list[str]:
    """Names of the services in this environment, the gateway last."""
    names = {entry.name for entry in entry_points(group="parley.services")}
    return sorted(names, key=lambda name: (name == "gateway", name))


class Supervisor:
    """Runs Parley in `data_dir`, with the gateway on `port`.

    `env` adds to every service's environment, `say` takes one line per event, `output` the services' own
    output (by default this process's). `modules` runs another module in a service's place.
    """

    def __init__(
        self,
        data_dir: Path,
        port: int,
        *,
        env: Mapping[str, str] | None = None,
        say: Say = print,
        output: IO[bytes] | None = None,
        modules: Mapping[str, str] | None = None,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.port = port
        self.nats = EmbeddedNats(self.data_dir / "nats")
        self.postgres = EmbeddedPostgres(self.data_dir / "postgres")
        self.children: dict[str, Child] = {}
        self._env = dict(env or {})
        self._say = say
        self._output = output
        self._modules = dict(modules or {})

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        """The database, as its owner."""
        return self.postgres.url(DATABASE)

    @property
    def health_ports(self) -> list[int]:
        """Where the services other than the gateway say whether they are ready."""
        others = (child.env for name, child in self.children.items() if name != "gateway")
        return [port for env in others if (port := int(env["HEALTH_PORT"] or 0))]

    def start(self) -> None:
        """Start the servers, provision them, start every service. Raises EmbeddedServerError."""
        require_free_port(self.port, "the gateway")
        self.data_dir.mkdir(parents=True, exist_ok=True)
        kept = _kept_secrets(self.data_dir / "secrets.json")
        names = installed_services()
        self.nats.users = [nats_user(name, kept["service_password"]) for name in names]
        self.nats.start()
        self.postgres.start()
        self._provision(kept)
        for name in names:
            self.children[name] = Child(name, self._environment(name, kept))
            self._start_child(self.children[name])

    def run(self, until: Callable[[], bool]) -> None:
        """Look after everything until `until` says so."""
        while not until():
            self.look_after()
            time.sleep(_POLL_SECONDS)

    def look_after(self) -> None:
        """Restart what died and is due."""
        for server in (self.nats, self.postgres):
            if not server.alive:
                self._say(f"{server.name} stopped; starting it again with its data")
                server.kill()
                server.start()
        for child in self.children.values():
            if child.process is not None and child.process.poll() is not None:
                self._note_death(child)
            if child.process is None and time.monotonic() >= child.due:
                self._start_child(child)

    def stop(self) -> None:
        """Stop the services, then the servers; nothing is left."""
        running = [child.process for child in self.children.values() if child.process]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.children.clear()
        self.postgres.stop()
        self.nats.stop()

    def _start_child(self, child: Child) -> None:
        child.process = spawn(
            [sys.executable, "-m", self._modules.get(child.name, child.name)],
            output=self._output or sys.stdout.buffer,
            death_signal=signal.SIGKILL,
            account=current_account(),
            env=child.env,
        )
        child.started = time.monotonic()

    def _note_death(self, child: Child) -> None:
        assert child.process is not None
        if time.monotonic() - child.started > STEADY_SECONDS:
            child.deaths = 0
        delay = min(FIRST_DELAY * 2**child.deaths, LONGEST_DELAY)
        self._say(f"{child.name} ended with {child.process.returncode}; starting it again in {delay:g} s")
        child.deaths += 1
        child.process = None
        child.due = time.monotonic() + delay

    def _provision(self, kept: Mapping[str, str]) -> None:
        env = (
            os.environ
            | self._env
            | {
                "NATS_URL": self.nats.url,
                "DATABASE_ADMIN_URL": self.database_url,
                "SERVICE_DB_PASSWORD": kept["service_password"],
            }
        )
        subprocess.run([sys.executable, "-m", "runtime", "provision", "--create-database"], env=env, check=True)

    def _environment(self, name: str, kept: Mapping[str, str]) -> dict[str, str]:
        password = kept["service_password"]
        defaults = {"JWT_SECRET": kept["jwt_secret"], "HEALTH_PORT": str(free_port())}
        fixed = {
            "NATS_URL": self.nats.address,
            "NATS_USER": name,
            "NATS_PASSWORD": password,
            "DATABASE_URL": self.postgres.url(DATABASE, f"parley_{name}", password),
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
        }
        return defaults | dict(os.environ) | self._env | fixed


def _kept_secrets(path: Path) -> dict[str, str]:
    """Secrets of this installation, made up the first time; readable by its owner only."""
    if not path.exists():
        made_up = {"jwt_secret": secrets.token_hex(32), "service_password": secrets.token_hex(24)}
        draft = path.with_name(f"{path.name}.new")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(made_up))
        draft.rename(path)
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


def up(data_dir: Path, port: int, modules: Mapping[str, str] | None = None) -> int:
    """Run until Ctrl-C or SIGTERM; the process's exit code."""
    stopping: list[int] = []

    def on_signal(number: int, _: FrameType | None) -> None:
        stopping.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    supervisor = Supervisor(data_dir, port, say=_say, modules=modules)
    try:
        supervisor.start()
        _wait_until_ready(supervisor, stopping)
        supervisor.run(lambda: bool(stopping))
    finally:
        _say("stopping")
        supervisor.stop()
    return 0


def _wait_until_ready(supervisor: Supervisor, stopping: list[int]) -> None:
    began = time.monotonic()
    waiting = [supervisor.port, *supervisor.health_ports]
    while not stopping and waiting:
        supervisor.look_after()
        waiting = [port for port in waiting if not _is_ready(port)]
        time.sleep(_POLL_SECONDS)
    if not stopping:
        seconds = time.monotonic() - began
        _say(f"Parley is ready after {seconds:.1f} s: open {supervisor.url} (its data: {supervisor.data_dir})")


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} parley      {line}", flush=True)
