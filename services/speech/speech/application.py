"""Speaks lines: from what was spoken before, or by the first provider that can."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import astuple
from typing import get_args

import structlog
from contracts.speech.asks import (
    CapabilitiesAsk,
    RecognitionProvider,
    SpeakAsk,
    SpeechCapabilities,
    SpeechRefusal,
    Spoken,
    VoiceProvider,
)
from prometheus_client import Counter, Histogram
from runtime.objects import SPOKEN_FOLDER, ObjectStore
from runtime.telemetry import failure

from speech.ports import Busy, Line, Speaker, SpeechError, Transcriber

log = structlog.get_logger()
SPOKEN = Counter("parley_speech_spoken_total", "Lines, by what came of them.", ["result"])
for _result in ("spoken", "cached", *get_args(SpeechRefusal)):
    SPOKEN.labels(_result)
SPEAKING = Histogram("parley_speech_speaking_seconds", "What a provider took for a line.", ["provider"])


class Speech:
    """The use cases. `speakers` are asked in their order; `objects` keeps what was spoken, for a while. `transcribers`
    are what it tells of others, and `full` whether too many recordings wait for them."""

    def __init__(
        self,
        speakers: Sequence[Speaker],
        transcribers: Sequence[Transcriber],
        objects: ObjectStore,
        full: Callable[[], bool] = lambda: False,
    ) -> None:
        self._speakers = speakers
        self._transcribers = transcribers
        self._objects = objects
        self._full = full
        self._speaking: dict[str, asyncio.Task[Spoken]] = {}

    async def capabilities(self, ask: CapabilitiesAsk) -> SpeechCapabilities:
        """All that speaks and understands."""
        return SpeechCapabilities(
            voices=tuple(_voice(each) for each in self._speakers),
            recognisers=tuple(_recogniser(each) for each in self._transcribers),
            full=self._full(),
        )

    async def speak(self, ask: SpeakAsk) -> Spoken:
        """Audio of a line. The same line asked for twice at once is spoken once."""
        line = Line(" ".join(ask.text.split()), ask.language, ask.voice.strip(), ask.speed, ask.format)
        asked = _digest(line)
        task = self._speaking.get(asked)
        if task is None:
            task = self._speaking[asked] = asyncio.create_task(self._speak(line))
            task.add_done_callback(lambda _: self._speaking.pop(asked, None))
        spoken = await asyncio.shield(task)  # others may wait for it when this one has gone
        SPOKEN.labels(spoken.refusal or ("cached" if spoken.cached else "spoken")).inc()
        return spoken

    async def _speak(self, line: Line) -> Spoken:
        able = [each for each in self._speakers if each.capabilities.serves(line)]
        if not able or not line.text:
            return Spoken(refusal="no_voice")
        busy: list[float] = []
        for speaker in [*(each for each in able if each.available), *(each for each in able if not each.available)]:
            key = f"{SPOKEN_FOLDER}/{_digest(line, speaker.identity(line))}.{line.format}"
            try:
                if await self._objects.has(key):
                    return Spoken(key=key, provider=speaker.name, cached=True)
                with SPEAKING.labels(speaker.name).time():
                    audio = await speaker.speak(line)
            except Busy as error:
                busy.append(error.retry_after)
            except SpeechError as error:
                log.warning("a voice failed", provider=speaker.name, **failure(error))
            else:
                await self._objects.put(key, audio)
                return Spoken(key=key, provider=speaker.name)
        return Spoken(refusal="busy", retry_after=min(busy)) if busy else Spoken(refusal="failed")


def _voice(speaker: Speaker) -> VoiceProvider:
    can = speaker.capabilities
    return VoiceProvider(
        name=speaker.name,
        model=can.model,
        voices=can.voices,
        default_voice=can.default_voice,
        languages=tuple(sorted(can.languages)),
        formats=can.formats,
        available=speaker.available,
    )


def _recogniser(transcriber: Transcriber) -> RecognitionProvider:
    can = transcriber.capabilities
    return RecognitionProvider(
        name=transcriber.name,
        model=can.model,
        languages=tuple(sorted(can.languages)),
        streams=can.streams,
        quality=can.quality,
        available=transcriber.available,
    )


def _digest(line: Line, identity: str = "") -> str:
    return hashlib.sha256(json.dumps([*astuple(line), identity]).encode()).hexdigest()
