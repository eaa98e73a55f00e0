"""What was understood of speech."""

from __future__ import annotations

from pydantic import Field, model_validator

from contracts.envelope import Contract

MAX_HEARD_WORDS = 4_000
"""Of one recording: ten minutes of the fastest speech, and some."""
UNSURE = 0.5
"""A word below this confidence is marked: it is shown as a guess, and nothing is judged by it."""


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
