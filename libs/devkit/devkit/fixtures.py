"""Pytest fixtures for real servers: given by URL, else in containers, else embedded.

`TEST_SERVERS` is `auto` (the default), `urls` (`TEST_NATS_URL`, `TEST_DATABASE_URL`: an administrator's),
`containers` or `embedded`. `auto` takes the first that is there. Whatever they are, tests see the same: a
provisioned broker, empty, and a migrated database of their own.
"""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from uuid import uuid4

import asyncpg
import nats
import pytest
import pytest_asyncio
from nats.aio.client import Client
from nats.js.errors import ServerError
from runtime.provision import migrate_databases, provision_broker
from runtime.sql.migrations import DatabaseAdmin
from sqlalchemy.engine import make_url

from devkit.embedded import EmbeddedNats, EmbeddedPostgres

if TYPE_CHECKING:
    import docker

NATS_IMAGE = "nats:2"
POSTGRES_IMAGE = "pgvector/pgvector:pg18"
ROLE_PASSWORD = "a password for tests"
SERVER_FIXTURES = frozenset({"nats_url", "nats_server", "postgres_url", "database", "broker_connection", "migrated"})
"""A test that uses one of these needs real servers."""
SERVER_FOLDERS = frozenset({"servers", "e2e", "chaos", "attacks", "containers"})
"""Only in these may a test need them."""


_PROVIDERS = (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_FALLBACKS",
    "QUESTION_BASE_URL",
    "EMBEDDING_BASE_URL",
    "EMBEDDING_API_KEY",
    "OBJECT_STORE_URL",
    "SERPER_API_KEY",
)


def pytest_configure() -> None:
    """No test, and no process that one starts, speaks to a provider that the developer has a key for."""
    for name in _PROVIDERS:
        os.environ.pop(name, None)
    os.environ["MODEL_SERVER"] = "off"  # nor to one that runs beside the tests


@dataclass(frozen=True)
class TestDatabase:
    """A migrated database: as its owner, and as the role of a service."""

    __test__ = False
    admin_url: str

    def url(self, service: str) -> str:
        """For the role of a service."""
        login = make_url(self.admin_url).set(username=f"parley_{service}", password=ROLE_PASSWORD)
        return login.render_as_string(hide_password=False)


def server_mode() -> str:
    """Where servers come from; see the module."""
    mode = os.environ.get("TEST_SERVERS", "auto")
    if mode != "auto":
        return mode
    if os.environ.get("TEST_NATS_URL") and os.environ.get("TEST_DATABASE_URL"):
        return "urls"
    return "containers" if _engine_with_images() else "embedded"


@cache
def _engine_with_images() -> bool:
    """A container engine answers and has our images: pulling them is not a test's business."""
    import docker
    from docker.errors import DockerException

    try:
        engine = docker.from_env(timeout=3)
        missing = [image for image in (NATS_IMAGE, POSTGRES_IMAGE) if not _has_image(engine, image)]
    except (DockerException, OSError):
        return False
    if missing:
        warnings.warn(f"a container engine answers, but has no {' and no '.join(missing)}: embedded", stacklevel=1)
    return not missing


def _has_image(engine: docker.DockerClient, image: str) -> bool:
    from docker.errors import ImageNotFound

    try:
        engine.images.get(image)
    except ImageNotFound:
        return False
    return True


def _without_reaper_unless_there() -> None:
    """testcontainers starts a container that removes ours should we be killed; do not wait for it to be pulled."""
    import docker
    from testcontainers.core.config import testcontainers_config

    if not _has_image(docker.from_env(), testcontainers_config.ryuk_image):
        testcontainers_config.ryuk_disabled = True


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Postgres server, as its administrator, in its database `postgres`."""
    mode = server_mode()
    if mode == "urls":
        yield os.environ["TEST_DATABASE_URL"]
    elif mode == "containers":
        with _postgres_container() as url:
            yield url
    else:
        with EmbeddedPostgres(tmp_path_factory.mktemp("postgres")) as server:
            yield server.url()


@contextmanager
def _postgres_container() -> Iterator[str]:
    from testcontainers.community.postgres import PostgresContainer

    _without_reaper_unless_there()
    container = PostgresContainer(POSTGRES_IMAGE, username="postgres", password=uuid4().hex, dbname="postgres")
    with container as running:
        yield running.get_connection_url(driver=None)


@pytest.fixture(scope="session")
def migrated_template(postgres_url: str) -> str:
    """The name of a database with every schema, from which tests copy theirs."""
    name = f"template_{uuid4().hex[:12]}"
    asyncio.run(_execute(postgres_url, f'CREATE DATABASE "{name}"'))
    url = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    migrate_databases(DatabaseAdmin(url, ROLE_PASSWORD))
    return name


@pytest.fixture
def database(postgres_url: str, migrated_template: str) -> Iterator[TestDatabase]:
    """A migrated database of the test's own."""
    name = f"test_{uuid4().hex[:12]}"
    asyncio.run(_execute(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{migrated_template}"'))
    yield TestDatabase(make_url(postgres_url).set(database=name).render_as_string(hide_password=False))
    asyncio.run(_execute(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A NATS server with JetStream, as an administrator."""
    mode = server_mode()
    with ExitStack() as stack:
        if mode == "urls":
            yield os.environ["TEST_NATS_URL"]
        elif mode == "containers":
            yield stack.enter_context(_nats_container())
        else:
            yield stack.enter_context(EmbeddedNats(tmp_path_factory.mktemp("nats"))).url


@contextmanager
def _nats_container() -> Iterator[str]:
    from testcontainers.community.nats import NatsContainer

    _without_reaper_unless_there()
    container: AbstractContextManager[NatsContainer] = NatsContainer(NATS_IMAGE, jetstream=True)
    with container as running:
        yield running.nats_uri()


@pytest.fixture
def nats_url(nats_server: str) -> str:
    """A broker that is provisioned and empty."""
    asyncio.run(_provision_anew(nats_server))
    return nats_server


async def _provision_anew(url: str) -> None:
    connection = await nats.connect(url)
    js = connection.jetstream()
    for stream in await js.streams_info():
        await js.delete_stream(stream.config.name or "")
    for pause in (0.1, 0.3, 1.0):
        try:
            await provision_broker(js)
            break
        except ServerError:  # the folder of a deleted stream may still be going
            await asyncio.sleep(pause)
    else:
        await provision_broker(js)
    await connection.close()


@pytest_asyncio.fixture
async def broker_connection(nats_url: str) -> AsyncIterator[Client]:
    """A plain connection to the broker, for looking from outside."""
    connection = await nats.connect(nats_url)
    yield connection
    await connection.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Refuse to collect a test that needs servers where nobody expects it: `make` chooses tests by their folder."""
    used = SERVER_FIXTURES & set(metafunc.fixturenames)
    if used and not SERVER_FOLDERS & set(metafunc.definition.path.parts):
        raise pytest.Collector.CollectError(
            f"{metafunc.definition.name} uses {', '.join(sorted(used))} and so needs real servers: move it to a folder"
            f" `servers` beside it, or to one of tests/{{{','.join(sorted(SERVER_FOLDERS - {'servers'}))}}}."
        )
