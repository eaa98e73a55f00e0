"""These tests run only when containers are asked for: they need an engine, its images, and a minute."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine import deselect, has_been_asked_for


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not has_been_asked_for():
        deselect(config, items, Path(__file__).parent)
