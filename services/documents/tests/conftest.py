"""Fixtures for the documents service's tests."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from devkit.fixtures import TestDatabase
from runtime.database import Database
from runtime.settings import DatabaseSettings

sys.path.insert(0, str(Path(__file__).parent))  # tests are imported by path, their helpers by name

from document_helpers import AsOwner
from documents.store import DocumentStore


@pytest_asyncio.fixture
async def opened(database: TestDatabase) -> AsyncIterator[Database]:
    """A pool as the service's own role."""
    async with Database(DatabaseSettings(database_url=database.url("documents"))).open() as pool:
        yield pool


@pytest.fixture
def store(opened: Database) -> DocumentStore:
    """The tables."""
    return DocumentStore(opened)


@pytest.fixture
def owner(database: TestDatabase) -> AsOwner:
    """Runs statements as the owner of the tables, whom no policy holds back."""
    return AsOwner(database.admin_url)
