"""Tests of the images and of compose run only when containers are asked for: they take a minute and an engine."""

from __future__ import annotations

import os

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Known here too, so that this folder can be collected by itself."""
    config.addinivalue_line("markers", "containers: needs a container engine")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect them otherwise. Asked for and without an engine, they fail."""
    if os.environ.get("TEST_SERVERS") == "containers":
        return
    deselected = [item for item in items if item.get_closest_marker("containers")]
    if deselected:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if item not in deselected]
