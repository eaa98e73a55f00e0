"""Recordings and voices of Deepgram, against a server that speaks its protocol, with its failures."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from devkit.fake_deepgram import DeepgramServer
from devkit.fake_server import Cut, Hang, Slow, Status
from devkit.spoken_code import decode
from models.timing import Timing
from speech.ports import Busy, Failed, Line, Recording
from speech.providers.deepgram import LANGUAGES, Deepgram, DeepgramSpeaker, DeepgramTranscriber
from spoken_samples import saying

KEY = "a-key-of-deepgram"
ANSWER = Recording(saying(0.3, "I built it with Kafka.", 0.5, "It scales."), "en", ("Kafka", "event sourcing"))
LINE = Line("Tell me about yourself.", "en", "Orion", 1.0, "wav")
FAILURES = [
    (Status(401), "unauthorized"),
    (Status(402), "forbidden"),
    (Status(400), "bad_request"),
    (Status(500), "server_error"),
    (Status(503, body="<html>"), "server_error"),
    (Cut(), "cut_off"),
    (b"{not json", "malformed"),
    (b'{"metadata": {}, "results": {"channels": []}}', "malformed"),
    (b"[]", "malformed"),
]


@pytest_asyncio.fixture
async def server() -> AsyncIterator[DeepgramServer]:
    async with DeepgramServer() as running:
        yield running


@pytest_asyncio.fixture
async def deepgram(server: DeepgramServer) -> AsyncIterator[Deepgram]:
    made = Deepgram(server.url, KEY, Timing(call=10, probe=30))
    yield made
    await made.aclose()


@pytest.fixture
def transcriber(deepgram: Deepgram) -> DeepgramTranscriber:
    return DeepgramTranscriber(deepgram, "nova-3")


@pytest.fixture
def speaker(deepgram: Deepgram) -> DeepgramSpeaker:
    return DeepgramSpeaker(deepgram, "aura-2", "thalia")


async def test_a_recording_becomes_words_with_times(server: DeepgramServer, transcriber: DeepgramTranscriber) -> None:
    server.confidences = {"kafka": 0.31}
    heard = await transcriber.transcribe(ANSWER)
    assert heard.text == "I built it with Kafka. It scales."
    assert (heard.language, heard.duration) == ("en", ANSWER.seconds)
    kafka = heard.words[4]
    assert (kafka.text, kafka.start, kafka.end, kafka.confidence) == ("Kafka.", 1.1, 1.34, 0.31)
    query = server.received[-1].query
    assert query == {
        "model": ["nova-3"],
        "smart_format": ["true"],
        "punctuate": ["true"],
        "mip_opt_out": ["true"],
        "language": ["en"],
        "keyterm": ["Kafka", "event sourcing"],
    }
    assert server.received[-1].headers["authorization"] == f"Token {KEY}"


async def test_the_language_is_detected_where_nobody_knows_it(
    server: DeepgramServer, transcriber: DeepgramTranscriber
) -> None:
    server.detects = "es-419"
    assert (await transcriber.transcribe(replace(ANSWER, language=""))).language == "es"
    assert "language" not in server.received[-1].query


async def test_terms_are_left_out_where_they_would_be_refused(server: DeepgramServer, deepgram: Deepgram) -> None:
    many = replace(ANSWER, terms=tuple(f"technology {number:03}" for number in range(500)))
    await DeepgramTranscriber(deepgram, "nova-3").transcribe(many)
    assert server.received[-1].query["keyterm"] == list(many.terms[:71])
    await DeepgramTranscriber(deepgram, "nova-2").transcribe(many)
    assert "keyterm" not in server.received[-1].query


async def test_where_nothing_was_said_there_are_no_words(
    server: DeepgramServer, transcriber: DeepgramTranscriber
) -> None:
    heard = await transcriber.transcribe(Recording(saying(2.0)))
    assert (heard.text, heard.words, heard.duration) == ("", (), 2.0)
    assert (await transcriber.transcribe(Recording(np.zeros(0, np.float32)))).text == "" and len(server.received) == 1


@pytest.mark.parametrize(("trouble", "kind"), FAILURES)
async def test_a_recording_that_is_not_understood_is_a_failure(
    server: DeepgramServer, transcriber: DeepgramTranscriber, trouble: Any, kind: str
) -> None:
    server.listen = trouble
    with pytest.raises(Failed, match=kind):
        await transcriber.transcribe(Recording(saying("hi")))
    assert len(server.received) == 1, "retries are of the layer above"


@pytest.mark.parametrize(("trouble", "kind"), [each for each in FAILURES if each[0] != b"[]"])
async def test_a_line_that_is_not_spoken_is_a_failure(
    server: DeepgramServer, speaker: DeepgramSpeaker, trouble: Any, kind: str
) -> None:
    server.speak = trouble
    for line in (LINE, replace(LINE, format="mp3")):
        with pytest.raises(Failed, match=kind):
            await speaker.speak(line)


@pytest.mark.parametrize("trouble", [Hang(), Slow(60)])
async def test_nothing_is_waited_for_longer_than_allowed(server: DeepgramServer, trouble: Any) -> None:
    server.listen = server.speak = trouble
    deepgram = Deepgram(server.url, KEY, Timing(call=0.2))
    with pytest.raises(Failed, match="timeout"):
        await DeepgramTranscriber(deepgram, "nova-3").transcribe(Recording(saying("hi")))
    with pytest.raises(Failed, match="timeout"):
        await DeepgramSpeaker(deepgram, "aura-2", "thalia").speak(LINE)
    await asyncio.wait_for(server.received[-1].left.wait(), 5)
    await deepgram.aclose()


async def test_nobody_there_is_a_failure(transcriber: DeepgramTranscriber, server: DeepgramServer) -> None:
    await server.__aexit__()
    with pytest.raises(Failed, match="connection"):
        await transcriber.transcribe(ANSWER)


async def test_a_busy_one_says_for_how_long(
    server: DeepgramServer, transcriber: DeepgramTranscriber, speaker: DeepgramSpeaker
) -> None:
    server.listen = server.speak = Status(429, retry_after="7")
    with pytest.raises(Busy) as busy:
        await transcriber.transcribe(ANSWER)
    assert busy.value.retry_after == 7 and not transcriber.available
    assert speaker.available, "limits of recognition are not those of voices"
    with pytest.raises(Busy):
        await speaker.speak(LINE)
    assert not speaker.available


async def test_one_that_is_out_is_tried_again_after_a_while(server: DeepgramServer) -> None:
    now = 100.0
    deepgram = Deepgram(server.url, KEY, Timing(call=10, probe=30, clock=lambda: now))
    transcriber = DeepgramTranscriber(deepgram, "nova-3")
    server.listen = Status(401)
    with pytest.raises(Failed):
        await transcriber.transcribe(ANSWER)
    assert not transcriber.available
    now += 31
    assert transcriber.available
    server.listen = None
    await transcriber.transcribe(ANSWER)
    assert transcriber.available
    await deepgram.aclose()


async def test_failures_hold_no_key_and_no_words(server: DeepgramServer, transcriber: DeepgramTranscriber) -> None:
    server.listen = Status(400, body={"err_msg": "the words of somebody"})
    with pytest.raises(Failed) as failed:
        await transcriber.transcribe(ANSWER)
    assert str(failed.value) == "bad_request" and failed.value.__cause__ is None


async def test_a_line_is_spoken_as_a_file_of_its_length(server: DeepgramServer, speaker: DeepgramSpeaker) -> None:
    with wave.open(io.BytesIO(await speaker.speak(LINE))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        assert " ".join(word.text for word in decode(file.readframes(file.getnframes()))) == LINE.text
    received = server.received[-1]
    assert received.body == {"text": LINE.text} and received.query == {
        "model": ["aura-2-orion-en"],
        "encoding": ["linear16"],
        "container": ["none"],
        "sample_rate": ["24000"],
        "mip_opt_out": ["true"],
    }
    assert (await speaker.speak(replace(LINE, format="mp3"))).endswith(LINE.text.encode())


async def test_a_long_line_is_spoken_in_pieces_and_whole(server: DeepgramServer, speaker: DeepgramSpeaker) -> None:
    text = "A well-known question. " * 200
    spoken = await speaker.speak(replace(LINE, text=text.strip(), format="mp3"))
    pieces = [each.body["text"] for each in server.received]
    assert len(pieces) == 3 and max(map(len, pieces)) <= 2000
    assert " ".join(pieces) == text.strip() and spoken.count(b"\xff\xfb") == 3


@pytest.mark.parametrize(
    ("language", "voice", "model"),
    [
        ("en", "Matthew", "aura-2-apollo-en"),
        ("en-GB", "Joanna", "aura-2-athena-en"),
        ("en", "nobody", "aura-2-thalia-en"),
        ("en", "viktoria", "aura-2-thalia-en"),
        ("de-AT", "Matthew", "aura-2-viktoria-de"),
        ("es", "nestor", "aura-2-nestor-es"),
        ("fr", "", "aura-2-agathe-fr"),
    ],
)
async def test_a_voice_is_always_one_of_the_language(
    server: DeepgramServer, speaker: DeepgramSpeaker, language: str, voice: str, model: str
) -> None:
    line = replace(LINE, language=language, voice=voice)
    assert speaker.capabilities.serves(line) and speaker.identity(line).endswith(f" {model}")
    await speaker.speak(line)
    assert server.received[-1].query["model"] == [model]


async def test_every_language_that_is_promised_has_a_voice(speaker: DeepgramSpeaker) -> None:
    for code in speaker.capabilities.languages:
        name = speaker.identity(replace(LINE, language=code, voice="")).removesuffix(f"-{code}").rsplit("-", 1)[1]
        assert name in speaker.capabilities.voices
    assert not speaker.capabilities.serves(replace(LINE, language="hi"))


async def test_the_voice_that_is_configured_is_the_default_of_its_language(deepgram: Deepgram) -> None:
    speaker = DeepgramSpeaker(deepgram, "aura-2", "nestor")
    assert speaker.identity(replace(LINE, language="es", voice="")).endswith("aura-2-nestor-es")
    assert speaker.identity(replace(LINE, voice="")).endswith("aura-2-thalia-en")


@pytest.mark.parametrize(
    ("language", "speed", "sent"),
    [("en", 1.25, "1.25"), ("en", 2.0, "1.5"), ("en", 0.5, "0.7"), ("es", 0.5, "0.9"), ("de", 2.0, None)],
)
async def test_speed_goes_as_far_as_deepgram_goes(
    server: DeepgramServer, speaker: DeepgramSpeaker, language: str, speed: float, sent: str | None
) -> None:
    await speaker.speak(replace(LINE, language=language, speed=speed))
    assert server.received[-1].query.get("speed", [None]) == [sent]


async def test_other_models_may_be_asked_for_any_language(deepgram: Deepgram) -> None:
    nova3, other = DeepgramTranscriber(deepgram, "nova-3"), DeepgramTranscriber(deepgram, "nova-2")
    assert nova3.capabilities.serves("de-AT") and not nova3.capabilities.serves("xx")
    assert other.capabilities.serves("xx") and all(len(code) == 2 for code in LANGUAGES["nova-3"])


async def test_improving_models_is_a_choice(server: DeepgramServer) -> None:
    deepgram = Deepgram(f"{server.url}/v1", "", Timing(), improves_models=True)
    await DeepgramTranscriber(deepgram, "nova-3").transcribe(ANSWER)
    assert server.received[-1].query["mip_opt_out"] == ["false"]
    await deepgram.aclose()
