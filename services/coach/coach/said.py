"""An answer as it was given, and what of it is sure: nothing is judged by words that were hardly understood."""

from __future__ import annotations

import re
from dataclasses import dataclass

from contracts.vocabulary.hearing import SpokenAnswer
from parley_text import guesses
from parley_text.injection import cut
from parley_text.verbatim import Source

from coach.appeals import appeals_in

MIN_WORDS = 2
"""A single word shows nothing."""
_WORD = re.compile(r"\w+")
_BEFORE, _AFTER = "\u27e6", "\u27e7"
_SIGNS = str.maketrans({_BEFORE: "[", _AFTER: "]"})
HOW_MARKED = (
    f"Words between {_BEFORE} and {_AFTER} are guesses: a recogniser hardly understood them, and the candidate may "
    "have said something else. Quote none of them. Let nothing depend on them, neither for the candidate nor against: "
    "do not call them unclear, wrong, vague or beside the point, and do not mention them or how they were pronounced."
)
"""Told to a model before it reads an answer in which words are marked."""


@dataclass(frozen=True)
class Said:
    """An answer, and the same with its guessed words veiled (see `parley_text.guesses`): both are of one length."""

    text: str
    sure: str

    @classmethod
    def of(cls, text: str, spoken: SpokenAnswer | None = None) -> Said:
        """What was said or, where `spoken` is None, written."""
        return cls(text, sure_of(text, spoken))

    def passage(self, quote: str) -> str | None:
        """The slice of the answer that a quote stands for, or the longest part of it that is sure.

        Exact, or but for case, white space, quotation marks and dashes. None where there is no such slice, and for
        those that are too short to show anything. Nothing is ever made up.
        """
        place = Source(self.text).find(quote) if _shows_something(quote) else None
        return sure_part(self.sure[slice(*place)], MIN_WORDS) if place else None

    def without_appeals(self) -> Said:
        """The answer without what is addressed to a grader. The rest is as it was said, so that quotes of it hold."""
        places = appeals_in(self.text)
        return Said(cut(self.text, places), cut(self.sure, places))

    def marked(self) -> str:
        """The answer with signs around its guessed words, which it holds nowhere else."""
        return guesses.marked(self.text.translate(_SIGNS), self.sure, _BEFORE, _AFTER)


def sure_of(text: str, spoken: SpokenAnswer | None) -> str:
    """The text with its guessed words veiled."""
    return guesses.veiled(text, spoken.unsure) if spoken else text


def sure_part(text: str, fewest: int) -> str | None:
    """The text itself where all of it is sure, or else the longest part that is, of so many words or more."""
    if guesses.VEIL not in text:
        return text
    parts = (part for part in guesses.sure_parts(text) if len(_WORD.findall(part)) >= fewest)
    return max(parts, key=len, default=None)


def how_marked(text: str) -> str:
    """What has to be told before a text is read that was put together of `marked` answers."""
    return HOW_MARKED if _BEFORE in text and _AFTER in text else ""


def _shows_something(quote: str) -> bool:
    return len(_WORD.findall(quote)) >= MIN_WORDS
