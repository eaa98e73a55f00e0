"""`parley` has the commands that installed packages bring along."""

from __future__ import annotations

from pathlib import Path

import pytest
from runtime import cli
from runtime.installed import installed_commands

COMMAND = """
def add(commands):
    greet = commands.add_parser("greet")
    greet.add_argument("name")
    greet.set_defaults(run=lambda options: print("Good morning,", options.name) or 7)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is installed, and brings a command."""
    (tmp_path / "greeting.py").write_text(COMMAND)
    about = tmp_path / "greeting-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[parley.commands]\ngreet = greeting:add\n")
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("package")
def test_a_package_adds_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert "greet" in [each.name for each in installed_commands()]
    with pytest.raises(SystemExit) as ended:
        cli.main(["greet", "Ada"])
    assert ended.value.code == 7
    assert capsys.readouterr().out == "Good morning, Ada\n"


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["greet"])
    assert ended.value.code == 2 and "invalid choice: 'greet'" in capsys.readouterr().err


def test_speech_brings_its_own() -> None:
    assert "models" in [each.name for each in installed_commands()]
