"""What the supervisor does with a service that ends, and on a disk that is full."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from devkit import supervisor as supervisor_module
from devkit.supervisor import Child, Supervisor
from devkit.up import _say


@pytest.mark.parametrize(("deaths", "given", "keeps"), [(0, False, True), (1, False, False), (1, True, True)])
def test_a_service_that_ended_listens_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deaths: int, given: bool, keeps: bool
) -> None:
    """Somebody may have taken its port before it could; a port that was asked for stays."""
    monkeypatch.delenv("HEALTH_PORT", raising=False)
    monkeypatch.setattr(supervisor_module, "spawn", lambda *_, **__: None)
    child = Child("session", {"HEALTH_PORT": "7"}, deaths=deaths)
    supervisor = Supervisor(tmp_path, 1, env={"HEALTH_PORT": "7"} if given else {})
    supervisor._start_child(child)
    assert (child.env["HEALTH_PORT"] == "7") is keeps


def test_a_line_that_cannot_be_written_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks after everything else, and heals it once there is space."""
    full = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115 (its last flush fails, too)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(full, write_through=True))
    _say("session ended with 1; starting it again in 0.3 s")
