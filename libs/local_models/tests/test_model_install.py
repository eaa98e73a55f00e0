"""Models are installed as a whole or not at all, whatever the network, the disk or the person does."""

from __future__ import annotations

import argparse
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from local_models import command, download
from local_models.download import Patience
from local_models.installed import damage, find, installed, missing
from local_models.manifest import Manifest, ModelError, manifest
from local_models.settings import LocalModelSettings
from mirror import EAR, VOICE, Mirror, known, running

PATIENCE = Patience(connect=1, stall=5, tries=3, pause=0)
ELSEWHERE = """
import argparse, signal, sys
# Who runs these tests in the background may have told them to ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
from local_models import command
from local_models.manifest import Manifest
parser = argparse.ArgumentParser()
command.add(parser.add_subparsers())
options = parser.parse_args(["models", "install", *sys.argv[2:]])
sys.exit(command.run(options, Manifest.model_validate_json(sys.argv[1])))
"""


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    with running() as one:
        monkeypatch.setenv("PARLEY_MODELS_MIRROR", one.url)
        yield one


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where models are put unless a test says otherwise."""
    monkeypatch.setenv("PARLEY_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"


def parsed(*typed: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers())
    return parser.parse_args(["models", "install", *typed])


def type_(*typed: str, models: Manifest | None = None) -> int:
    return command.run(parsed(*typed), models or known(), PATIENCE)


def elsewhere(*typed: str) -> subprocess.Popen[str]:
    """The same in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", ELSEWHERE, known().model_dump_json(), *typed],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def whole(there: Path) -> set[str]:
    return {each.id for each in installed(there, known()) if not damage(each.folder, hashes=True)}


def flip(file: Path, at: int = 1000) -> None:
    with file.open("r+b") as opened:
        opened.seek(at)
        before = opened.read(1)
        opened.seek(at)
        opened.write(bytes([before[0] ^ 1]))


def test_the_first_time_everything_is_fetched(mirror: Mirror, there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert type_("speech") == 0
    assert whole(there) == {"ear", "voice"}
    found = find(there, "stt", known=known())
    assert found and found.verified and found.folder == there / "ear/r1"
    assert (found.folder / "model.bin").read_bytes() == EAR
    assert (found.folder / "words/list.txt").read_text() == "one two three"
    record = json.loads((found.folder / "installed.json").read_text())
    assert record["licence"] == "MIT" and record["attribution"] == "The makers of ear"
    said = capsys.readouterr().out
    assert f"To install in {there}: ear (600 kB), voice (50 kB), 650 kB in all." in said
    assert sorted(each.name for each in (there / "ear").iterdir()) == [".lock", "r1"]


def test_what_is_there_is_not_fetched_again(mirror: Mirror, there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert type_() == 0
    asked = len(mirror.asked)
    assert type_("speech") == 0
    assert len(mirror.asked) == asked
    assert f"Already installed in {there}: ear, voice." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        (["voice"], {"voice"}),
        (["--tts", "other-voice"], {"ear", "other-voice"}),
        (["ear", "--tts", "other-voice"], {"ear", "other-voice"}),
    ],
)
def test_one_chooses(mirror: Mirror, there: Path, typed: list[str], names: set[str]) -> None:
    mirror.files["/other-voice/r1/voice.onnx"] = VOICE
    assert type_(*typed) == 0
    assert whole(there) == names


@pytest.mark.parametrize("typed", [["nose"], ["--stt", "voice"]])
def test_an_unknown_one_is_refused(there: Path, capsys: pytest.CaptureFixture[str], typed: list[str]) -> None:
    assert type_(*typed) == 1
    said = capsys.readouterr().err
    assert f"There is no model {typed[-1]!r} to choose here." in said and "ear" in said
    assert not there.exists()


def test_a_cut_connection_goes_on_where_it_was_cut(mirror: Mirror, there: Path) -> None:
    mirror.cuts = [250_000, 100_000, None]
    assert type_("ear") == 0
    ranges = [asked for path, asked, _ in mirror.asked if path.endswith("model.bin")]
    begins = [int(each.removeprefix("bytes=").removesuffix("-")) for each in ranges[1:]]
    assert ranges[0] == "" and begins == sorted(begins) and 0 < begins[0] < begins[1]
    assert (there / "ear/r1/model.bin").read_bytes() == EAR


def test_one_that_is_cut_for_ever_is_given_up_and_goes_on_later(
    mirror: Mirror, there: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mirror.cuts = [200_000, 0, 0, 0]
    assert type_("ear") == 1
    assert "What came is kept" in capsys.readouterr().err
    assert find(there, "stt", known=known()) is None
    mirror.asked.clear()
    mirror.cuts = []
    assert type_("ear") == 0
    assert mirror.asked[0][1].startswith("bytes=")
    assert whole(there) == {"ear"}


def test_a_file_that_was_replaced_in_between_starts_again(mirror: Mirror, there: Path) -> None:
    models = known(sha256="", bytes=None)
    mirror.cuts = [200_000, 0, 0, 0]
    assert type_("ear", models=models) == 1
    mirror.files["/ear/r1/model.bin"] = EAR[::-1]
    mirror.cuts = []
    assert type_("ear", models=models) == 0
    assert mirror.asked[-2][2], "it asked on condition that the file is the same"
    assert (there / "ear/r1/model.bin").read_bytes() == EAR[::-1]


def test_without_a_hash_or_a_validator_it_starts_again(mirror: Mirror, there: Path) -> None:
    mirror.validates = False
    mirror.cuts = [200_000, None]
    assert type_("ear", models=known(sha256="")) == 0
    assert [asked for path, asked, _ in mirror.asked if path.endswith("model.bin")] == ["", ""]
    assert (there / "ear/r1/model.bin").read_bytes() == EAR


@pytest.mark.parametrize("wrong", [EAR[:-1] + b"x", EAR + b"x", EAR[:-1]], ids=["changed", "longer", "shorter"])
def test_a_file_that_is_not_the_right_one_is_not_installed(
    mirror: Mirror, there: Path, capsys: pytest.CaptureFixture[str], wrong: bytes
) -> None:
    mirror.files["/ear/r1/model.bin"] = wrong
    assert type_("speech") == 1
    assert "model.bin" in capsys.readouterr().err
    assert installed(there, known()) == []
    mirror.files["/ear/r1/model.bin"] = EAR
    assert type_("speech") == 0
    assert whole(there) == {"ear", "voice"}


def test_a_hash_that_nobody_pinned_is_noted_and_holds(
    mirror: Mirror, there: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = known(sha256="")
    assert type_("ear", models=models) == 0
    assert "noted model.bin as SHA-256" in capsys.readouterr().out
    flip(there / "ear/r1/model.bin")
    mirror.files["/ear/r1/model.bin"] = EAR[::-1]
    assert type_("ear", models=models) == 1
    assert "is not the file that we expect" in capsys.readouterr().err


def test_a_missing_file_is_said_at_once(mirror: Mirror, there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del mirror.files["/ear/r1/model.bin"]
    assert type_("ear") == 1
    assert "it answered 404" in capsys.readouterr().err
    assert len(mirror.asked) == 1


def test_nobody_is_asked_without_encryption(mirror: Mirror, there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mirror.redirect = "http://example.org/model.bin"
    assert type_("ear") == 1
    assert "example.org was to be asked without encryption" in capsys.readouterr().err
    assert installed(there, known()) == []


def test_without_a_network_it_says_so(
    there: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARLEY_MODELS_MIRROR", "http://127.0.0.1:9")
    assert type_("speech") == 1
    assert "127.0.0.1 cannot be reached: there is no connection." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "is full. What came is kept"), (errno.EACCES, "may not be written to")]
)
def test_a_disk_that_refuses_gives_a_sentence(
    mirror: Mirror,
    there: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: int,
    words: str,
) -> None:
    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(download.os, "fsync", refuse)
    assert type_("speech") == 1
    assert words in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setenv("PARLEY_MODELS_MIRROR", mirror.url)
    assert type_("speech", "--dir", str(there)) == 0


def test_two_at_once_fetch_once(mirror: Mirror, there: Path) -> None:
    mirror.hold = True
    first = elsewhere("ear")
    assert mirror.held.wait(60)
    second = elsewhere("ear")
    assert second.stdout
    waiting = [second.stdout.readline(), second.stdout.readline()]
    assert "another installer is at work" in waiting[1]
    mirror.hold = False
    mirror.go_on.set()
    assert (first.wait(60), second.wait(60)) == (0, 0)
    assert [path for path, _, _ in mirror.asked] == ["/ear/r1/model.bin", "/ear/r1/words/list.txt"]
    assert whole(there) == {"ear"}
    first.communicate(), second.communicate()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_one_that_is_stopped_in_the_middle_goes_on_there(mirror: Mirror, there: Path, number: signal.Signals) -> None:
    mirror.hold = True
    process = elsewhere("ear")
    assert mirror.held.wait(60)
    part = there / "ear/.r1.partial/model.bin.part"
    while process.poll() is None and not (part.exists() and part.stat().st_size):
        time.sleep(0.01)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == (130 if number == signal.SIGINT else -signal.SIGKILL)
    assert ("Stopped." in said) is (number == signal.SIGINT)
    assert installed(there, known()) == []
    mirror.hold = False
    mirror.go_on.set()
    mirror.asked.clear()
    assert type_("ear") == 0
    assert mirror.asked[0][1].startswith("bytes=") and mirror.asked[0][2]
    assert whole(there) == {"ear"}


def test_a_flipped_byte_is_found_and_mended(mirror: Mirror, there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert type_() == 0
    assert type_("--verify") == 0
    flip(there / "ear/r1/model.bin")
    found = find(there, "stt", known=known())
    assert found and found.verified, "sizes alone do not tell"
    assert type_("--verify") == 1
    said = capsys.readouterr().err
    assert "model.bin has changed since it was installed" in said and "parley models install ID" in said
    mirror.asked.clear()
    assert type_("ear") == 0
    assert [path for path, _, _ in mirror.asked] == ["/ear/r1/model.bin"]
    assert type_("--verify") == 0


def test_a_file_that_was_cut_off_shows_at_once(mirror: Mirror, there: Path) -> None:
    assert type_() == 0
    os.truncate(there / "voice/r1/voice.onnx", 100)
    found = find(there, "tts", known=known())
    assert found and not found.verified


def test_verifying_what_is_not_there_fails(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert type_("--verify", "voice") == 1
    assert "voice: not installed" in capsys.readouterr().err
    assert type_("--verify") == 0


def test_a_pack_goes_where_no_network_is(
    mirror: Mirror,
    there: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    models = known(sha256="")
    assert type_(models=models) == 0
    assert type_("--pack", str(tmp_path / "speech.tar"), models=models) == 0
    monkeypatch.setenv("PARLEY_MODELS_MIRROR", "http://127.0.0.1:9")
    other = tmp_path / "other"
    capsys.readouterr()
    assert type_("--from", str(tmp_path / "speech.tar"), "--dir", str(other), models=models) == 0
    assert "nobody had pinned" not in capsys.readouterr().out
    assert whole(other) == {"ear", "voice"}
    assert (other / "ear/r1/model.bin").read_bytes() == EAR


def test_what_is_not_there_or_damaged_is_not_packed(
    mirror: Mirror, there: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "speech.tar"
    assert type_("--pack", str(target)) == 1
    assert "Not installed: ear, voice. Run: parley models install ear voice" in capsys.readouterr().err
    assert type_() == 0
    flip(there / "ear/r1/model.bin")
    assert type_("--pack", str(target)) == 1
    assert "ear is damaged, so it is not packed" in capsys.readouterr().err
    assert not target.exists()


def repacked(pack: Path, change: Callable[[tarfile.TarInfo, bytes], bytes | None]) -> Path:
    """The pack with members that were changed, or left out."""
    target = pack.with_name("changed.tar")
    with tarfile.open(pack) as before, tarfile.open(target, "w") as after:
        for member in before:
            opened = before.extractfile(member)
            data = change(member, opened.read() if opened else b"")
            if data is not None:
                member.size = len(data)
                after.addfile(member, BytesIO(data))
    return target


def leave(member: tarfile.TarInfo, data: bytes) -> bytes:
    if member.name.endswith("model.bin"):
        member.name = "ear/r1/../../../escaped"
    return data


def leave_from_the_root(member: tarfile.TarInfo, data: bytes) -> bytes:
    if member.name.endswith("model.bin"):
        member.name = "/tmp/escaped"
    return data


def link(member: tarfile.TarInfo, data: bytes) -> bytes:
    if member.name.endswith("model.bin"):
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        return b""
    return data


def spoil(member: tarfile.TarInfo, data: bytes) -> bytes:
    return EAR[:-1] + b"x" if member.name.endswith("model.bin") else data


def grow(member: tarfile.TarInfo, data: bytes) -> bytes:
    return data + b"x" if member.name.endswith("model.bin") else data


def drop(member: tarfile.TarInfo, data: bytes) -> bytes | None:
    return None if member.name.endswith("model.bin") else data


def claim(member: tarfile.TarInfo, data: bytes) -> bytes:
    return data.replace(b"model.bin", b"../../../x") if member.name.endswith("ear/r1/installed.json") else data


def of_another_revision(member: tarfile.TarInfo, data: bytes) -> bytes:
    member.name = member.name.replace("r1", "r2")
    return data


@pytest.mark.parametrize("change", [leave, leave_from_the_root, link, spoil, grow, drop, claim, of_another_revision])
def test_a_bad_pack_installs_nothing_and_writes_nowhere_else(
    mirror: Mirror,
    there: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[tarfile.TarInfo, bytes], bytes | None],
) -> None:
    assert type_() == 0
    assert type_("--pack", str(tmp_path / "speech.tar")) == 0
    bad, other = repacked(tmp_path / "speech.tar", change), tmp_path / "a/b/other"
    assert type_("--from", str(bad), "--dir", str(other)) == 1
    assert "changed.tar" in capsys.readouterr().err
    assert installed(other, known()) == []
    outside = {each.relative_to(tmp_path).parts[0] for each in tmp_path.rglob("*")}
    assert outside <= {"models", "speech.tar", "changed.tar", "a"}


def test_no_pack_at_all_gives_a_sentence(there: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.txt").write_text("Dear all")
    assert type_("--from", str(tmp_path / "letter.txt")) == 1
    assert "cannot be read as a pack of models" in capsys.readouterr().err
    assert type_("--from", str(tmp_path / "nothing.tar")) == 1
    assert "nothing.tar: No such file" in capsys.readouterr().err


def test_the_wanted_revision_is_used_and_else_the_newest_whole_one(mirror: Mirror, there: Path) -> None:
    assert type_("voice") == 0
    for number, name in enumerate(("r0", "r2")):
        shutil.copytree(there / "voice/r1", there / "voice" / name)
        os.utime(there / "voice" / name / "installed.json", (number, number))
    chosen = lambda: getattr(find(there, "tts", known=known()), "revision", None)  # noqa: E731
    assert chosen() == "r1"
    shutil.rmtree(there / "voice/r1")
    assert chosen() == "r2"
    (there / "voice/r2/voice.onnx").unlink()
    assert chosen() == "r0"
    assert find(there, "tts", "other-voice", known()) is None


def test_where_none_is_it_says_what_to_type(there: Path) -> None:
    assert find(there, "stt") is None
    assert missing("stt").endswith("Run: parley models install speech") and "whisper-base" in missing("stt")
    assert missing("encoder") == "No encoder model is installed (e5-small). Run: parley models install encoder"


def test_where_models_lie(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def directory() -> Path:
        return LocalModelSettings().models_directory

    monkeypatch.delenv("PARLEY_MODELS_DIR", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert directory() == tmp_path / "parley/models"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert directory() == tmp_path / ".local/share/parley/models"
    monkeypatch.setenv("PARLEY_MODELS_DIR", "~/models")
    assert directory() == tmp_path / "models"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARLEY_MODELS_DIR", "here")
    assert directory() == tmp_path / "here"


def test_the_list_says_whose_they_are(mirror: Mirror, there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert type_("ear") == 0
    assert type_("--list") == 0
    said = capsys.readouterr().out
    assert "ear (stt, part of `speech`), 600 kB: r1" in said and "other-voice (tts), 50 kB: not installed" in said
    assert "The makers of voice. Licence: MIT. https://example.org" in said


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "a//x", ".x", "a/.x", "", "a\\x", "installed.json"])
def test_a_manifest_cannot_name_what_lies_elsewhere(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        known(path=path)


def test_our_own_manifest_is_complete() -> None:
    """What speech needs has sizes and hashes, all is fetched with encryption, and each purpose has one of each kind."""
    models = manifest().chosen(["speech"], {})
    assert [each.kind for each in models] == ["stt", "tts", "vad", "turn"]
    assert [each.id for each in manifest().chosen(["encoder"], {})] == ["e5-small"]
    for model in manifest().model:
        assert model.kind == "encoder" or all(each.bytes and each.sha256 for each in model.files), model.id
        assert all(model.address(each).startswith("https://") for each in model.files)
        assert model.attribution and model.licence and model.home.startswith("https://")
    with pytest.raises(ModelError, match="whisper-base"):
        manifest().named("whisper-huge")


def test_the_page_says_whose_they_are() -> None:
    page = " ".join((Path(__file__).parents[3] / "docs/models.md").read_text(encoding="utf-8").split())
    said = [(each.id, part) for each in manifest().model for part in (each.licence, each.attribution, each.home)]
    assert [(name, part) for name, part in said if part not in page or f"`{name}`" not in page] == []
