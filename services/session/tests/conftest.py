"""Fixtures for the session service's tests, and the way to their helpers."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from nats.aio.client import Client
from runtime.testing import TestDatabase

sys.path.insert(0, str(Path(__file__).parent))  # tests are imported by path, their helpers by name

from session_helpers.replica import OneReplica, Replica, Sql, open_replica


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
