"""What was understood of speech."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, model_validator

from contracts.envelope import Contract
from contracts.vocabulary.document import Sha256

MAX_HEARD_WORDS = 4_000
"""Of one recording: ten minutes of the fastest speech, and some."""
UNSURE = 0.5
"""A word below this confidence is marked: it is shown as a guess, and nothing is judged by it."""

MAX_TERMS = 50
"""Words that may well be said in a recording, such as names of products."""
NotHeard = Literal["lost", "unreadable", "too_long", "silent", "wordless", "busy", "unavailable"]
"""Why a recording has no words: it did not arrive, is no audio that can be read, is longer than is taken, holds no
sound, holds no words, all recognisers are busy, or none is there."""


class HeardWord(Contract):
    """A word as it was understood; `start` and `end` are seconds of the recording, `confidence` is 0-1."""

    text: str = Field(min_length=1)
    start: float = Field(ge=0)
    end: float = Field(ge=0)
    confidence: float = Field(1.0, ge=0, le=1)

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> HeardWord:
        if self.end < self.start:
            raise ValueError("a word ends before it starts")
        return self


class Heard(Contract):
    """The words of a recording. `confidence` is 0-1, `duration` seconds; `language` a code such as "en", empty where
    nothing tells. `words` has none where the recogniser gives no timings."""

    text: str
    words: tuple[HeardWord, ...] = Field((), max_length=MAX_HEARD_WORDS)
    language: str = ""
    confidence: float = Field(ge=0, le=1)
    duration: float = Field(ge=0)


class RecordingRef(Contract):
    """A recording in the object store; `size` is in bytes."""

    key: str
    size: int = Field(ge=1)
    sha256: Sha256


class Span(Contract):
    """The characters of a text from `start` to before `end`."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)


PAUSE = 1.0
"""Seconds. Shorter ones belong to any speech."""


class Timing(Contract):
    """When the words of an answer were spoken, in seconds: from the first word to the end of the last without pauses,
    how many pauses of `PAUSE` and more there were between words, and how long the longest was. For coaching only: no
    score may depend on it, since accents, a stammer or a slow connection change it and say nothing of what somebody
    knows."""

    speaking: float = Field(ge=0)
    pauses: int = Field(0, ge=0)
    longest_pause: float = Field(0.0, ge=0)


class SpokenAnswer(Contract):
    """What is known of an answer that was spoken, beside its words.

    `recording` is its key in the object store; `duration` is in seconds; `unsure` marks the words that were hardly
    understood, until somebody corrects them; `timing` is None where the recogniser gives none. Until `review_until` the
    answer may be corrected before it is judged; None where it is judged at once.
    """

    recording: str
    duration: float = Field(ge=0)
    confidence: float = Field(ge=0, le=1)
    language: str = ""
    unsure: tuple[Span, ...] = ()
    timing: Timing | None = None
    provider: str = ""
    model: str = ""
    review_until: datetime | None = None

    def under_review(self, now: datetime) -> bool:
        """Whether it is still waited for a correction, and nothing is judged."""
        return self.review_until is not None and now < self.review_until

    def corrected(self) -> SpokenAnswer:
        """The same, once somebody has set its words right: none of them is a guess any more."""
        return self.model_copy(update={"unsure": (), "confidence": 1.0, "review_until": None})
