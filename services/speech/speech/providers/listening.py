"""Listens to a voice with a recogniser that hears only whole pieces of audio, such as Whisper.

What was said since the last final is heard again every second, for a partial. It becomes final at a pause once it is
long enough to be understood well, and at a longer pause at once. So where pieces end depends on the audio alone, and
never on how quick the machine is: pieces do not overlap, and together they hold all that was said.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from contracts.vocabulary.hearing import HeardWord
from parley_text.scripts import UNSPACED

from speech.ports import (
    SAMPLE_RATE,
    Busy,
    Failed,
    Final,
    Partial,
    RecognitionStream,
    Samples,
    SpeechStarted,
    StreamEvent,
    UtteranceEnded,
    VoiceActivity,
)
from speech.providers.voice import Stretch, VoiceTrack

_FRAMES_AT_ONCE = 32
"""Judged before others have their turn on the event loop: a second of audio, four milliseconds of work."""
_WORD = re.compile(rf"[{UNSPACED}]|[^\s{UNSPACED}]+")
_BLOCK, _QUIET = 160, 20
"""Where a piece is cut in the middle of speech, it must be quiet for so many blocks of so many samples: 0.2 seconds."""


@dataclass(frozen=True)
class Piece:
    """What was understood of a piece of audio; times of words are seconds of the piece."""

    text: str
    words: tuple[HeardWord, ...] = ()
    confidence: float = 0.0
    language: str = ""


class PieceRecogniser(Protocol):
    """Hears pieces of up to half a minute. `language` is a code, empty where nobody knows."""

    async def quick(self, samples: Samples, language: str) -> Piece | None:
        """What was said so far, if that is clear. Raises Busy where it would have to wait, and Failed."""

    async def thorough(self, samples: Samples, language: str) -> Piece:
        """What was said; nothing where nothing was. Raises Busy and Failed."""


@dataclass(frozen=True)
class Rhythm:
    """When something is said of what is heard; in seconds."""

    step: float = 1.0
    """From one partial to the next."""
    pause: float = 0.3
    """Silence that may end what is said."""
    join: float = 8.0
    """What is shorter is not final at such a pause: it is understood better together with what follows."""
    rest: float = 1.5
    """Silence that does end it."""
    most: float = 22.0
    """Without a pause, a piece is cut where it is quietest."""
    before: float = 0.5
    after: float = 0.25
    """Heard along on either side of speech: its soft beginning and end may pass for silence."""


class PieceStream(RecognitionStream):
    """Works while `events` is read. After `finalize` there is always a final, without words where there were none."""

    def __init__(
        self, recogniser: PieceRecogniser, activity: VoiceActivity, language: str = "", rhythm: Rhythm | None = None
    ) -> None:
        self._recogniser = recogniser
        self._rhythm = rhythm or Rhythm()
        self._frame = activity.frame
        self._voice = VoiceTrack(activity, self._rhythm.pause)
        self._language = language
        self._audio, self._unjudged = bytearray(), bytearray()
        # Positions are samples of the stream. `_start` is where `_audio` begins: all before it is final, or silence.
        self._start = 0
        self._asked: int | None = None
        self._spoken: int | None = None  # within an utterance: until where it is final
        self._heard_until = 0
        self._tentative: tuple[int, int, Piece] | None = None
        self._text = ""
        self._ended = self._closed = False
        self._news = asyncio.Event()

    async def send(self, samples: Samples) -> None:
        if self._ended or self._closed:
            raise Failed("the stream has ended")
        sent = samples.astype("<f4").tobytes()
        self._audio += sent
        self._unjudged += sent
        frame = self._frame * 4
        while len(self._unjudged) >= frame and not self._closed:
            for at in range(0, min(len(self._unjudged) // frame, _FRAMES_AT_ONCE) * frame, frame):
                self._voice.hear(np.frombuffer(bytes(self._unjudged[at : at + frame]), "<f4"))
            del self._unjudged[: at + frame]
            self._news.set()
            await asyncio.sleep(0)
            self._forget_silence()

    async def finalize(self) -> None:
        self._asked = self._end
        self._news.set()

    async def end(self) -> None:
        self._ended = True
        await self.finalize()

    async def close(self) -> None:
        self._closed = True
        self._news.set()

    async def events(self) -> AsyncIterator[StreamEvent]:
        try:
            while not self._closed:
                self._news.clear()
                found = await self._next()
                for event in found or ():
                    yield event
                if found is None and self._ended:
                    return
                if found is None:
                    await self._news.wait()
        finally:
            self._closed = True

    async def _next(self) -> Sequence[StreamEvent] | None:
        """What is to be said now, after the work that it takes; None while there is nothing to do."""
        turn = self._turn()
        if turn is not None:
            return [turn]
        until = self._due()
        if until is not None:
            return await self._finish(until)
        if self._asked is not None:
            return self._answered(self._asked)
        return await self._hear_so_far()

    def _turn(self) -> StreamEvent | None:
        """An utterance begins, or has ended."""
        stretches = self._voice.stretches
        if self._spoken is None:
            if not stretches:
                return None
            self._spoken = stretches[0].begin
            return SpeechStarted(at=_seconds(self._spoken))
        silent_until = stretches[0].begin if stretches else self._voice.judged
        if silent_until - self._spoken < _samples(self._rhythm.rest):
            return None
        ended = UtteranceEnded(last_spoken_at=_seconds(self._spoken))
        self._spoken = None
        return ended

    def _due(self) -> int | None:
        """Where the next piece ends that must become final; None while there is none."""
        rhythm = self._rhythm
        before = asked = None
        for stretch, silence in self._voice.silences():
            spoken = stretch.end - self._voice.stretches[0].begin
            if spoken > _samples(rhythm.most):
                return self._after(before) if before else self._quietest(stretch)
            long_enough = rhythm.pause if spoken > _samples(rhythm.join) else rhythm.rest
            if silence >= _samples(long_enough):
                return self._after(stretch)
            before = stretch
            if self._asked is not None and stretch.begin < self._asked:
                asked = min(self._asked, self._after(stretch))
        return asked

    def _after(self, stretch: Stretch) -> int:
        return stretch.end + _samples(self._rhythm.after)

    def _quietest(self, stretch: Stretch) -> int:
        """Where speech without a pause is cut, as late as a piece may end: most likely between two words."""
        most = stretch.begin + _samples(self._rhythm.most)
        since = most - _samples(self._rhythm.most / 2)
        power = (self._between(since, most) ** 2)[: (most - since) // _BLOCK * _BLOCK].reshape(-1, _BLOCK).mean(1)
        loudness = np.convolve(power, np.hanning(_QUIET), "valid")
        return since + (int(loudness.argmin()) + _QUIET // 2) * _BLOCK

    async def _finish(self, until: int) -> list[StreamEvent]:
        """The piece up to `until` becomes final."""
        piece = await self._piece(until)
        begin, start = self._voice.stretches[0].begin, self._first()
        spoken = [stretch.end for stretch in self._voice.stretches if stretch.begin < until]
        self._spoken = min(until, spoken[-1])
        self._voice.forget(until)
        self._drop(until)
        self._text, self._tentative, self._heard_until = "", None, until
        answers = self._asked is not None and not self._owes(self._asked)
        if self._asked is not None and answers:
            until, self._asked = max(until, self._asked), None
        if not piece.text and (self._ended or not answers):
            return []
        self._language = self._language or piece.language
        words = tuple(_placed(word, start, begin, until) for word in piece.words)
        return [Final(piece.text, words, _seconds(until), piece.confidence, piece.language)]

    async def _piece(self, until: int) -> Piece:
        """What is understood up to there; heard once if nothing was said since."""
        start = self._first()
        if self._tentative is None or self._tentative[:2] != (start, until):
            heard = await self._recogniser.thorough(self._between(start, until), self._language)
            self._tentative = (start, until, heard)
        return self._tentative[2]

    def _owes(self, asked: int) -> bool:
        """Whether anything was said before there that is not final."""
        return bool(self._voice.stretches) and self._voice.stretches[0].begin < asked

    def _answered(self, asked: int) -> list[StreamEvent] | None:
        """Nobody said anything that is not final."""
        self._asked = None
        return None if self._ended else [Final("", (), _seconds(asked), 0.0, self._language)]

    async def _hear_so_far(self) -> list[StreamEvent] | None:
        """A partial, if there is more to hear than at the last one."""
        if not self._voice.stretches:
            return None
        last, silence = list(self._voice.silences())[-1]
        if silence >= _samples(self._rhythm.pause):
            if self._tentative and self._tentative[1] == self._after(last):
                return None
            piece: Piece | None = await self._piece(self._after(last))
            self._heard_until = last.end
        elif last.end - max(self._heard_until, self._voice.stretches[0].begin) >= _samples(self._rhythm.step):
            until = self._heard_until = self._end
            try:
                piece = await self._recogniser.quick(self._between(self._first(), until), self._language)
            except Busy:
                piece = None
        else:
            return None
        if piece is None or not piece.text:
            return []
        stable, self._text = agreed(self._text, piece.text), piece.text
        return [Partial(piece.text, stable)]

    def _first(self) -> int:
        """Where the next piece begins."""
        return max(self._start, self._voice.stretches[0].begin - _samples(self._rhythm.before))

    def _forget_silence(self) -> None:
        if not self._voice.stretches:
            self._drop(self._voice.judged - _samples(self._rhythm.before))

    @property
    def _end(self) -> int:
        return self._start + len(self._audio) // 4

    def _between(self, start: int, end: int) -> Samples:
        # A copy: bytes that something looks into cannot grow.
        return np.frombuffer(self._audio, "<f4", max(0, end - start), (start - self._start) * 4).copy()

    def _drop(self, until: int) -> None:
        if until > self._start:
            del self._audio[: (until - self._start) * 4]
            self._start = until


def agreed(before: str, now: str) -> int:
    """How many characters of `now` are words that both begin with: those seldom change any more."""
    same = 0
    for old, new in zip(_WORD.finditer(before), _WORD.finditer(now), strict=False):
        if old.group() != new.group():
            break
        same = new.end()
    return same


def _placed(word: HeardWord, start: int, begin: int, until: int) -> HeardWord:
    """In seconds of the stream, and not before anybody spoke."""
    earliest, latest = _seconds(begin), _seconds(until)
    since, end = (round(min(max(_seconds(start) + each, earliest), latest), 3) for each in (word.start, word.end))
    return word.model_copy(update={"start": since, "end": end})


def _samples(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)


def _seconds(samples: int) -> float:
    return samples / SAMPLE_RATE
