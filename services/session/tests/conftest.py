"""Fixtures for the session service's tests, and the way to their helpers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import nats
import pytest
import pytest_asyncio
from contracts.topology import STREAMS
from devkit.fixtures import TestDatabase
from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.js import JetStreamContext
from runtime.broker import make_broker
from runtime.provision import provision_broker
from runtime.settings import RuntimeSettings
from session.subscribers import NAME, subscribe
from sqlalchemy.engine import make_url

sys.path.insert(0, str(Path(__file__).parent))  # tests are imported by path, their helpers by name

from session_helpers.replica import OneReplica, Replica, Sql, open_replica

TABLES = ("events", "sessions", "messages", "feedback", "timers", "tombstones")


@pytest.fixture(scope="session")
def one_database(postgres_url: str, migrated_template: str) -> Iterator[TestDatabase]:
    name = f"session_{uuid4().hex[:12]}"
    asyncio.run(_fetch(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{migrated_template}"'))
    yield TestDatabase(make_url(postgres_url).set(database=name).render_as_string(hide_password=False))
    asyncio.run(_fetch(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
def database(one_database: TestDatabase) -> TestDatabase:
    """One database for all tests here, emptied for each: three times as fast as one for each."""
    asyncio.run(_empty(one_database.admin_url))
    return one_database


async def _empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    for table in TABLES:
        await connection.execute(f"DELETE FROM session.{table}")
    await connection.close()


@pytest.fixture(scope="session")
def one_broker(nats_server: str) -> str:
    asyncio.run(_on_broker(nats_server, provision_broker))
    return nats_server


@pytest.fixture
def nats_url(one_broker: str) -> str:
    """One provisioned broker for all tests here, emptied for each."""
    asyncio.run(_on_broker(one_broker, _purge))
    return one_broker


async def _on_broker(url: str, action: Callable[[JetStreamContext], Awaitable[None]]) -> None:
    connection = await nats.connect(url)
    await action(connection.jetstream())
    await connection.close()


async def _purge(js: JetStreamContext) -> None:
    for stream in STREAMS:
        await js.purge_stream(stream.name)


@pytest.fixture
def owner(database: TestDatabase) -> Sql:
    """Run a statement as the owner of the tables, whom no policy holds back."""
    return partial(_fetch, database.admin_url)


async def _fetch(url: str, statement: str, *arguments: Any) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(statement, *arguments)
    finally:
        await connection.close()


@pytest_asyncio.fixture
async def new_replica(database: TestDatabase) -> AsyncIterator[OneReplica]:
    """Start replicas of the service over one database, with a publisher in memory or a real broker."""
    async with open_replica(database.url("session")) as start:
        yield start


@pytest_asyncio.fixture
async def replica(new_replica: OneReplica) -> Replica:
    """One replica, with a publisher in memory."""
    return await new_replica()


@pytest_asyncio.fixture
async def online(new_replica: OneReplica, nats_url: str, broker_connection: Client) -> Replica:
    """One replica on a real broker."""
    return await new_replica(nats_url=nats_url, js=broker_connection.jetstream())


@pytest_asyncio.fixture
async def listening(online: Replica, nats_url: str) -> AsyncIterator[NatsBroker]:
    """The service's subscriptions, running."""
    broker = make_broker(NAME, RuntimeSettings(nats_url=nats_url))
    subscribe(broker, online.sessions, online.views, online.erasure, workers=4)
    await broker.start()
    yield broker
    await broker.stop()
