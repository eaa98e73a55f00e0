"""The committed schemas and samples are those of the code, and cannot be talked out of a break."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from contracts import registered

from tools import contracts as tool_module
from tools.compatibility import SCHEMA_VERSION
from tools.contracts import (
    base_schemas,
    committed_schemas,
    incompatibilities,
    old_sample,
    present_schemas,
    sample_findings,
    write_samples,
    write_schemas,
)
from tools.messages import ask_models
from tools.paths import SAMPLES
from tools.samples import sample_events

Tool = Callable[..., CompletedProcess[str]]
TYPE = "session.paused.v1"
NOTE = {"type": "string", "default": "", "title": "Note"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of its own, with the present schemas committed."""
    write_schemas(present_schemas(), tmp_path / "schemas")
    write_epoch(tmp_path, 2)
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    commit(tmp_path)
    return tmp_path


def write_epoch(repository: Path, number: int, reason: str = "") -> None:
    (repository / "epoch.toml").write_text(f'epoch = {number}\nadr = "adr.md"\n', encoding="utf-8")
    (repository / "adr.md").write_text(reason or f"Contract epoch {number} begins because ...", encoding="utf-8")


def git(repository: Path, *command: str) -> str:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", "-C", str(repository), *identity, *command],
        capture_output=True,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    )
    return done.stdout.strip()


def commit(repository: Path) -> None:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "A step")


def changed(version: int | None = None, **properties: Any) -> dict[str, Any]:
    """The present schemas with other properties of one type; None takes a property away."""
    schemas: dict[str, Any] = deepcopy(dict(present_schemas()))
    for name, value in properties.items():
        if value is None:
            del schemas[TYPE]["properties"][name]
        else:
            schemas[TYPE]["properties"][name] = value
    if version is not None:
        schemas[TYPE][SCHEMA_VERSION] = version
    return schemas


def found(present: Mapping[str, Any], repository: Path) -> list[str]:
    return incompatibilities(present, root=repository, folder=repository / "schemas", epoch=repository / "epoch.toml")


def test_committed_files_are_current_and_compatible(tool: Tool) -> None:
    done = tool("contracts", "--check")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_schemas_survive_being_written_and_read(tmp_path: Path) -> None:
    write_schemas(present_schemas(), tmp_path)
    assert committed_schemas(tmp_path) == present_schemas()


def test_present_schemas_are_those_of_events_asks_and_the_envelope() -> None:
    names = set(present_schemas())
    assert set(registered()) <= names
    assert {"envelope", "asks.OutcomeAsk", "asks.Outcome", "asks.TranscriptAsk", "asks.Transcript"} <= names


def test_no_two_messages_share_a_name() -> None:
    names = [model.__name__ for model in (*registered().values(), *ask_models())]
    assert sorted(names) == sorted(set(names))


def test_nothing_changed_is_nothing_found(repository: Path) -> None:
    assert found(present_schemas(), repository) == []


def test_break_is_found_in_the_tree(repository: Path) -> None:
    [line] = found(changed(request_hash=None), repository)
    assert line == f"{TYPE}: request_hash: field removed; that needs a new major version"


def test_break_is_found_although_the_committed_schema_was_edited_by_hand(repository: Path) -> None:
    present = changed(request_hash=None)
    write_schemas(present, repository / "schemas")
    [line] = found(present, repository)
    assert line.startswith(f"{TYPE}: request_hash: field removed")


def test_break_is_found_although_it_was_committed_on_a_branch(repository: Path) -> None:
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD")
    present = changed(request_hash=None)
    write_schemas(present, repository / "schemas")
    commit(repository)
    [line] = found(present, repository)
    assert line.startswith(f"{TYPE}: request_hash: field removed")


def test_removed_type_is_found_although_its_schema_was_deleted(repository: Path) -> None:
    present = {name: schema for name, schema in present_schemas().items() if name != TYPE}
    (repository / "schemas" / f"{TYPE}.json").unlink()
    [line] = found(present, repository)
    assert line.startswith(f"{TYPE}: was removed")


def test_new_optional_field_needs_a_raised_schema_version(repository: Path) -> None:
    [line] = found(changed(note=NOTE), repository)
    assert line == f"{TYPE}: note: optional field added; raise schema_version above 2"
    assert found(changed(3, note=NOTE), repository) == []


def test_new_type_is_added_freely(repository: Path) -> None:
    assert found({**present_schemas(), "session.waved.v1": {"type": "object"}}, repository) == []


def test_across_epochs_nothing_is_compared_and_within_one_again(repository: Path) -> None:
    present = changed(request_hash=None)
    write_epoch(repository, 3)
    assert found(present, repository) == []
    write_schemas(present, repository / "schemas")
    commit(repository)
    [line] = found(changed(request_hash=None, more=NOTE), repository)
    assert "more: optional field added" in line


def test_a_repository_without_an_epoch_is_of_the_first(repository: Path) -> None:
    (repository / "epoch.toml").unlink()
    commit(repository)
    write_epoch(repository, 2)
    assert found(changed(request_hash=None), repository) == []


@pytest.mark.parametrize("number", [1, 4])
def test_epochs_follow_one_another(repository: Path, number: int) -> None:
    write_epoch(repository, number)
    [line] = found(present_schemas(), repository)
    assert line == f"epoch.toml: the epoch after 2 is 3, not {number}"


def test_an_epoch_needs_a_reason(repository: Path) -> None:
    write_epoch(repository, 3, "Contract epoch 2 begins because ...")
    assert found(present_schemas(), repository) == ["epoch.toml: adr.md does not say why contract epoch 3 begins"]


def test_after_a_release_no_epoch_begins(repository: Path) -> None:
    git(repository, "tag", "v0.1.0")
    write_epoch(repository, 3)
    [line] = found(changed(request_hash=None), repository)
    assert line == "epoch.toml: there is a release (v0.1.0): an incompatible change needs a new name"


def test_without_git_the_files_in_the_tree_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_schemas(present_schemas(), tmp_path / "schemas")
    write_epoch(tmp_path, 2)
    assert base_schemas(tmp_path, tmp_path / "schemas") is None
    assert found(changed(request_hash=None), tmp_path) != []
    assert "no commit to compare with" in capsys.readouterr().err


def test_git_that_is_not_there_is_no_failure(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert base_schemas(repository, repository / "schemas") is None


def test_nothing_is_written_over_a_break(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def written(*_: Any) -> None:
        pytest.fail("it was written")

    monkeypatch.setattr(tool_module, "present_schemas", lambda: changed(request_hash=None))
    monkeypatch.setattr(tool_module, "incompatibilities", lambda present: found(present, repository))
    monkeypatch.setattr(tool_module, "write_schemas", written)
    monkeypatch.setattr(tool_module, "write_samples", written)
    monkeypatch.setattr("sys.argv", ["contracts", "--write"])
    assert tool_module.main() == 1
    assert "new major version" in capsys.readouterr().out


def test_samples_are_written_once_and_then_kept(tmp_path: Path) -> None:
    write_samples(tmp_path)
    path = tmp_path / f"{TYPE}.json"
    edited = path.read_bytes().replace(b"9f2c1e7b5a3d8c60", b"0000000000000000")
    path.write_bytes(edited)
    write_samples(tmp_path)
    assert path.read_bytes() == edited


def test_sample_of_an_earlier_version_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(SAMPLES / "old", tmp_path / "old")
    write_samples(tmp_path)
    path = tmp_path / "session.refused.v1.json"
    stored = json.loads(path.read_bytes())
    monkeypatch.setattr(registered()["session.refused.v1"], "SCHEMA_VERSION", 2)
    write_samples(tmp_path)
    assert json.loads(path.read_bytes())["schema_version"] == 2
    assert json.loads(old_sample(tmp_path, "session.refused.v1", 1).read_bytes()) == stored
    assert sample_findings(tmp_path) == []
    del stored["data"]["reason"]
    old_sample(tmp_path, "session.refused.v1", 1).write_text(json.dumps(stored), encoding="utf-8")
    [line] = sample_findings(tmp_path)
    assert "cannot be read any more; write an upcaster from version 1" in line
    old_sample(tmp_path, "session.refused.v1", 1).unlink()
    [line] = sample_findings(tmp_path)
    assert "session.refused.v1.schema1.json: is missing" in line


def test_missing_and_damaged_samples_are_found(tmp_path: Path) -> None:
    write_samples(tmp_path)
    (tmp_path / f"{TYPE}.json").unlink()
    resumed = tmp_path / "session.resumed.v1.json"
    resumed.write_bytes(resumed.read_bytes().replace(b'"paused_for"', b'"more":1,"paused_for"'))
    missing, damaged = [line for line in sample_findings(tmp_path) if ".schema" not in line]
    assert missing.startswith(f"{TYPE}.json: is missing")
    assert damaged.startswith("session.resumed.v1.json: does not survive being read and written")


def test_every_type_can_be_sampled() -> None:
    assert set(sample_events()) == set(registered())
