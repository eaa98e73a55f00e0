"""How Deepgram's server follows a stream, as far as its documentation tells; without a socket and without a clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from devkit.fake_deepgram import wire
from devkit.fake_deepgram.wire import Message
from devkit.spoken_code import RATE, Ear, SpokenWord

STEP = RATE // 50
"""Samples that are looked at at a time, so that it does not matter how the audio is cut."""
INTERIM = RATE // 2
"""Samples from one interim result to the next."""
LONGEST = 3.0
"""Seconds after which a result is final, pause or not."""


@dataclass
class Listening:
    """`endpointing` and `utterance_end` are seconds of silence; None turns them off. The first makes what was said
    final; the other, after it, tells that an utterance ended."""

    endpointing: float | None
    utterance_end: float | None
    interim: bool
    vad_events: bool
    formatted: bool
    confidences: Mapping[str, float] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    """What it finds to be spoken, where that is asked for."""
    _ear: Ear = field(default_factory=Ear)
    _rest: bytes = b""
    _told: int = 0
    """Words that are final."""
    _start: float = 0.0
    """Seconds that are final."""
    _speaking: bool = False
    _open: bool = False
    """An utterance that has not ended yet."""

    @classmethod
    def of(cls, query: Mapping[str, Sequence[str]], confidences: Mapping[str, float]) -> Listening:
        """As the parameters of the address say."""

        def on(name: str) -> bool:
            return query.get(name, [""])[0] == "true"

        def seconds(name: str, default: str) -> float | None:
            value = query.get(name, [default])[0]
            return int(value) / 1000 if value.isdigit() else None

        formatted = on("smart_format") or on("punctuate")
        return cls(
            seconds("endpointing", "10"),
            seconds("utterance_end_ms", ""),
            on("interim_results"),
            on("vad_events"),
            formatted,
            confidences,
            ("es",) if query.get("language") == ["multi"] else (),
        )

    @property
    def seconds(self) -> float:
        """How much was heard."""
        return self._ear.heard / RATE

    def hear(self, pcm: bytes) -> Iterator[Message]:
        """More of it; whatever it makes known."""
        audio = self._rest + pcm
        whole = len(audio) // (2 * STEP) * (2 * STEP)
        self._rest = audio[whole:]
        for at in range(0, whole, 2 * STEP):
            self._ear.hear(audio[at : at + 2 * STEP])
            yield from self._looked()

    def finalize(self) -> Iterator[Message]:
        """All that was heard is final."""
        self._flush()
        if self.seconds > self._start:
            yield self._final(self._words, self.seconds, speech_final=True, from_finalize=True)

    def end(self) -> Iterator[Message]:
        """No more comes."""
        self._flush()
        if self.seconds > self._start:
            yield self._final(self._words, self.seconds, speech_final=True)
        yield wire.metadata(self.seconds)

    def _flush(self) -> None:
        self._ear.hear(self._rest[: len(self._rest) // 2 * 2])
        self._rest = b""

    @property
    def _words(self) -> list[SpokenWord]:
        return self._ear.words[self._told :] + ([self._ear.saying] if self._ear.saying else [])

    def _looked(self) -> Iterator[Message]:
        words, now = self._words, self.seconds
        if words and not self._speaking:
            self._speaking = self._open = True
            if self.vad_events:
                yield wire.speech_started(words[0].start)
        quiet = now - words[-1].end if words else 0.0
        if words and self.endpointing is not None and quiet >= self.endpointing:
            yield self._final(words, now, speech_final=True)
        elif now - self._start >= LONGEST:
            whole = words if not self._ear.saying or len(words) == 1 else words[:-1]
            yield self._final(whole, now if whole == words else words[-1].start, speech_final=False)
        elif self.interim and self._ear.heard % INTERIM == 0:
            marks = {"is_final": False, "speech_final": False}
            yield wire.results(self._start, now, self._understood(words), **marks)
        yield from self._ended(now)

    def _ended(self, now: float) -> Iterator[Message]:
        last = self._ear.words[-1].end if self._ear.words else 0.0
        if self.utterance_end is None or not self._open or self._ear.saying or now - last < self.utterance_end:
            return
        self._open = False
        yield wire.utterance_end(last)

    def _final(self, words: Sequence[SpokenWord], until: float, **marks: bool) -> Message:
        said = wire.results(self._start, until, self._understood(words), is_final=True, **marks)
        if words and words[-1] == self._ear.saying:
            self._ear = _again(self._ear)
        self._told += len(words)
        self._start = until
        self._speaking = self._speaking and not marks["speech_final"]
        return said

    def _understood(self, words: Sequence[SpokenWord]) -> Message:
        found = {"languages": list(self.languages)} if self.languages else {}
        return wire.alternative(words, self.confidences, self.formatted) | found


def _again(ear: Ear) -> Ear:
    """One that takes the word that is being said for complete."""
    fresh = Ear()
    fresh.heard = ear.heard
    fresh.words = [*ear.words, ear.saying] if ear.saying else ear.words
    return fresh
