"""Streams over a recogniser of pieces, where a word is a value of its samples, so that each is heard exactly once."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field

import numpy as np
import pytest
from contracts.vocabulary.hearing import HeardWord
from hypothesis import given, settings
from hypothesis import strategies as st
from speech.ports import (
    SAMPLE_RATE,
    Busy,
    Failed,
    Final,
    Partial,
    Samples,
    SpeechStarted,
    StreamEvent,
    UtteranceEnded,
    VoiceActivity,
)
from speech.providers.listening import Piece, PieceStream, agreed

GAP = 0.1
"""Seconds between two words."""


class Loudness(VoiceActivity):
    """Whatever can be heard is speech."""

    frame = 512

    def probability(self, frame: Samples) -> float:
        return float(np.abs(frame).max() > 0)

    def reset(self) -> None:
        """It remembers nothing."""


@dataclass
class Reader:
    """Reads the words off the samples."""

    busy: bool = False
    deaf: bool = False
    failing: bool = False
    quick_ones: list[float] = field(default_factory=list)
    thorough_ones: list[float] = field(default_factory=list)

    async def quick(self, samples: Samples, language: str) -> Piece | None:
        if self.busy:
            raise Busy(1)
        self.quick_ones.append(len(samples) / SAMPLE_RATE)
        return self._read(samples)

    async def thorough(self, samples: Samples, language: str) -> Piece:
        await asyncio.sleep(0)
        if self.failing:
            raise Failed("broken")
        self.thorough_ones.append(len(samples) / SAMPLE_RATE)
        return self._read(samples)

    def _read(self, samples: Samples) -> Piece:
        if self.deaf:
            return Piece("")
        edges = [0, *(np.flatnonzero(np.diff(samples)) + 1), len(samples)]
        words = tuple(
            HeardWord(text=_word(samples[since]), start=since / SAMPLE_RATE, end=end / SAMPLE_RATE)
            for since, end in itertools.pairwise(edges)
            if since < end and samples[since]
        )
        return Piece(" ".join(each.text for each in words), words, 0.9, "en")


def _word(value: float) -> str:
    return f"w{round(value * 10_000)}"


def speech(*parts: float) -> Samples:
    """Alternately a word and a silence, in seconds."""
    values = (0 if number % 2 else (number // 2 + 1) / 10_000 for number in range(len(parts)))
    return np.concatenate(
        [np.full(round(each * SAMPLE_RATE), v, np.float32) for each, v in zip(parts, values, strict=False)]
    )


def monologue(words: int, *, pause: float = GAP, every: int = 1) -> list[float]:
    """Words of 0.4 seconds, with a pause after every so many."""
    parts = ([0.4, pause if number % every == every - 1 else GAP] for number in range(words))
    return list(itertools.chain.from_iterable(parts))


def named(first: int, last: int) -> str:
    return " ".join(f"w{number}" for number in range(first, last + 1))


async def listen(
    audio: Samples, reader: Reader | None = None, chunk: int = 1600, ended: bool = True
) -> list[StreamEvent]:
    """What is said of it; everything that a chunk leads to is done before the next one."""
    stream = PieceStream(reader or Reader(), Loudness())
    found: list[StreamEvent] = []

    async def read() -> None:
        async for event in stream.events():
            found.append(event)

    reading = asyncio.create_task(read())
    for at in range(0, len(audio), chunk):
        await stream.send(audio[at : at + chunk])
        await settle()
    await (stream.end() if ended else stream.close())
    await reading
    return found


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def finals(events: list[StreamEvent]) -> list[Final]:
    return [each for each in events if isinstance(each, Final)]


def words(events: list[StreamEvent]) -> str:
    return " ".join(each.text for each in finals(events))


async def test_an_utterance_begins_grows_and_ends() -> None:
    events = await listen(speech(*[0.5, 0.1] * 5, 0.5, 2.0), ended=False)
    started, *partials, final, ended = events
    assert isinstance(started, SpeechStarted) and started.at == 0
    assert [each.text for each in partials if isinstance(each, Partial)] == [named(1, last) for last in (2, 4, 6, 6)]
    assert isinstance(final, Final) and final.text == named(1, 6) and final.language == "en"
    assert isinstance(ended, UtteranceEnded) and ended.last_spoken_at == pytest.approx(3.5, abs=0.04)
    assert final.until == pytest.approx(ended.last_spoken_at + 0.25)
    assert [(each.start, each.end) for each in final.words][1] == pytest.approx((0.6, 1.1), abs=0.001)


async def test_words_that_two_partials_agree_on_are_stable() -> None:
    events = await listen(speech(*[0.5, 0.1] * 5, 0.5, 2.0))
    partials = [each for each in events if isinstance(each, Partial)]
    assert [each.text[: each.stable] for each in partials] == ["", named(1, 2), named(1, 4), named(1, 6)]


async def test_a_pause_makes_final_only_what_is_long_enough_and_a_rest_anything() -> None:
    audio = speech(*monologue(20, pause=0.6, every=5), 0.4, 2.0, 0.4, 2.0)
    events = await listen(audio)
    # Five words and a pause are 3 seconds: the third pause comes after 8.
    assert [each.text for each in finals(events)] == [named(1, 15), named(16, 21), named(22, 22)]
    assert sum(isinstance(each, UtteranceEnded) for each in events) == 2


async def test_what_was_understood_at_a_pause_is_not_heard_again_for_the_final() -> None:
    reader = Reader()
    await listen(speech(0.5, 0.1, 0.5, 2.0), reader)
    assert len(reader.thorough_ones) == 1


async def test_speech_without_a_pause_is_cut_between_words() -> None:
    events = await listen(speech(*monologue(100)))
    assert words(events) == named(1, 100)
    untils = [0, *(each.until for each in finals(events))]
    assert all(before < after <= before + 22 for before, after in itertools.pairwise(untils)) and len(untils) == 5


@settings(max_examples=12)
@given(
    pauses=st.lists(st.sampled_from([GAP, GAP, GAP, 0.4, 0.7, 1.6, 3.0]), min_size=1, max_size=40),
    lengths=st.lists(st.sampled_from([0.12, 0.3, 0.5, 0.9]), min_size=40, max_size=40),
    chunk=st.sampled_from([320, 1600, 8000, 10_000_000]),
)
def test_each_word_is_final_once_however_the_audio_comes_and_whoever_takes_over(
    pauses: list[float], lengths: list[float], chunk: int
) -> None:
    audio = speech(*itertools.chain.from_iterable(zip(lengths, pauses, strict=False)))
    events = asyncio.run(listen(audio, chunk=chunk))
    assert words(events) == named(1, len(pauses))
    assert finals(events) == finals(asyncio.run(listen(audio)))
    for number, final in enumerate(finals(events), 1):
        # Another stream goes on from here.
        rest = asyncio.run(listen(audio[round(final.until * SAMPLE_RATE) :]))
        assert f"{words(finals(events)[:number])} {words(rest)}".strip() == named(1, len(pauses))
    spans = [each for final in finals(events) for each in final.words]
    assert all(before.end <= after.start + 0.001 for before, after in itertools.pairwise(spans))


async def test_what_was_sent_becomes_final_when_that_is_asked_for() -> None:
    stream = PieceStream(Reader(), Loudness())
    events = stream.events()
    await stream.send(speech(0.5, 0.1, 0.55))
    await stream.finalize()
    found = [await anext(events), await anext(events)]
    assert isinstance(found[1], Final) and (found[1].text, found[1].until) == ("w1 w2", 1.15)
    await stream.send(speech(0, 0.1, 0, 0, 0.5, 0.2))
    await stream.end()
    assert [each.text async for each in events if isinstance(each, Final)] == ["w3"]


async def test_that_nothing_was_said_is_final_too_when_it_is_asked_for() -> None:
    stream = PieceStream(Reader(), Loudness(), "de")
    events = stream.events()
    await stream.send(np.zeros(SAMPLE_RATE, np.float32))
    await stream.finalize()
    assert await anext(events) == Final("", (), 1.0, 0.0, "de")
    await stream.end()
    assert [each async for each in events] == []


async def test_without_a_core_to_spare_there_are_no_partials_but_finals() -> None:
    events = await listen(speech(*monologue(10), 0.5, 2.0), Reader(busy=True))
    assert [type(each) for each in events] == [SpeechStarted, Partial, Final, UtteranceEnded]
    assert words(events) == named(1, 11)


async def test_noise_is_no_final() -> None:
    events = await listen(speech(0.5, 2.0), Reader(deaf=True))
    assert [type(each) for each in events] == [SpeechStarted, UtteranceEnded]


async def test_a_click_is_no_speech() -> None:
    assert await listen(speech(0.05, 2.0)) == []


async def test_silence_is_forgotten() -> None:
    reader = Reader()
    audio = np.concatenate([np.zeros(600 * SAMPLE_RATE, np.float32), speech(0.5, 2.0)])
    events = await listen(audio, reader, chunk=16_000)
    assert finals(events)[0].words[0].start == pytest.approx(600, abs=0.04)
    assert reader.thorough_ones == [pytest.approx(0.5 + 0.5 + 0.25, abs=0.04)]


async def test_who_closes_gets_no_more_and_sends_no_more() -> None:
    stream = PieceStream(Reader(), Loudness())
    events = stream.events()
    await stream.send(speech(0.5))
    assert isinstance(await anext(events), SpeechStarted)
    await stream.close()
    await stream.close()
    assert [each async for each in events] == []
    with pytest.raises(Failed):
        await stream.send(speech(0.5))


async def test_it_can_be_ended_twice() -> None:
    stream = PieceStream(Reader(), Loudness())
    await stream.send(speech(0.5))
    await stream.end()
    await stream.end()
    assert [each.text async for each in stream.events() if isinstance(each, Final)] == ["w1"]


async def test_a_failure_reaches_who_reads_and_then_who_sends() -> None:
    stream = PieceStream(Reader(failing=True), Loudness())
    await stream.send(speech(0.5, 2.0))
    with pytest.raises(Failed):
        [each async for each in stream.events()]
    with pytest.raises(Failed):
        await stream.send(speech(0.5))


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        ("", "I was", ""),
        ("I was", "I was there", "I was"),
        ("I was", "I wasn't there", "I"),
        ("I was there.", "I was there, and", "I was"),
        ("我是一", "我是人", "我是"),
    ],
)
def test_what_two_hypotheses_agree_on(before: str, now: str, same: str) -> None:
    assert now[: agreed(before, now)] == same
