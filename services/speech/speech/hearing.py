"""Understands recordings: fetched, decoded, recognised by the first provider that can; each once, however often it is
said."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, get_args

import numpy as np
import structlog
from contracts import Event, Payload, follow_up
from contracts.gateway.events import RecordingUploaded
from contracts.session.events import AudioReceived
from contracts.speech.events import Progressed, RecognitionFailed, Transcribed
from contracts.vocabulary.hearing import Heard, NotHeard, RecordingRef
from prometheus_client import Counter, Histogram
from runtime.objects import ObjectNotFound, ObjectStore
from runtime.publish import Publisher
from runtime.telemetry import failure

from speech.decoding import Decoder, Undecodable
from speech.ports import Busy, Progress, Recording, Samples, SpeechError, Transcriber, language_code, unheeded

log = structlog.get_logger()
HEARD = Counter("parley_speech_heard_total", "Recordings, by what came of them.", ["result"])
for _result in ("heard", *get_args(NotHeard)):
    HEARD.labels(_result)
HEARING = Histogram(
    "parley_speech_hearing_seconds",
    "What a provider took for a recording.",
    ["provider"],
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300),
)
QUIET = 0.001
"""Full scale is 1: a recording that never gets louder holds nothing that anybody could hear, which is -60 dB."""
PATIENCE = 60.0
"""Seconds for which recognisers that are all busy are waited for."""
TOLD_EVERY = 2.0
"""Seconds, at least, between two words about how far it is."""
_DECODED = 5
"""Percent that fetching and decoding come to."""
_LOOK_AGAIN = (1.0, 10.0)
"""Seconds, at least and at most, between two tries of busy ones."""
LOST = "The recording did not arrive completely. Please send it again."
SILENT = "There is no sound in this recording. Please check your microphone and record it again."
WORDLESS = "No words could be made out in this recording. Please say that again, or write it."
BUSY = "Speech recognition is busy just now. Please try again in a moment, or write your answer."
UNAVAILABLE = "Speech recognition did not succeed. Please try again, or write your answer."


class NotUnderstood(Exception):
    """There are no words to be had; `reason` for programs, the text for whoever recorded it."""

    def __init__(self, reason: NotHeard, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class Hearing:
    """The use cases. `transcribers` are asked in their order; with `keep` False a recording is deleted once it is
    understood."""

    def __init__(
        self,
        transcribers: Sequence[Transcriber],
        recordings: ObjectStore,
        decoder: Decoder,
        publisher: Publisher,
        now: Callable[[], datetime],
        *,
        keep: bool,
        patience: float = PATIENCE,
    ) -> None:
        self._transcribers = transcribers
        self._recordings = recordings
        self._decoder = decoder
        self._publisher = publisher
        self._now = now
        self._keep = keep
        self._patience = patience

    async def handle(self, event: Event[Any]) -> None:
        """Say what is said in a recording, or why there is nothing to say. What is away, such as the object store, is
        raised, and the event comes again."""
        brought = event.data
        if not isinstance(brought, (AudioReceived, RecordingUploaded)):
            return
        said: Payload
        try:
            samples = await self._samples(brought.recording)
            progress = self._telling(event) if isinstance(brought, RecordingUploaded) else unheeded
            await progress(0.0)
            recording = Recording(samples, language_code(brought.language), _terms(brought))
            said = await self._understood(recording, progress)
        except (NotUnderstood, Undecodable) as error:
            said = RecognitionFailed(reason=error.reason, message=str(error))
        HEARD.labels(said.reason if isinstance(said, RecognitionFailed) else "heard").inc()
        await self._publisher.publish(follow_up(event, said, self._now()))
        # A task's recording is nobody's answer: whoever made it has it.
        if not self._keep or isinstance(brought, RecordingUploaded):
            await self._recordings.delete(brought.recording.key)

    async def _samples(self, recording: RecordingRef) -> Samples:
        try:
            data = await self._recordings.get(recording.key)
        except ObjectNotFound:
            raise NotUnderstood("lost", LOST) from None
        if hashlib.sha256(data).hexdigest() != recording.sha256:
            raise NotUnderstood("lost", LOST)
        samples = await self._decoder.decode(data)
        if float(np.abs(samples).max()) < QUIET:
            raise NotUnderstood("silent", SILENT)
        return samples

    def _telling(self, event: Event[Any]) -> Progress:
        """Says now and then how far it is: a kindness, without which the work goes on."""
        told_at, told = -TOLD_EVERY, 0

        async def progress(share: float) -> None:
            nonlocal told_at, told
            now, percent = asyncio.get_running_loop().time(), min(99, _DECODED + round(share * (100 - _DECODED)))
            if percent <= told or now - told_at < TOLD_EVERY:
                return
            told_at, told = now, percent
            try:
                said = follow_up(event, Progressed(percent=percent), self._now(), ordinal=percent)
                await self._publisher.publish(said)
            except Exception as error:
                log.info("how far a recording is was not said", **failure(error))

        return progress

    async def _understood(self, recording: Recording, progress: Progress) -> Transcribed:
        able = [each for each in self._transcribers if each.capabilities.serves(recording.language)]
        until = asyncio.get_running_loop().time() + self._patience
        while True:
            busy: list[float] = []
            for transcriber in sorted(able, key=lambda each: not each.available):
                try:
                    with HEARING.labels(transcriber.name).time():
                        heard = await transcriber.transcribe(recording, progress)
                except Busy as error:
                    busy.append(error.retry_after)
                except SpeechError as error:
                    log.warning("a recogniser failed", provider=transcriber.name, **failure(error))
                else:
                    return _said(heard, transcriber)
            if not busy:
                raise NotUnderstood("unavailable", UNAVAILABLE)
            pause = min(max(min(busy), _LOOK_AGAIN[0]), _LOOK_AGAIN[1])
            if asyncio.get_running_loop().time() + pause > until:
                raise NotUnderstood("busy", BUSY)
            await asyncio.sleep(pause)


def _terms(brought: AudioReceived | RecordingUploaded) -> tuple[str, ...]:
    return brought.terms if isinstance(brought, AudioReceived) else ()


def _said(heard: Heard, transcriber: Transcriber) -> Transcribed:
    """Raises NotUnderstood where there is no word."""
    if not any(letter.isalnum() for letter in heard.text):
        raise NotUnderstood("wordless", WORDLESS)
    return Transcribed(heard=heard, provider=transcriber.name, model=transcriber.capabilities.model)
