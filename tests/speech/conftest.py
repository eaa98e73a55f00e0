"""A Parley that speaks and understands by real models, from the directory that PARLEY_MODELS_DIR names: without one
these tests do not run, and with PARLEY_REQUIRE_MODELS=1 they fail."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import NoReturn

import aiohttp
import pytest
import pytest_asyncio
from devkit.stack import Stack

from services.speech.tests.hearing import models_of_tests
from tests.speech.candidate import Candidate

_DIRECTORY, _REQUIRED = models_of_tests()

if not _DIRECTORY:
    collect_ignore_glob = ["test_*.py"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(900))  # a busy machine takes long, and none of this is about time


@pytest.fixture(scope="session")
def missing() -> Callable[[str], NoReturn]:
    """Fails where everything is required, and skips elsewhere."""
    return pytest.fail if _REQUIRED else pytest.skip


@pytest.fixture(scope="session")
def parley(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """No other provider is configured, and requests are waited for as long as it takes."""
    env = {"PARLEY_MODELS_DIR": str(Path(_DIRECTORY).absolute()), "REPLY_TIMEOUT": "300"}
    with Stack(tmp_path_factory.mktemp("speech"), env) as running:
        yield running


@pytest_asyncio.fixture
async def candidate(parley: Stack) -> AsyncIterator[Candidate]:
    async with aiohttp.ClientSession() as http:
        yield Candidate(http, parley.url)


@pytest.fixture(scope="session")
def librivox(missing: Callable[[str], NoReturn]) -> Path:
    """Five sentences that people read, and what they read."""
    file = next(Path(_DIRECTORY).rglob("librivox/transcription"), None)
    return file.parent if file else missing("no librivox/transcription below PARLEY_MODELS_DIR")
