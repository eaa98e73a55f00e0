"""These tests run only when containers are asked for: they need an engine, its images, and a minute."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect them otherwise. Asked for and without an engine, they fail."""
    if os.environ.get("TEST_SERVERS") == "containers":
        return
    deselected = [item for item in items if HERE in item.path.parents]
    if deselected:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if item not in deselected]
