"""Models that run here, as soon as they are installed: what is not there at the start is looked for again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import structlog
from local_models.installed import Installed, find
from runtime.telemetry import failure

from speech.ports import Speaker, Transcriber
from speech.providers.cores import Cores

log = structlog.get_logger()
LOOK_EVERY = 5.0
"""Seconds."""
Model = TypeVar("Model")


class LocalModels:
    """Adds a recogniser and a voice to `transcribers` and `speakers`, behind what is there, once each. `recogniser` and
    `voice` choose among several that are installed in `directory`; empty takes the most preferred."""

    def __init__(
        self,
        directory: Path,
        cores: Cores,
        transcribers: list[Transcriber],
        speakers: list[Speaker],
        recogniser: str = "",
        voice: str = "",
    ) -> None:
        self._directory = directory
        self._cores = cores
        self._transcribers = transcribers
        self._speakers = speakers
        self._recogniser = recogniser
        self._voice = voice
        self._hears = self._speaks = False

    async def run(self) -> None:
        """Look until both are there."""
        while not (self._hears and self._speaks):
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Load what is there and was not before. What cannot be loaded is tried again: it may be being installed."""
        if not self._hears and (whisper := await asyncio.to_thread(self._load_recogniser)):
            self._transcribers.append(whisper)
            self._hears = True
        if not self._speaks and (kokoro := await asyncio.to_thread(self._load_voice)):
            self._speakers.append(kokoro)
            self._speaks = True

    def _load_recogniser(self) -> Transcriber | None:
        found, activity = find(self._directory, "stt", self._recogniser), find(self._directory, "vad")
        if found is None or activity is None or not (found.verified and activity.verified):
            return None

        def load() -> Transcriber:
            from speech.providers.silero import SileroActivity
            from speech.providers.whisper import WhisperTranscriber

            model = activity.folder / "silero_vad.onnx"
            size = found.id.removeprefix("whisper-")
            return WhisperTranscriber(found.folder, size, lambda: SileroActivity(model), self._cores)

        return _loaded(found, load)

    def _load_voice(self) -> Speaker | None:
        found = find(self._directory, "tts", self._voice)
        if found is None or not found.verified:
            return None

        def load() -> Speaker:
            from speech.providers.kokoro import KokoroSpeaker

            model = next(found.folder.glob("*.onnx"))
            return KokoroSpeaker(model, found.folder / "vocab.json", found.folder / "voices", self._cores)

        return _loaded(found, load)


def _loaded(found: Installed, load: Callable[[], Model]) -> Model | None:
    """The libraries are imported here, since they take seconds that nobody without models should wait for."""
    try:
        model = load()
    except Exception as error:
        log.error("a model cannot be loaded", model=found.id, **failure(error))
        return None
    log.info("model loaded", model=found.id, revision=found.revision)
    return model
