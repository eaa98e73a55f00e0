"""Wires the speech service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from models.endpoint import Endpoint
from models.timing import Timing
from nats.js import JetStreamContext
from runtime.broker import jetstream_of
from runtime.objects import SPEECH_BUCKET, make_object_store
from runtime.service import Service, new_service, run

from speech.application import Speech
from speech.providers.openai import VOICES, OpenAISpeaker
from speech.settings import SpeechSettings, listed
from speech.subscribers import NAME, subscribe


def build(settings: SpeechSettings) -> Service:
    """The service, wired but not running."""
    service = new_service(NAME, settings)

    def js() -> JetStreamContext:
        return jetstream_of(service.broker)

    endpoints = make_endpoints(settings)
    speakers = make_speakers(settings, endpoints)
    subscribe(service.broker, Speech(speakers, make_object_store(settings, SPEECH_BUCKET, js)))
    service.resources.append(_closing(endpoints))
    return service


def make_endpoints(settings: SpeechSettings) -> list[Endpoint]:
    """What speaks; nothing where nothing is configured."""
    found = settings.voice_endpoint
    return [Endpoint("speech", found[0], found[1], Timing.of(settings))] if found else []


def make_speakers(settings: SpeechSettings, endpoints: Sequence[Endpoint]) -> list[OpenAISpeaker]:
    """In the order in which they are asked."""
    voices, languages = listed(settings.tts_voices) or VOICES, frozenset(listed(settings.tts_languages))
    return [OpenAISpeaker(each, settings.tts_model, settings.tts_voice, voices, languages) for each in endpoints]


@asynccontextmanager
async def _closing(endpoints: Sequence[Endpoint]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        for endpoint in endpoints:
            await endpoint.aclose()


def main() -> None:
    """Run the service until it is told to stop."""
    run(build(SpeechSettings()))
