"""A real Postgres, a real HTTP server, and the gateway's own database role."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio
import uvicorn
from devkit.fixtures import ROLE_PASSWORD, TestDatabase
from fastapi import FastAPI
from gateway.auth import deps
from gateway.auth.deps import CurrentUser, OptionalUser
from gateway.auth.passwords import Passwords
from gateway.auth.routes import router
from gateway.auth.service import IdentityService
from gateway.auth.settings import IdentitySettings
from gateway.bus.idempotency import IdempotencyKeys
from gateway.edge import errors
from gateway.migrate import migrate
from pydantic import SecretStr
from runtime.sql.migrations import DatabaseAdmin
from sqlalchemy import NullPool
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

SECRET = "the secret of the tests, " * 3
OLD_SECRET = "the secret before that, " * 3

# Runs a statement in the database of the tests, as its administrator.
Sql = Callable[..., Awaitable[list[Any]]]


@dataclass(frozen=True)
class Answer:
    """A response, read to its end."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def detail(self) -> str:
        """The sentence of an error, which has no other content."""
        content = self.json
        assert list(content) == ["detail"] and isinstance(content["detail"], str) and content["detail"]
        return str(content["detail"])


class Api:
    """A client of the running application."""

    def __init__(self, base_url: str, client: aiohttp.ClientSession) -> None:
        self._base_url = base_url
        self._client = client

    async def call(self, method: str, path: str, **arguments: Any) -> Answer:
        async with self._client.request(method, self._base_url + path, **arguments) as response:
            return Answer(response.status, await response.read(), dict(response.headers))

    async def post(self, path: str, body: Any = None, *, key: str | None = None, **more: Any) -> Answer:
        headers = dict(more.pop("headers", {})) | ({"Idempotency-Key": key} if key is not None else {})
        return await self.call("POST", path, headers=headers, **({"json": body} if body else {}), **more)

    async def register(self, **fields: Any) -> Answer:
        body = {"email": "ada@example.com", "password": "correct horse", "name": "Ada"} | fields
        return await self.post("/auth/register", body)

    async def me(self, token: str, path: str = "/auth/me") -> Answer:
        return await self.call("GET", path, headers={"Authorization": f"Bearer {token}"})

    async def logout(self, token: str) -> Answer:
        return await self.call("POST", "/auth/logout", headers={"Authorization": f"Bearer {token}"})

    async def refresh(self, token: str, key: str | None = None) -> Answer:
        return await self.post("/auth/refresh", {"refresh_token": token}, key=key)


Serve = Callable[[IdentitySettings], Awaitable[Api]]


@pytest.fixture(scope="session")
def migrated(postgres_url: str) -> Iterator[TestDatabase]:
    """One database for all tests here: each empties it."""
    name = f"identity_{uuid4().hex[:8]}"
    asyncio.run(execute(postgres_url, f"CREATE DATABASE {name}"))
    database = TestDatabase(make_url(postgres_url).set(database=name).render_as_string(hide_password=False))
    migrate(DatabaseAdmin(database.admin_url, ROLE_PASSWORD))
    yield database
    asyncio.run(execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def run() -> Callable[..., list[Any]]:
    """Run a statement at an address, outside an event loop."""
    return lambda url, statement: asyncio.run(execute(url, statement))


@pytest.fixture
def sql(migrated: TestDatabase) -> Sql:
    """Run a statement as the administrator, for what time or an operator would do."""

    return partial(execute, migrated.admin_url)


@pytest.fixture
def settings() -> IdentitySettings:
    return IdentitySettings(jwt_secret=SecretStr(SECRET), jwt_secret_previous=SecretStr(OLD_SECRET))


@pytest_asyncio.fixture
async def serve(migrated: TestDatabase, sql: Sql) -> AsyncIterator[Serve]:
    """Start the application with these settings."""
    await sql("TRUNCATE identity.users, identity.revoked_tokens CASCADE")
    async with AsyncExitStack() as stack:

        async def start(settings: IdentitySettings) -> Api:
            return await stack.enter_async_context(_running(migrated.url("gateway"), settings))

        yield start


@pytest_asyncio.fixture
async def api(serve: Serve, settings: IdentitySettings) -> Api:
    return await serve(settings)


@asynccontextmanager
async def _running(url: str, settings: IdentitySettings) -> AsyncIterator[Api]:
    engine = create_async_engine(_asyncpg(url), hide_parameters=True)
    # Cheap hashes: what they cost is tested elsewhere.
    sessions = async_sessionmaker(engine)
    service = IdentityService(sessions, settings, Passwords(time_cost=1, memory_kib=64))
    try:
        # The client goes first, or the server would wait for its open connections.
        async with (
            _http(_application(service, IdempotencyKeys(sessions))) as base_url,
            aiohttp.ClientSession() as client,
        ):
            yield Api(base_url, client)
    finally:
        service.close()
        await engine.dispose()


def _application(service: IdentityService, keys: IdempotencyKeys) -> FastAPI:
    app: Any = FastAPI()
    app.container = SimpleNamespace(identity=service)
    errors.install(app)
    for prefix in ("/auth", "/api/v1/auth"):
        app.include_router(router(), prefix=prefix)

    @app.get("/who")
    async def who(user: OptionalUser) -> str | None:
        return str(user.id) if user else None

    @app.get("/query")
    async def query(service: deps.Service, token: str | None = None) -> str | None:
        user = await deps.user_of(service, token)
        return str(user.id) if user else None

    @app.post("/purge")
    async def purge(service: deps.Service) -> None:
        await service.purge()
        await keys.purge()

    @app.get("/admin")
    async def admin(user: CurrentUser) -> bool:
        return user.is_admin

    return app


@asynccontextmanager
async def _http(app: FastAPI) -> AsyncIterator[str]:
    # Without the protocol asyncio does not set TCP_NODELAY, and each answer would take 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="warning", lifespan="off")
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        # Not `serve()`: it takes over the signal handlers and looks at its state ten times a second.
        await server.startup(sockets=[listener])
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            await server.shutdown(sockets=[listener])


async def execute(url: str, statement: str, *arguments: Any) -> list[Any]:
    """Run one statement, with `$1` for its first argument, and return its rows if it has any."""
    engine = create_async_engine(_asyncpg(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        result = await connection.exec_driver_sql(statement, arguments)
        return list(result) if result.returns_rows else []


def _asyncpg(url: str) -> str:
    return url.replace("postgresql://", "postgresql+asyncpg://")
