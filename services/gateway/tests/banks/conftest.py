"""The whole application over a real Postgres; only interviews are played."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from contracts.session.asks import Message
from contracts.vocabulary.configuration import SessionConfig
from devkit.fixtures import ROLE_PASSWORD, TestDatabase
from gateway.app import make_app
from gateway.auth.passwords import Passwords
from gateway.auth.service import IdentityService
from gateway.auth.settings import IdentitySettings
from gateway.banks.store import Banks
from gateway.bus.commands import Caller
from gateway.container import Container
from gateway.migrate import migrate
from gateway.settings import GatewaySettings
from gateway.usecases.configuring import Configuring, Wanted
from pydantic import SecretStr
from runtime.sql.migrations import DatabaseAdmin
from sqlalchemy import NullPool
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

PATH = "/api/v1/question-banks"
QUEUES = {
    "text": "Why would you put a queue between two services?",
    "domain": "system_design",
    "difficulty": "hard",
    "expects": [{"point": "Names the trade-off", "cues": ["latency", "durability"]}],
    "follow_ups": ["What happens when the queue is full?"],
}

Sql = Callable[..., Awaitable[list[Any]]]


@dataclass
class Played:
    """Interviews that remember how they were configured."""

    configs: list[SessionConfig | None] = field(default_factory=list)

    async def create(self, caller: Caller, wanted: Wanted) -> UUID:
        self.configs.append(await wanted.complete())
        return uuid4()

    async def start(self, caller: Caller, session_id: UUID, wanted: Wanted | None = None) -> Message:
        self.configs.append(wanted and await wanted.complete())
        return Message(seq=1, role="assistant", content="Welcome.", turn=0, created_at=datetime.now(UTC))

    async def touch(self, session_id: UUID) -> None:
        pass


@dataclass
class Person:
    """Somebody's client; anonymous without a token."""

    app: Any
    send: Any
    token: str | None = None

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request; a body that is no bytes is sent as JSON."""
        login = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.send(self.app, method, path, raw, {**login, **named})

    async def create(self, **fields: Any) -> dict[str, Any]:
        """A bank of this person's."""
        answered = await self.call("POST", PATH, {"name": "Mine", "questions": [QUEUES], **fields})
        assert answered.status == 201, answered.body
        return dict(answered.json)


@pytest.fixture(scope="session")
def migrated(postgres_url: str) -> Iterator[TestDatabase]:
    """One database for all tests here: each makes accounts of its own."""
    name = f"banks_{uuid4().hex[:8]}"
    asyncio.run(execute(postgres_url, f"CREATE DATABASE {name}"))
    database = TestDatabase(make_url(postgres_url).set(database=name).render_as_string(hide_password=False))
    migrate(DatabaseAdmin(database.admin_url, ROLE_PASSWORD))
    yield database
    asyncio.run(execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest_asyncio.fixture
async def database(migrated: TestDatabase) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """As the gateway's own role."""
    engine = create_async_engine(asyncpg(migrated.url("gateway")), hide_parameters=True)
    yield async_sessionmaker(engine, expire_on_commit=False)
    await engine.dispose()


@pytest.fixture
def sql(migrated: TestDatabase) -> Sql:
    """Run a statement as the administrator."""

    async def run(statement: str, *arguments: Any) -> list[Any]:
        return await execute(migrated.admin_url, statement, *arguments)

    return run


@pytest.fixture
def played() -> Played:
    return Played()


@pytest_asyncio.fixture
async def app(database: Any, played: Played, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    for name in (*GatewaySettings.model_fields, *IdentitySettings.model_fields):
        monkeypatch.delenv(name.upper(), raising=False)
    settings = IdentitySettings(jwt_secret=SecretStr("the secret of the tests, " * 3))
    identity = IdentityService(database, settings, Passwords(time_cost=1, memory_kib=64))
    nobody: Any = SimpleNamespace()
    use: Any = played
    banks = Banks(database)
    container = Container(
        settings=GatewaySettings(), identity=identity, tickets=nobody, accounts=nobody, account_deletion=nobody,
        own_logins=nobody,
        interviews=use, queries=use,
        configuring=Configuring(banks, nobody), documents=nobody, named=nobody, numbered=nobody,
        demonstrations=nobody, session_tokens=nobody, speech=nobody, audio_links=nobody, sockets=nobody,
        speech_tasks=nobody, listener=nobody,
        banks=banks, subscriptions=nobody,
        activity=use, probes=nobody, judgements=nobody,
    )  # fmt: skip
    yield make_app(container)
    identity.close()


@pytest.fixture
def anonymous(app: Any, call: Any) -> Person:
    """Somebody without an account."""
    return Person(app, call)


@pytest_asyncio.fixture
async def ada(anonymous: Person) -> Person:
    return await registered(anonymous)


@pytest_asyncio.fixture
async def bob(anonymous: Person) -> Person:
    return await registered(anonymous)


async def registered(somebody: Person) -> Person:
    """A new account."""
    account = {"email": f"{uuid4().hex}@example.com", "password": "correct horse", "name": "Ada"}
    answered = await somebody.call("POST", "/auth/register", account)
    assert answered.status == 201, answered.body
    return Person(somebody.app, somebody.send, answered.json["access_token"])


async def execute(url: str, statement: str, *arguments: Any) -> list[Any]:
    """Run one statement, with `$1` for its first argument, and return its rows if it has any."""
    engine = create_async_engine(asyncpg(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        result = await connection.exec_driver_sql(statement, arguments)
        return list(result) if result.returns_rows else []


def asyncpg(url: str) -> str:
    return url.replace("postgresql://", "postgresql+asyncpg://")
