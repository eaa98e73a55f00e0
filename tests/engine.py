"""What tests share that need more than Python: a container engine, or the tools for manifests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def has_been_asked_for() -> bool:
    """Whether this run is to use containers. Asked for and without an engine, tests fail."""
    return os.environ.get("TEST_SERVERS") == "containers"


def deselect(config: pytest.Config, items: list[pytest.Item], folder: Path) -> None:
    """Leave out the tests of a folder, and have pytest say how many."""
    deselected = [item for item in items if folder in item.path.parents]
    if deselected:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if item not in deselected]
