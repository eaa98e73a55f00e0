"""Models for speech are fetched beside Parley, only where somebody can see it and say no."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from devkit.processes import children_running
from devkit.speech_models import ModelInstall, wanted


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_MODELS_DIR", str(tmp_path / "models"))


@pytest.fixture
def silent() -> Iterator[str]:
    """A mirror that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    ("environment", "at_a_terminal", "expected"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"CI": "true"}, True, False),
        ({"PARLEY_MODELS": "off"}, True, False),
        ({"PARLEY_MODELS": "OFF"}, True, False),
        ({"PARLEY_MODELS": "on", "CI": ""}, True, True),
    ],
)
def test_they_are_wanted_at_a_terminal(environment: dict[str, str], at_a_terminal: bool, expected: bool) -> None:
    assert wanted(environment, at_a_terminal=at_a_terminal) is expected


def looked(install: ModelInstall, said: list[str], words: str) -> None:
    """Look until it has said something."""
    deadline = time.monotonic() + 60
    while not any(words in line for line in said):
        assert time.monotonic() < deadline, said
        time.sleep(0.05)
        install.look()


def test_without_a_network_it_says_once_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_MODELS_MIRROR", "http://127.0.0.1:9")
    said: list[str] = []
    install = ModelInstall(tmp_path, said.append)
    install.start()
    looked(install, said, "To try again: parley models install speech")
    install.look()
    told = "\n".join(said)
    assert "266 MB in all." in told and "cannot be reached" in told and "PARLEY_MODELS=off" in told
    assert told.count("To try again") == 1
    assert "cannot be reached" in (tmp_path / "logs/models.log").read_text()


def test_it_stops_when_it_is_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, silent: str) -> None:
    monkeypatch.setenv("PARLEY_MODELS_MIRROR", silent)
    said: list[str] = []
    install = ModelInstall(tmp_path, said.append)
    install.start()
    looked(install, said, "266 MB in all.")
    [process] = children_running("models")
    install.stop()
    install.stop()
    assert not process.is_running()
    install.look()
    assert not any("To try again" in line for line in said)
