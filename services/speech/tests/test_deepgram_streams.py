"""Streams of Deepgram, against a server that speaks its protocol, with its failures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from devkit.fake_deepgram import DeepgramServer, Garbled, Refusing, Silent, Stuck
from devkit.fake_server import Cut, Hang, Slow, Status
from models.timing import Timing
from speech.ports import (
    Busy,
    Failed,
    Final,
    Partial,
    RecognitionStream,
    Samples,
    SpeechStarted,
    StreamEvent,
    UtteranceEnded,
)
from speech.providers.deepgram import DUE, Deepgram, DeepgramTranscriber
from spoken_samples import saying

TALK = saying(0.4, "I built the queue.", 1.5, "With Kafka, of course.", 0.2)
LONG = saying(" ".join(f"word{number}" for number in range(60)))
"""Without a pause: about sixteen seconds."""
CHUNK = 320


@pytest_asyncio.fixture
async def server() -> AsyncIterator[DeepgramServer]:
    async with DeepgramServer() as running:
        yield running


@asynccontextmanager
async def transcribing(
    server: DeepgramServer, timing: Timing, keep_alive: float = 4.0
) -> AsyncIterator[DeepgramTranscriber]:
    deepgram = Deepgram(server.url, "a key", timing)
    yield DeepgramTranscriber(deepgram, "nova-3", keep_alive)
    await deepgram.aclose()


@pytest_asyncio.fixture
async def transcriber(server: DeepgramServer) -> AsyncIterator[DeepgramTranscriber]:
    async with transcribing(server, Timing(attempt=10)) as made:
        yield made


@pytest_asyncio.fixture
async def impatient(server: DeepgramServer) -> AsyncIterator[DeepgramTranscriber]:
    async with transcribing(server, Timing(attempt=0.3)) as made:
        yield made


async def send(stream: RecognitionStream, samples: Samples, chunk: int = CHUNK) -> None:
    for at in range(0, len(samples), chunk):
        await stream.send(samples[at : at + chunk])


async def heard(stream: RecognitionStream) -> list[StreamEvent]:
    return [event async for event in stream.events()]


async def whole(transcriber: DeepgramTranscriber, samples: Samples, chunk: int = CHUNK) -> list[StreamEvent]:
    """All that is told of the audio."""
    stream = await transcriber.listen("en")
    reading = asyncio.create_task(heard(stream))
    await send(stream, samples, chunk)
    await stream.end()
    events = await reading
    await stream.close()
    return events


async def until_final(stream: RecognitionStream, events: list[StreamEvent]) -> Final:
    async for event in stream.events():
        events.append(event)
        if isinstance(event, Final) and event.text:
            return event
    raise AssertionError("no final came")


def finals(events: list[StreamEvent]) -> list[Final]:
    return [event for event in events if isinstance(event, Final)]


def text_of(events: list[StreamEvent]) -> str:
    return " ".join(final.text for final in finals(events) if final.text)


def silent(events: list[StreamEvent]) -> list[Final]:
    return [final for final in finals(events) if not final.text]


async def test_what_is_said_is_told_while_it_is_said(server: DeepgramServer, transcriber: DeepgramTranscriber) -> None:
    events = await whole(transcriber, TALK)
    spoken = [event for event in events if not isinstance(event, Partial) and event not in silent(events)]
    assert [type(event) for event in spoken] == [SpeechStarted, Final, UtteranceEnded, SpeechStarted, Final]
    assert spoken[0] == SpeechStarted(0.4) and spoken[2] == UtteranceEnded(1.24)
    first = spoken[1]
    assert isinstance(first, Final) and first.text == "I built the queue." and first.language == "en"
    assert [(word.text, word.start) for word in first.words][:2] == [("I", 0.4), ("built", 0.52)]
    assert Partial("I") in events
    assert server.received[-1].query == {
        "model": ["nova-3"],
        "language": ["en"],
        "encoding": ["linear16"],
        "sample_rate": ["16000"],
        "channels": ["1"],
        "interim_results": ["true"],
        "smart_format": ["true"],
        "punctuate": ["true"],
        "endpointing": ["300"],
        "utterance_end_ms": ["1000"],
        "vad_events": ["true"],
        "mip_opt_out": ["true"],
    }


@pytest.mark.parametrize("chunk", [160, 333, 4_000, 10**6])
async def test_no_word_is_lost_or_doubled_however_it_is_cut(transcriber: DeepgramTranscriber, chunk: int) -> None:
    events = await whole(transcriber, LONG, chunk)
    assert text_of(events) == " ".join(f"word{number}" for number in range(60))
    assert len(finals(events)) > 3
    ends = [final.until for final in finals(events)]
    assert ends == sorted(ends) and ends[-1] == pytest.approx(len(LONG) / 16_000)
    starts = [word.start for final in finals(events) for word in final.words]
    assert starts == sorted(starts)


async def test_what_is_done_with_need_not_be_heard_again(
    server: DeepgramServer, transcriber: DeepgramTranscriber
) -> None:
    """As the service does it: another stream takes what was sent and is not final."""
    server.streams.append(Cut(after=7.5))
    events: list[StreamEvent] = []
    stream = await transcriber.listen("en")

    async def read() -> None:
        async for event in stream.events():
            events.append(event)

    reading = asyncio.create_task(read())
    with suppress(Failed):
        await send(stream, LONG)
    with pytest.raises(Failed, match="cut_off"):
        await reading
    await stream.close()
    assert finals(events)
    rest = LONG[round(finals(events)[-1].until * 16_000) :]
    events += await whole(transcriber, rest)
    assert text_of(events) == " ".join(f"word{number}" for number in range(60))


async def test_words_that_two_guesses_share_are_stable(transcriber: DeepgramTranscriber) -> None:
    partials = [event for event in await whole(transcriber, LONG[: 16_000 * 3]) if isinstance(event, Partial)]
    assert any(partial.stable for partial in partials)
    assert all(partial.text[partial.stable :][:1] in ("", " ") for partial in partials if partial.stable)


async def test_what_was_sent_is_final_on_demand(server: DeepgramServer, transcriber: DeepgramTranscriber) -> None:
    stream, events = await transcriber.listen("en"), list[StreamEvent]()
    await send(stream, saying("And then"))
    await stream.finalize()
    first = await until_final(stream, events)
    assert first.text == "And then" and first.until == pytest.approx(len(saying("And then")) / 16_000)
    await send(stream, saying("more"))
    await stream.end()
    assert text_of(await heard(stream)) == "more"
    await stream.close()


async def test_to_finalize_nothing_is_fine(transcriber: DeepgramTranscriber) -> None:
    stream = await transcriber.listen("en")
    await stream.finalize()
    await stream.send(np.zeros(0, np.float32))
    await send(stream, saying("still here"))
    await stream.end()
    assert text_of(await heard(stream)) == "still here"
    await stream.close()


async def test_minutes_that_are_sent_at_once_are_heard(transcriber: DeepgramTranscriber) -> None:
    burst = np.concatenate([LONG] * 8)
    assert len(text_of(await whole(transcriber, burst, 16_000)).split()) == 8 * 60


async def test_a_silent_speaker_keeps_the_stream(server: DeepgramServer) -> None:
    async with transcribing(server, Timing(attempt=10), keep_alive=0.05) as transcriber:
        stream = await transcriber.listen("en")
        reading = asyncio.create_task(heard(stream))
        await asyncio.wait_for(server.until_sent("KeepAlive", 2), 5)
        await send(stream, saying("back"))
        await stream.end()
        assert text_of(await reading) == "back"
        await stream.close()


async def test_the_language_is_found_out_where_nobody_knows_it(
    server: DeepgramServer, transcriber: DeepgramTranscriber
) -> None:
    stream = await transcriber.listen("")
    await send(stream, saying("hola"))
    await stream.end()
    assert finals(await heard(stream))[-1].language == "es"
    assert server.received[-1].query["language"] == ["multi"]
    await stream.close()


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (Status(401), "unauthorized"),
        (Status(400), "bad_request"),
        (Status(500), "server_error"),
    ],
)
async def test_a_stream_that_is_refused_is_a_failure(
    server: DeepgramServer, transcriber: DeepgramTranscriber, trouble: Any, kind: str
) -> None:
    server.streams.append(trouble)
    with pytest.raises(Failed, match=kind):
        await transcriber.listen("en")
    assert transcriber.available == (kind != "unauthorized")


@pytest.mark.parametrize("trouble", [Hang(), Slow(60)])
async def test_a_stream_that_does_not_open_is_given_up(
    server: DeepgramServer, impatient: DeepgramTranscriber, trouble: Any
) -> None:
    server.streams.append(trouble)
    with pytest.raises(Failed, match="timeout"):
        await impatient.listen("en")
    await asyncio.wait_for(server.received[-1].left.wait(), 5)


async def test_a_busy_one_says_for_how_long(server: DeepgramServer, transcriber: DeepgramTranscriber) -> None:
    server.streams.append(Status(429, retry_after="7"))
    with pytest.raises(Busy) as busy:
        await transcriber.listen("en")
    assert busy.value.retry_after == 7 and not transcriber.available


async def test_nobody_there_is_a_failure(server: DeepgramServer, transcriber: DeepgramTranscriber) -> None:
    await server.__aexit__()
    with pytest.raises(Failed, match="connection"):
        await transcriber.listen("en")


@pytest.mark.parametrize(
    ("trouble", "kind"), [(Garbled(0.5), "malformed"), (Refusing(0.5), "server_error"), (Cut(0.5), "cut_off")]
)
async def test_a_stream_that_goes_wrong_is_a_failure(
    server: DeepgramServer, transcriber: DeepgramTranscriber, trouble: Any, kind: str
) -> None:
    server.streams.append(trouble)
    stream = await transcriber.listen("en")
    await stream.send(saying("half a second of it"))
    with pytest.raises(Failed, match=kind):
        await heard(stream)
    await stream.close()


async def test_one_that_says_nothing_is_given_up(server: DeepgramServer, impatient: DeepgramTranscriber) -> None:
    server.streams.append(Silent())
    stream = await impatient.listen("en")
    await send(stream, LONG[: round(16_000 * DUE)])
    with pytest.raises(Failed, match="timeout"):
        await heard(stream)
    await stream.close()
    await asyncio.wait_for(server.received[-1].left.wait(), 5)


async def test_one_that_takes_nothing_is_given_up_and_let_go_of(
    server: DeepgramServer, impatient: DeepgramTranscriber
) -> None:
    server.streams.append(Stuck())
    stream = await impatient.listen("en")
    with pytest.raises(Failed, match="timeout"):
        await send(stream, np.concatenate([LONG] * 40), 16_000 * 10)
    # The library would wait for an answer, twice for ten seconds.
    await asyncio.wait_for(stream.close(), 5)


async def test_an_end_that_is_not_answered_is_given_up(server: DeepgramServer, impatient: DeepgramTranscriber) -> None:
    server.streams.append(Silent())
    stream = await impatient.listen("en")
    await stream.send(saying("hi"))
    await stream.end()
    with pytest.raises(Failed, match="timeout"):
        await heard(stream)
    await stream.close()


async def test_three_that_fail_in_a_row_put_it_out_and_each_counts_once(
    server: DeepgramServer, transcriber: DeepgramTranscriber
) -> None:
    for attempt in range(3):
        assert transcriber.available, f"after {attempt} failures"
        server.streams.append(Cut())
        stream = await transcriber.listen("en")
        await stream.send(saying("hi"))
        with pytest.raises(Failed):
            await heard(stream)
        with pytest.raises(Failed):
            await stream.finalize()
        await stream.close()
    assert not transcriber.available


async def test_to_end_and_to_close_twice_is_fine(server: DeepgramServer, transcriber: DeepgramTranscriber) -> None:
    stream = await transcriber.listen("en")
    await stream.send(saying("bye"))
    await stream.end()
    await stream.end()
    assert text_of(await heard(stream)) == "bye" and server.received[-1].messages == ["audio", "CloseStream"]
    await stream.close()
    await stream.close()
    await stream.end()


async def test_to_close_lets_go_at_once_and_is_no_failure(
    server: DeepgramServer, transcriber: DeepgramTranscriber
) -> None:
    server.streams.append(Silent())
    stream = await transcriber.listen("en")
    reading = asyncio.create_task(heard(stream))
    await stream.send(saying("hi"))
    await server.until_sent("audio")
    await stream.close()
    assert await reading == []
    await asyncio.wait_for(server.received[-1].left.wait(), 5)
    with pytest.raises(Failed, match="closed"):
        await stream.send(saying("hi"))
    assert transcriber.available
