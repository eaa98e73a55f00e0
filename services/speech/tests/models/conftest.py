"""Real models, from the directory that PARLEY_MODELS_DIR names: these tests run only with it.

Models are found by the names of their files, wherever in it they lie. `librivox` with WAV files and their
`transcription` is that of Debian's pocketsphinx-testdata.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from speech.ports import VoiceActivity
from speech.providers.cores import Cores
from speech.providers.kokoro import KokoroSpeaker
from speech.providers.silero import SileroActivity
from speech.providers.whisper import WhisperTranscriber

from services.speech.tests.hearing import models_of_tests

_DIRECTORY, _REQUIRED = models_of_tests()

if not _DIRECTORY:
    collect_ignore_glob = ["test_*.py"]


def found(pattern: str) -> Path:
    """The first of these files; without any, the test fails where models are required, and else is skipped."""
    file = next(iter(sorted(Path(_DIRECTORY).rglob(pattern))), None)
    return file or is_missing(f"no {pattern} below PARLEY_MODELS_DIR")


def is_missing(what: str) -> NoReturn:
    """Fails the test where models are required, and else skips it."""
    (pytest.fail if _REQUIRED else pytest.skip)(what)


@pytest.fixture
def missing() -> Callable[[str], NoReturn]:
    return is_missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(900))  # a busy machine takes long, and none of this is about time


@pytest.fixture(scope="session")
def cores() -> Cores:
    return Cores(2)


@pytest.fixture(scope="session")
def activity() -> Callable[[], VoiceActivity]:
    model = found("silero_vad*.onnx")
    return lambda: SileroActivity(model)


@pytest.fixture(scope="session", params=["tiny.en", "base"])
def whisper(request: pytest.FixtureRequest, activity: Callable[[], VoiceActivity], cores: Cores) -> WhisperTranscriber:
    model = found(f"*whisper-{request.param}*/**/model.bin")
    return WhisperTranscriber(model.parent, request.param, activity, cores)


@pytest.fixture(scope="session")
def kokoro(cores: Cores) -> KokoroSpeaker:
    voices = found("af_heart.bin").parent
    return KokoroSpeaker(found("kokoro*.onnx"), found("vocab.json"), voices, cores)


@pytest.fixture
def librivox() -> Path:
    return found("librivox/transcription").parent
