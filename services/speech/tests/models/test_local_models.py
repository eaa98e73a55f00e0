"""Models are used as soon as they are installed, without a restart, and only as long as they are whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hearing import samples, word_error_rate
from local_models.installed import find
from local_models.manifest import Kind
from speech import local
from speech.local import LocalModels
from speech.ports import Line, Recording, Speaker, Transcriber
from speech.providers.cores import Cores

SENTENCE = "We copied all of it at night, and repaired the rest by hand."
Install = Callable[[Kind, str], Path]


class Here(LocalModels):
    """With what it found."""

    def __init__(self, directory: Path, **chosen: str) -> None:
        self.transcribers: list[Transcriber] = []
        self.speakers: list[Speaker] = []
        super().__init__(directory, Cores(2), self.transcribers, self.speakers, **chosen)

    @property
    def names(self) -> list[str]:
        return [each.capabilities.model for each in (*self.transcribers, *self.speakers)]


@pytest.fixture
def install(tmp_path: Path, request: pytest.FixtureRequest) -> Install:
    """Puts a model where it is looked for, as the installer does: all of it at once."""
    source = Path(os.environ["PARLEY_MODELS_DIR"])

    def put(kind: Kind, wanted: str = "") -> Path:
        found = find(source, kind, wanted)
        if found is None:
            request.getfixturevalue("missing")(f"no {kind} model below PARLEY_MODELS_DIR")
        assert found
        target = tmp_path / found.id / found.revision
        shutil.copytree(found.folder, target, copy_function=os.symlink)
        return target

    return put


async def test_nothing_is_there_until_it_is_installed(
    tmp_path: Path, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Here(tmp_path)
    await here.look()
    assert here.names == []
    install("stt", "whisper-tiny.en")
    await here.look()
    assert here.names == [], "a recogniser needs something that tells speech from silence"
    install("vad", "")
    await here.look()
    [recogniser] = here.names
    install("tts", "")
    monkeypatch.setattr(local, "LOOK_EVERY", 0.0)
    await here.run()
    assert here.names[0] == recogniser and len(here.names) == 2, "once each, and then there is nothing left to do"
    line = Line(text=SENTENCE, language="en", voice="", speed=1.0, format="wav")
    heard = await here.transcribers[0].transcribe(Recording(samples(await here.speakers[0].speak(line)), "en"))
    assert word_error_rate(SENTENCE, heard.text) < 0.1


async def test_what_is_not_whole_waits_until_it_is(tmp_path: Path, install: Install) -> None:
    install("vad", "")
    model = install("stt", "whisper-tiny.en") / "model.bin"
    whole = model.resolve()
    model.unlink()
    here = Here(tmp_path)
    await here.look()
    assert here.names == []
    model.symlink_to(whole)
    await here.look()
    assert len(here.names) == 1


async def test_what_cannot_be_loaded_is_tried_again(tmp_path: Path, install: Install) -> None:
    install("vad", "")
    model = install("stt", "whisper-tiny.en") / "model.bin"
    whole = model.resolve()
    model.unlink()
    with model.open("wb") as broken:
        broken.truncate(whole.stat().st_size)
    here = Here(tmp_path)
    await here.look()
    assert here.names == []
    model.unlink()
    model.symlink_to(whole)
    await here.look()
    assert len(here.names) == 1


@pytest.mark.parametrize(
    ("chosen", "model"), [("", "whisper-base"), ("whisper-tiny.en", "whisper-tiny.en"), ("whisper-small", None)]
)
async def test_the_recogniser_is_chosen(tmp_path: Path, install: Install, chosen: str, model: str | None) -> None:
    for kind, wanted in (("vad", ""), ("stt", "whisper-tiny.en"), ("stt", "whisper-base")):
        install(kind, wanted)
    here = Here(tmp_path, recogniser=chosen)
    await here.look()
    assert here.names == ([model] if model else [])
