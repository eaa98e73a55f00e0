"""Everything on one machine: embedded NATS and Postgres, the provisioner, and every installed service.

Restarts what dies, and what gives no sign of life, after a delay that grows with each death in a row. Synchronous on
purpose: children get their death signal from the thread that spawned them, which has to be the main one.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from runtime.installed import installed_services
from runtime.permissions import nats_user

from devkit.embedded import EmbeddedNats, EmbeddedPostgres, EmbeddedServerError
from devkit.embedded.process import current_account, free_port, require_free_port, spawn
from devkit.embedded.server import EmbeddedServer
from devkit.folder import kept_secrets, require_epoch, require_folder
from devkit.vitals import Vitals, answers_http, answers_nats, answers_postgres

DATABASE = "parley"
FIRST_DELAY, LONGEST_DELAY = 0.3, 15.0
"""Seconds before a service is started again; doubled with each death in a row."""
STEADY_SECONDS = 10.0
"""A service that ran this long was fine: its next death counts as the first."""
STOP_SECONDS = 10.0
SILENT_SECONDS = 30.0
"""What gave no sign of life for so long is started again."""
REFUSING_SECONDS = 10.0
"""A broker that cannot store messages for so long is started again, once there is space: it never recovers alone."""
SPACE_BYTES = 64 * 1024**2
FIRST_PAUSE, LONGEST_PAUSE = 20.0, 900.0
"""Seconds until the broker may be started again for the same reason; doubled each time."""
POLL_SECONDS = 0.05

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


@dataclass
class Retry:
    """When something may be tried again: later each time."""

    pause: float
    longest: float
    due: float = 0.0

    @property
    def is_due(self) -> bool:
        """Whether it is time."""
        return time.monotonic() >= self.due

    def again(self) -> None:
        """It was tried now."""
        self.due = time.monotonic() + self.pause
        self.pause = min(self.pause * 2, self.longest)


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
        self._kept: Mapping[str, str] = {}
        self._vitals: Vitals | None = None
        self._starts: dict[str, Retry] = {}
        self._refusals = Retry(FIRST_PAUSE, LONGEST_PAUSE)
        self._provisions = Retry(FIRST_DELAY, LONGEST_PAUSE)

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        """The database, as its owner."""
        return self.postgres.url(DATABASE)

    @property
    def health_ports(self) -> dict[str, int]:
        """Where the services other than the gateway say whether they are ready; another port after a restart."""
        others = ((name, child.env) for name, child in self.children.items() if name != "gateway")
        return {name: port for name, env in others if (port := int(env["HEALTH_PORT"] or 0))}

    def start(self) -> None:
        """Start the servers, provision them, start every service. Raises EmbeddedServerError."""
        require_free_port(self.port, "the gateway")
        require_folder(self.data_dir)
        require_epoch(self.data_dir)
        kept = self._kept = kept_secrets(self.data_dir / "secrets.json")
        # The gateway last: it answers only when it is asked, and then the others should be there.
        names = sorted(installed_services(), key=lambda name: name == "gateway")
        self.nats.users = [nats_user(name, kept["service_password"]) for name in names]
        self.nats.start()
        self.postgres.start()
        self._provision()
        for name in names:
            self.children[name] = Child(name, self._environment(name, kept))
            self._start_child(self.children[name])
        ports = {name: int(child.env["HEALTH_PORT"] or 0) for name, child in self.children.items()}
        looks = {name: answers_http(port) for name, port in ports.items() if port}
        looks |= {
            self.nats.name: answers_nats(self.nats.port),
            self.postgres.name: answers_postgres(self.postgres.port),
        }
        self._vitals = Vitals(looks, self.nats.url)
        self._vitals.start()

    def look_after(self) -> None:
        """Restart what died, or fell silent, and is due."""
        for server in (self.nats, self.postgres):
            if not server.alive:
                self._start_again(server, "stopped")
            elif self._is_silent(server.name):
                self._start_again(server, f"gave no sign of life for {SILENT_SECONDS:g} s")
        self._look_after_what_the_broker_stores()
        for child in self.children.values():
            if child.process is not None and child.process.poll() is None and self._is_silent(child.name):
                self._say(f"{child.name} gave no sign of life for {SILENT_SECONDS:g} s")
                child.process.kill()
                child.process.wait()
            if child.process is not None and child.process.poll() is not None:
                self._note_death(child)
            if child.process is None and time.monotonic() >= child.due:
                self._start_child(child)

    def _is_silent(self, name: str) -> bool:
        return self._vitals is not None and self._vitals.silent(name) >= SILENT_SECONDS

    def _start_again(self, server: EmbeddedServer, why: str) -> None:
        """With its data. One that does not come up is tried again later, and nothing else is stopped for it."""
        retry = self._starts.setdefault(server.name, Retry(FIRST_DELAY, LONGEST_DELAY))
        if not retry.is_due:
            return
        retry.again()
        self._say(f"{server.name} {why}; starting it again with its data")
        server.kill()
        try:
            server.start()
        except EmbeddedServerError as error:
            self._say(f"{server.name} does not start. {str(error).splitlines()[0]}")
            return
        del self._starts[server.name]
        if self._vitals is not None:
            self._vitals.forgive(server.name)

    def _look_after_what_the_broker_stores(self) -> None:
        """A broker that failed to write refuses for ever; streams may be gone, or end before their consumers do."""
        vitals = self._vitals
        if vitals is None or not self.nats.alive:
            return
        if vitals.refusing >= REFUSING_SECONDS and self._refusals.is_due and self._has_space():
            self._refusals.again()
            self._start_again(self.nats, "could not store messages, and there is space again")
            vitals.refusing = 0.0
        if vitals.unprovisioned and self._provisions.is_due:
            self._provisions.again()
            self._say("streams or consumers are missing or damaged; making them anew")
            self._provision(check=False)
            vitals.unprovisioned = False
        if not vitals.refusing and not vitals.unprovisioned and self._refusals.is_due and self._provisions.is_due:
            self._refusals, self._provisions = Retry(FIRST_PAUSE, LONGEST_PAUSE), Retry(FIRST_DELAY, LONGEST_PAUSE)

    def _has_space(self) -> bool:
        return shutil.disk_usage(self.data_dir).free >= SPACE_BYTES

    def stop(self) -> None:
        """Stop the services, then the servers; nothing is left."""
        if self._vitals is not None:
            self._vitals.stop()
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
        if child.deaths and "HEALTH_PORT" not in os.environ | self._env:
            self._choose_health_port(child)
        child.process = spawn(
            [sys.executable, "-m", self._modules.get(child.name, child.name)],
            output=self._output or sys.stdout.buffer,
            death_signal=signal.SIGKILL,
            account=current_account(),
            env=child.env,
        )
        child.started = time.monotonic()
        if self._vitals is not None:
            self._vitals.forgive(child.name)

    def _choose_health_port(self, child: Child) -> None:
        """Another one: somebody else may have taken the first, between its choice and the service's start."""
        port = free_port()
        child.env["HEALTH_PORT"] = str(port)
        if self._vitals is not None:
            self._vitals.look_at(child.name, answers_http(port))

    def _note_death(self, child: Child) -> None:
        assert child.process is not None
        if time.monotonic() - child.started > STEADY_SECONDS:
            child.deaths = 0
        delay = min(FIRST_DELAY * 2**child.deaths, LONGEST_DELAY)
        self._say(f"{child.name} ended with {child.process.returncode}; starting it again in {delay:g} s")
        child.deaths += 1
        child.process = None
        child.due = time.monotonic() + delay

    def _provision(self, *, check: bool = True) -> None:
        env = (
            os.environ
            | self._env
            | {
                "NATS_URL": self.nats.url,
                "DATABASE_ADMIN_URL": self.database_url,
                "SERVICE_DB_PASSWORD": self._kept["service_password"],
            }
        )
        subprocess.run([sys.executable, "-m", "runtime", "provision", "--create-database"], env=env, check=check)

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
