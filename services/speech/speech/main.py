"""Wires the speech service."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from models.endpoint import Endpoint
from models.timing import Timing
from nats.js import JetStreamContext
from prometheus_client import REGISTRY
from runtime.broker import connection_of, jetstream_of
from runtime.objects import RECORDING_BUCKET, SPEECH_BUCKET, make_object_store
from runtime.publish import EventPublisher
from runtime.service import Service, new_service, run

from speech.application import Speech
from speech.decoding import Decoder
from speech.hearing import Hearing
from speech.local import LocalModels
from speech.ports import Speaker, Transcriber
from speech.providers.cores import Cores
from speech.providers.deepgram import Deepgram, DeepgramSpeaker, DeepgramTranscriber
from speech.providers.openai import VOICES, OpenAISpeaker, OpenAITranscriber
from speech.settings import SpeechSettings, listed
from speech.streams import Streams
from speech.subscribers import NAME, subscribe

STREAMS_A_CORE, REMOTE_STREAMS = 2, 64
"""Voices that a worker listens to by default: a model takes some 0.4 of a core for each, a provider hardly any."""


def build(settings: SpeechSettings) -> Service:
    """The service, wired but not running."""
    service = new_service(NAME, settings)

    def js() -> JetStreamContext:
        return jetstream_of(service.broker)

    remote = make_remote(settings)
    speakers, transcribers = make_speakers(settings, remote), make_transcribers(settings, remote)
    if settings.local_speech:
        local = make_local(settings, transcribers, speakers)
        service.resources.append(_loaded(local))
        service.tasks.append(local.run)
    decoder = Decoder(settings.recognition_jobs, settings.recording_minutes * 60)
    service.resources.append(_ended(decoder))
    hearing = Hearing(
        transcribers,
        make_object_store(settings, RECORDING_BUCKET, js),
        decoder,
        EventPublisher(service.broker, NAME),
        lambda: datetime.now(UTC),
        keep=settings.recording_days > 0,
    )

    def full() -> bool:
        waiting = REGISTRY.get_sample_value("parley_durable_pending", {"durable": NAME}) or 0
        return 0 < settings.recognition_queue <= waiting

    speech = Speech(speakers, transcribers, make_object_store(settings, SPEECH_BUCKET, js), full)
    cores = settings.speech_cores or os.cpu_count() or 1
    capacity = settings.recognition_streams or (REMOTE_STREAMS if remote.deepgram else STREAMS_A_CORE * cores)
    streams = Streams(uuid4().hex[:12], transcribers, lambda: connection_of(service.broker), capacity)
    subscribe(service.broker, speech, hearing, streams, workers=settings.recognition_jobs)
    service.resources.append(_leaving(streams))
    service.durables = (*service.durables, NAME)
    service.resources.append(_closing(remote))
    return service


@dataclass(frozen=True)
class Remote:
    """Providers on the other side of a network; None for each that is not configured."""

    deepgram: Deepgram | None
    voices: Endpoint | None
    recognition: Endpoint | None

    async def aclose(self) -> None:
        """Close their connections."""
        for each in (self.deepgram, self.voices, self.recognition):
            if each:
                await each.aclose()


def make_remote(settings: SpeechSettings) -> Remote:
    """What is configured."""
    timing = Timing.of(settings)
    return Remote(
        _deepgram(settings, timing) if settings.has_deepgram else None,
        _endpoint("speech", settings.voice_endpoint, timing),
        _endpoint("recognition", settings.recognition_endpoint, timing),
    )


def _deepgram(settings: SpeechSettings, timing: Timing) -> Deepgram:
    key = settings.deepgram_api_key.get_secret_value()
    return Deepgram(settings.deepgram_base_url, key, timing, improves_models=settings.deepgram_improves_models)


def _endpoint(name: str, found: tuple[str, str] | None, timing: Timing) -> Endpoint | None:
    return Endpoint(name, *found, timing) if found else None


def make_speakers(settings: SpeechSettings, remote: Remote) -> list[Speaker]:
    """In the order in which they are asked."""
    speakers: list[Speaker] = []
    if remote.deepgram:
        speakers.append(DeepgramSpeaker(remote.deepgram, settings.deepgram_tts_model, settings.deepgram_tts_voice))
    if remote.voices:
        voices, languages = listed(settings.tts_voices) or VOICES, frozenset(listed(settings.tts_languages))
        speakers.append(OpenAISpeaker(remote.voices, settings.tts_model, settings.tts_voice, voices, languages))
    return speakers


def make_transcribers(settings: SpeechSettings, remote: Remote) -> list[Transcriber]:
    """In the order in which they are asked."""
    transcribers: list[Transcriber] = []
    if remote.deepgram:
        transcribers.append(DeepgramTranscriber(remote.deepgram, settings.deepgram_stt_model))
    if remote.recognition:
        languages = frozenset(listed(settings.stt_languages))
        transcribers.append(OpenAITranscriber(remote.recognition, settings.stt_model, languages))
    return transcribers


def make_local(settings: SpeechSettings, transcribers: list[Transcriber], speakers: list[Speaker]) -> LocalModels:
    """The models that are installed here, which come behind all others."""
    cores = Cores(settings.speech_cores or os.cpu_count() or 1)
    return LocalModels(
        settings.models_directory,
        cores,
        transcribers,
        speakers,
        settings.local_stt_model,
        settings.local_tts_model,
    )


@asynccontextmanager
async def _loaded(local: LocalModels) -> AsyncIterator[None]:
    """What is installed at the start is there before anybody asks."""
    await local.look()
    yield


@asynccontextmanager
async def _ended(decoder: Decoder) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await decoder.close()


@asynccontextmanager
async def _leaving(streams: Streams) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await streams.leave()


@asynccontextmanager
async def _closing(remote: Remote) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await remote.aclose()


def main() -> None:
    """Run the service until it is told to stop."""
    run(build(SpeechSettings()))
