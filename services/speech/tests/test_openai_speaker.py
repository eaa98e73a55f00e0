"""The adapter against a server that speaks OpenAI's protocol, with its failures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from devkit.fake_openai import Hang, OpenAIServer, Status
from models.endpoint import Endpoint
from models.timing import Timing
from speech.ports import Busy, Failed, Line
from speech.providers.openai import VOICES, OpenAISpeaker

LINE = Line("Tell me about yourself.", "en", "Nova", 1.25, "mp3")


@pytest_asyncio.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        yield running


@pytest_asyncio.fixture
async def endpoint(server: OpenAIServer) -> AsyncIterator[Endpoint]:
    endpoint = Endpoint("speech", server.url, "a key", Timing(call=3, probe=30))
    yield endpoint
    await endpoint.aclose()


@pytest.fixture
def speaker(endpoint: Endpoint) -> OpenAISpeaker:
    return OpenAISpeaker(endpoint, "tts-1", "alloy", VOICES, frozenset())


async def test_a_line_is_spoken_as_it_is_asked_for(server: OpenAIServer, speaker: OpenAISpeaker) -> None:
    assert (await speaker.speak(LINE)).endswith(b"Tell me about yourself.")
    [body] = server.bodies("/audio/speech")
    assert body == {"input": LINE.text, "model": "tts-1", "voice": "nova", "response_format": "mp3", "speed": 1.25}
    assert server.received[-1].headers["authorization"] == "Bearer a key"
    wav = await speaker.speak(replace(LINE, format="wav", voice="Matthew"))
    assert wav.startswith(b"RIFF") and server.bodies("/audio/speech")[-1]["voice"] == "alloy"


async def test_voices_that_come_to_the_same_are_the_same(speaker: OpenAISpeaker) -> None:
    others = [replace(LINE, voice=name) for name in ("Matthew", "", "alloy", "nova")]
    identities = [speaker.identity(each) for each in others]
    assert identities[0] == identities[1] == identities[2] != identities[3]


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (Status(401), "unauthorized"),
        (Status(404), "not_found"),
        (Status(500), "server_error"),
        (Hang(), "timeout"),
        (b'{"error": "no"}', "malformed"),
        (b"", "malformed"),
    ],
)
async def test_what_gives_no_audio_is_a_failure(
    server: OpenAIServer, speaker: OpenAISpeaker, behaviour: Any, kind: str
) -> None:
    server.speech = behaviour
    with pytest.raises(Failed, match=kind):
        await speaker.speak(LINE)


async def test_a_busy_one_says_for_how_long(server: OpenAIServer, speaker: OpenAISpeaker) -> None:
    server.speech = Status(429, retry_after="7")
    with pytest.raises(Busy) as busy:
        await speaker.speak(LINE)
    assert busy.value.retry_after == 7 and not speaker.available


async def test_one_that_is_out_is_tried_again_after_a_while(server: OpenAIServer) -> None:
    now = 100.0
    endpoint = Endpoint("speech", server.url, "a key", Timing(call=0.5, probe=30, clock=lambda: now))
    speaker = OpenAISpeaker(endpoint, "tts-1", "alloy", VOICES, frozenset())
    server.speech = Status(401)
    with pytest.raises(Failed):
        await speaker.speak(LINE)
    assert not speaker.available
    now += 31
    assert speaker.available
    server.speech = None
    await speaker.speak(LINE)
    assert speaker.available
    await endpoint.aclose()
