"""Recordings, against a server that speaks OpenAI's protocol, with its failures."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from devkit.fake_openai import OpenAIServer
from devkit.fake_server import Cut, Hang, Slow, Status
from models.endpoint import Endpoint
from models.timing import Timing
from speech.ports import Busy, Failed, Recording
from speech.providers.openai import UNTOLD_CONFIDENCE, OpenAITranscriber
from spoken_samples import saying

ANSWER = Recording(saying(0.3, "I built it with Kafka.", 0.5, "It scales."), "", ("Kafka", "Redis"))


@pytest_asyncio.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        yield running


@pytest_asyncio.fixture
async def endpoint(server: OpenAIServer) -> AsyncIterator[Endpoint]:
    endpoint = Endpoint("recognition", server.url, "", Timing(call=10, probe=30))
    yield endpoint
    await endpoint.aclose()


@pytest.fixture
def transcriber(endpoint: Endpoint) -> OpenAITranscriber:
    return OpenAITranscriber(endpoint, "whisper-1", frozenset())


def forms(server: OpenAIServer) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in body.items() if key != "file"} for body in server.bodies("/audio/transcriptions")
    ]


async def test_a_recording_becomes_words_with_times(server: OpenAIServer, transcriber: OpenAITranscriber) -> None:
    heard = await transcriber.transcribe(ANSWER)
    assert heard.text == "I built it with Kafka. It scales."
    assert (heard.language, heard.duration) == ("en", ANSWER.seconds)
    assert [word.text for word in heard.words] == ["I", "built", "it", "with", "Kafka", "It", "scales"]
    assert (heard.words[4].start, heard.words[4].end) == (1.1, 1.34)
    assert math.isclose(heard.confidence, 0.81) and math.isclose(heard.words[0].confidence, 0.81)
    [form] = forms(server)
    assert form == {
        "model": "whisper-1",
        "response_format": "verbose_json",
        "timestamp_granularities[]": ["word", "segment"],
        "prompt": "Kafka, Redis",
    }


async def test_a_language_that_is_known_is_told(server: OpenAIServer, transcriber: OpenAITranscriber) -> None:
    heard = await transcriber.transcribe(replace(ANSWER, language="de", terms=()))
    assert heard.language == "de" and forms(server)[-1]["language"] == "de" and "prompt" not in forms(server)[-1]


@pytest.mark.parametrize(("told", "code"), [("German", "de"), ("fr", "fr"), ("klingon", ""), (None, "")])
async def test_the_language_that_was_heard_is_a_code(
    server: OpenAIServer, transcriber: OpenAITranscriber, told: str | None, code: str
) -> None:
    server.transcription = b'{"text": "ja", "language": %s}' % (f'"{told}"'.encode() if told else b"null")
    assert (await transcriber.transcribe(ANSWER)).language == code


async def test_a_model_without_times_is_asked_for_plain_text_from_then_on(
    server: OpenAIServer, transcriber: OpenAITranscriber
) -> None:
    server.formats = ("json",)
    for _ in range(2):
        heard = await transcriber.transcribe(ANSWER)
        assert heard.text == "I built it with Kafka. It scales."
        assert (heard.words, heard.confidence) == ((), UNTOLD_CONFIDENCE)
    assert [form["response_format"] for form in forms(server)] == ["verbose_json", "json", "json"]


async def test_a_recording_that_is_refused_says_nothing_about_times(
    server: OpenAIServer, transcriber: OpenAITranscriber
) -> None:
    server.transcription = Status(400)
    with pytest.raises(Failed, match="bad_request"):
        await transcriber.transcribe(ANSWER)
    server.transcription = None
    assert (await transcriber.transcribe(ANSWER)).words


async def test_one_that_does_not_say_how_sure_it_is_counts_as_fairly_sure(
    server: OpenAIServer, transcriber: OpenAITranscriber
) -> None:
    server.tells_confidence = False
    heard = await transcriber.transcribe(ANSWER)
    assert heard.confidence == heard.words[0].confidence == UNTOLD_CONFIDENCE


async def test_servers_that_tell_the_probability_of_a_word_are_believed(
    server: OpenAIServer, transcriber: OpenAITranscriber
) -> None:
    server.transcription = b'{"text": "hi", "words": [{"word": " hi", "start": 1, "end": 0.9, "probability": 0.4}]}'
    [word] = (await transcriber.transcribe(ANSWER)).words
    assert (word.text, word.start, word.end, word.confidence) == ("hi", 1, 1, 0.4)


async def test_where_nothing_was_said_there_are_no_words(server: OpenAIServer, transcriber: OpenAITranscriber) -> None:
    assert (await transcriber.transcribe(Recording(saying(1.0)))).text == ""
    assert (await transcriber.transcribe(Recording(np.zeros(9, np.float32)))).words == () and len(server.received) == 1


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (Status(401), "unauthorized"),
        (Status(404), "not_found"),
        (Status(500), "server_error"),
        (Cut(), "connection"),
        (b"{not json", "malformed"),
        (b"{}", "malformed"),
        (b'{"text": "hi", "words": [{"word": "hi", "start": "x", "end": null}]}', "malformed"),
    ],
)
async def test_a_recording_that_is_not_understood_is_a_failure(
    server: OpenAIServer, transcriber: OpenAITranscriber, trouble: Any, kind: str
) -> None:
    server.transcription = trouble
    with pytest.raises(Failed, match=kind):
        await transcriber.transcribe(Recording(saying("hi")))
    assert len(server.received) == 1, "retries are of the layer above"


@pytest.mark.parametrize("trouble", [Hang(), Slow(60)])
async def test_nothing_is_waited_for_longer_than_allowed(server: OpenAIServer, trouble: Any) -> None:
    server.transcription = trouble
    endpoint = Endpoint("recognition", server.url, "", Timing(call=0.2))
    with pytest.raises(Failed, match="timeout"):
        await OpenAITranscriber(endpoint, "whisper-1", frozenset()).transcribe(Recording(saying("hi")))
    await asyncio.wait_for(server.received[-1].left.wait(), 5)
    await endpoint.aclose()


async def test_a_busy_one_says_for_how_long(server: OpenAIServer, transcriber: OpenAITranscriber) -> None:
    server.transcription = Status(429, retry_after="7")
    with pytest.raises(Busy) as busy:
        await transcriber.transcribe(ANSWER)
    assert busy.value.retry_after == 7 and not transcriber.available


async def test_it_does_not_stream(transcriber: OpenAITranscriber) -> None:
    assert not transcriber.capabilities.streams
    with pytest.raises(NotImplementedError):
        await transcriber.listen("en")
