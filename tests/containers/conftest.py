"""Tests of the images and of compose run only when containers are asked for: they take minutes and an engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from devkit.compose import Compose

from tests.engine import deselect, has_been_asked_for
from tools.paths import ROOT

# A password that NATS would take for a number if compose did not put it in quotes.
VARIABLES = {"SESSION_REPLICAS": "2", "INTERVIEWER_REPLICAS": "3", "NATS_PASSWORD_COACH": "20260101"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not has_been_asked_for():
        deselect(config, items, Path(__file__).parent)


@pytest.fixture(scope="session")
def compose() -> Iterator[Compose]:
    """Two gateways behind the proxy, two sessions, three interviewers; nothing is left of it."""
    compose = Compose(ROOT, VARIABLES)
    with compose.running():
        yield compose
