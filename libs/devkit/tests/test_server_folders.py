"""Tests that need servers lie where `make` looks for them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from devkit.fixtures import SERVER_FIXTURES, pytest_generate_tests


def collected(path: str, *fixtures: str) -> Any:
    """What pytest says of a test that it is collecting."""
    return SimpleNamespace(fixturenames=fixtures, definition=SimpleNamespace(name="test_it", path=Path(path)))


@pytest.mark.parametrize("fixture", sorted(SERVER_FIXTURES))
def test_a_test_that_needs_servers_is_refused_elsewhere(fixture: str) -> None:
    with pytest.raises(pytest.Collector.CollectError, match=f"test_it uses {fixture}.*move it to a folder `servers`"):
        pytest_generate_tests(collected("services/coach/tests/test_coach.py", "tmp_path", fixture))


@pytest.mark.parametrize(
    "path", ["services/coach/tests/servers/test_coach.py", "tests/attacks/test_sockets.py", "tests/e2e/test_chat.py"]
)
def test_it_is_welcome_where_servers_are(path: str) -> None:
    pytest_generate_tests(collected(path, "database"))


def test_a_pure_test_may_lie_anywhere() -> None:
    pytest_generate_tests(collected("services/coach/tests/test_coach.py", "tmp_path"))
