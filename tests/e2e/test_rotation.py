"""Every secret is changed while people talk, as docs/operations.md has it: nobody is told to come back, nothing that
was said is lost, and what the secrets were before opens nothing afterwards."""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import asyncpg
import jwt
import nats
import pytest
from devkit.embedded import EmbeddedPostgres, free_port
from devkit.embedded.process import HOST, current_account, spawn
from runtime.cli import main as parley
from runtime.installed import installed_services
from runtime.nats_users import ADMIN
from runtime.sql.migrations import SECOND

from tests.person import ANSWER, Person, until
from tools.paths import ROOT

DATABASE = "parley"
ROLES = ("gateway", "session", "documents")
CV = "Anne Example\n\nExperience\n\nNurse, Northwind, 2019 to 2024\n- Moved the call bells.\n"
PAUSE = 0.3
"""Seconds between two things that somebody does."""
PRODUCTION = {
    "ENV": "production",
    "ALLOW_ANONYMOUS": "true",
    "DRAIN_SECONDS": "0.5",
    "LOG_LEVEL": "WARNING",
    **{f"RATE_LIMIT_{kind}": "0" for kind in ("AUTH", "WRITE", "READ", "POLL", "ADDRESS", "UPLOAD")},
}


def passwords(*names: str) -> dict[str, str]:
    """A new one for each name."""
    return {name: secrets.token_hex(24) for name in names}


def second(name: str) -> str:
    return name + SECOND.upper()


NATS_FIRST = [f"NATS_PASSWORD_{name.upper()}" for name in installed_services()]
ROLES_FIRST = [f"DATABASE_PASSWORD_{name.upper()}" for name in ROLES]


class Broker:
    """NATS with the configuration of `deploy/nats`, but for its places, and with passwords in a file."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "data").mkdir(parents=True)
        text = (ROOT / "deploy/nats/nats.conf").read_text()
        places = {"0.0.0.0:4222": f"{HOST}:{self.port}", "127.0.0.1:8222": f"{HOST}:{free_port()}"}
        for place, ours in (places | {"/data": str(folder / "data")}).items():
            assert place in text
            text = text.replace(place, ours)
        (folder / "nats.conf").write_text(text)

    @property
    def url(self) -> str:
        return f"nats://{HOST}:{self.port}"

    def set(self, held: dict[str, str], *options: str) -> None:
        """Users as `parley nats-config` writes them; a server that runs reads them again, and is not restarted."""
        printed = io.StringIO()
        with redirect_stdout(printed), suppress(SystemExit):
            parley(["nats-config", "--passwords", "passwords.conf", *options])
        users = printed.getvalue()
        passwords = [f'{name}: "{value}"\n' for name, value in held.items() if f"${name}" in users]
        (self._folder / "passwords.conf").write_text("".join(passwords))
        (self._folder / "users.conf").write_text(users)
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def start(self) -> None:
        server = str(Path(sys.executable).with_name("nats-server"))
        with (self._folder / "log").open("ab") as output:
            self._process = spawn(
                [server, "-c", str(self._folder / "nats.conf")],
                output=output,
                death_signal=signal.SIGKILL,
                account=current_account(),
            )

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)


@dataclass
class Replica:
    """A process of a service."""

    process: subprocess.Popen[bytes]
    health: str
    url: str

    def is_ready(self) -> bool:
        assert self.process.poll() is None, "it does not start"
        return bool(urlopen(f"{self.health}/health/ready", timeout=5).status == 200) and bool(
            urlopen(f"{self.health}/health", timeout=5).status == 200
        )


@dataclass
class Cluster:
    """Every service with secrets in files, as Kubernetes mounts them, and what spreads requests over gateways."""

    folder: Path
    secrets: dict[str, dict[str, str]]
    """By service; what a replica reads when it starts."""
    running: dict[str, list[Replica]] = field(default_factory=dict)
    _turns: Iterator[int] = field(default_factory=itertools.count)

    def url(self) -> str:
        """The gateway whose turn it is."""
        gateways = self.running["gateway"]
        return gateways[next(self._turns) % len(gateways)].url

    def roll(self, *names: str, while_both_work: Callable[[], None] = lambda: None) -> None:
        """New replicas with the secrets of now, beside the old ones at first; then the old ones end."""
        new = {name: [self._start(name)] for name in names}
        for each in itertools.chain(*new.values()):
            until(each.is_ready, 60)
        old = {name: self.running.get(name, []) for name in names}
        self.running |= {name: old[name] + new[name] for name in names}
        while_both_work()
        self.running |= new
        for each in itertools.chain(*old.values()):
            each.process.terminate()
        for each in itertools.chain(*old.values()):
            assert each.process.wait(45) == 0

    def stop(self) -> None:
        """All of them."""
        for each in itertools.chain(*self.running.values()):
            each.process.kill()
            each.process.wait()

    def _start(self, name: str) -> Replica:
        mounted = self.folder / f"{name}-{secrets.token_hex(4)}"
        mounted.mkdir()
        for key, value in self.secrets[name].items():
            (mounted / key).write_text(f"{value}\n")
        port, health = free_port(), free_port()
        places = {"SECRETS_DIR": str(mounted), "PORT": str(port), "HEALTH_PORT": str(health)}
        with (self.folder / f"{name}.log").open("ab") as output:
            process = spawn(
                [sys.executable, "-m", name],
                output=output,
                death_signal=signal.SIGKILL,
                account=current_account(),
                env=os.environ | PRODUCTION | {"PARLEY_MODELS_DIR": str(self.folder / "models")} | places,
            )
        return Replica(process, f"http://{HOST}:{health}", f"http://{HOST}:{port}")


class Candidate(Person):
    """Somebody who goes from one interview to the next; `said` is what was answered in each."""

    def __init__(self, url: Callable[[], str]) -> None:
        super().__init__(url)
        self.said: dict[str, list[str]] = {}
        self._over = True

    def talk(self, number: int) -> None:
        """One more answer."""
        if self._over:
            self.said[self.begin(12)] = []
        self.said[self.headers["X-Session-ID"]].append(ANSWER.format(number))
        self._over = self.say(number)["response_type"] == "closing"

    def recorded(self) -> dict[str, list[str]]:
        """What is known of it."""
        found = {}
        for session in self.said:
            self.headers["X-Session-ID"] = session
            found[session] = [each["content"] for each in self.history() if each["role"] == "user"]
        return found


class Talkers:
    """People who do something all the time, each in a thread; `done` counts what each has done."""

    def __init__(self) -> None:
        self.done: dict[str, int] = {}
        self.failed: list[str] = []
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def add(self, name: str, act: Callable[[int], object]) -> None:
        self.done[name] = 0

        def go_on() -> None:
            try:
                while not self._over.is_set():
                    act(self.done[name])
                    self.done[name] += 1
                    time.sleep(PAUSE)
            except HTTPError as error:
                self.failed.append(f"{name}: {error.code} {error.read().decode()}")
            except Exception as error:
                self.failed.append(f"{name}: {error!r}")

        self._threads.append(threading.Thread(target=go_on, name=name, daemon=True))
        self._threads[-1].start()

    def go_on(self) -> None:
        """Wait until each has done two things more."""
        before = dict(self.done)
        until(lambda: bool(self.failed) or all(self.done[name] >= before[name] + 2 for name in before), 60)
        assert self.failed == []

    def stop(self) -> None:
        self._over.set()
        for each in self._threads:
            each.join(60)


@pytest.fixture
def cleanup() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def provision(broker: Broker, postgres: EmbeddedPostgres, environment: dict[str, str]) -> None:
    places = {"NATS_URL": broker.url, "NATS_ADMIN_USER": ADMIN, "DATABASE_ADMIN_URL": postgres.url(DATABASE)}
    command = [sys.executable, "-m", "runtime", "provision", "--create-database"]
    subprocess.run(command, env=os.environ | places | environment, check=True, capture_output=True)


def logins(
    broker: Broker, postgres: EmbeddedPostgres, held: dict[str, str], suffix: str = ""
) -> dict[str, dict[str, str]]:
    """What each service logs in with: its first logins, or the second ones."""
    found = {}
    for name in installed_services():
        key = f"_PASSWORD_{name.upper()}{suffix.upper()}"
        found[name] = {"NATS_URL": broker.url, "NATS_USER": name + suffix, "NATS_PASSWORD": held[f"NATS{key}"]}
        if name in ROLES:
            url = postgres.url(DATABASE, f"parley_{name}{suffix}", held[f"DATABASE{key}"])
            found[name]["DATABASE_URL"] = url
    return found


async def refused(login: dict[str, str]) -> list[str]:
    """Which of a service's logins open nothing."""
    closed = []
    try:
        connection = await nats.connect(
            login["NATS_URL"], user=login["NATS_USER"], password=login["NATS_PASSWORD"], allow_reconnect=False
        )
        await connection.close()
    except nats.errors.Error:
        closed.append("NATS_PASSWORD")
    if "DATABASE_URL" in login:
        try:
            await (await asyncpg.connect(login["DATABASE_URL"])).close()
        except asyncpg.InvalidAuthorizationSpecificationError:  # also a wrong password
            closed.append("DATABASE_URL")
    return closed


def signed_with(person: Person, secret: str) -> bool:
    token = person.headers["Authorization"].removeprefix("Bearer ")
    with suppress(jwt.InvalidSignatureError):
        return bool(jwt.decode(token, secret, algorithms=["HS256"]))
    return False


@pytest.mark.timeout(300)
def test_all_secrets_change_while_people_talk(tmp_path: Path, cleanup: ExitStack) -> None:
    held = passwords("NATS_ADMIN_PASSWORD", *NATS_FIRST, *ROLES_FIRST)
    key, next_key = secrets.token_hex(32), secrets.token_hex(32)
    postgres = cleanup.enter_context(EmbeddedPostgres(tmp_path / "postgres"))
    broker = Broker(tmp_path / "nats")
    broker.set(held)
    broker.start()
    cleanup.callback(broker.stop)
    provision(broker, postgres, held)
    before = logins(broker, postgres, held)
    cluster = Cluster(tmp_path, before | {"gateway": before["gateway"] | {"JWT_SECRET": key}})
    cleanup.callback(cluster.stop)
    cluster.roll(*installed_services())

    anne, ben, clare = Candidate(cluster.url), Candidate(cluster.url), Person(cluster.url)
    anne.register()
    clare.register()
    talkers = Talkers()
    cleanup.callback(talkers.stop)
    talkers.add("Anne", lambda number: (anne.talk(number), anne("GET", "/auth/me"), anne.history()))
    talkers.add("Ben", lambda number: (ben.talk(number), ben("GET", "/interview/stats")))
    talkers.add("Clare", lambda _: reads_and_forgets(clare))
    talkers.add("newcomers", lambda _: comes(Person(cluster.url)))
    talkers.go_on()

    # A second login for each; all gateways know the key that will sign.
    held |= passwords(*map(second, NATS_FIRST + ROLES_FIRST))
    broker.set(held, "--second")
    provision(broker, postgres, held)
    beside = logins(broker, postgres, held, SECOND)
    cluster.secrets = beside | {"gateway": beside["gateway"] | {"JWT_SECRET": key, "JWT_SECRET_PREVIOUS": next_key}}
    cluster.roll(*installed_services(), while_both_work=talkers.go_on)

    # Nobody uses the first logins: they get other passwords, and the gateway goes back to its own. The other key signs.
    held |= passwords(*NATS_FIRST, *ROLES_FIRST)
    broker.set(held, "--second")
    provision(broker, postgres, held)
    after = logins(broker, postgres, held)
    cluster.secrets["gateway"] = after["gateway"] | {"JWT_SECRET": next_key, "JWT_SECRET_PREVIOUS": key}
    cluster.roll("gateway", while_both_work=talkers.go_on)
    talkers.go_on()
    newcomer = Person(cluster.url)
    newcomer.register()
    talkers.stop()
    assert talkers.failed == []
    assert [each.asked_again for each in (anne, ben, clare)] == [0, 0, 0]
    assert anne.recorded() == anne.said and ben.recorded() == ben.said
    assert signed_with(anne, key) and signed_with(newcomer, next_key)
    for name in installed_services():
        every = [kind for kind in ("NATS_PASSWORD", "DATABASE_URL") if kind in after[name]]
        told = [asyncio.run(refused(each[name])) for each in (before, beside, after)]
        assert told == [every, [], []], name


def comes(person: Person) -> None:
    """An account whose token all gateways take."""
    person.register()
    for _ in range(4):
        person("GET", "/auth/me")
    assert person.asked_again == 0


def reads_and_forgets(person: Person) -> None:
    """A document, whose file goes through the object store."""
    document = person.upload(CV)
    deadline = time.monotonic() + 60
    while not person.has_been_read(document):
        assert time.monotonic() < deadline, "it is not read"
        time.sleep(PAUSE)
    person("DELETE", f"/api/v1/documents/{document}")
