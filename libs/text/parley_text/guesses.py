"""Words of a spoken answer that were hardly understood. They are veiled before anybody judges or quotes: each letter
and digit becomes `VEIL`, so that everything else stays where it was, and the words themselves weigh nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Protocol

VEIL = "\u01bb"
"""A letter, so that a veiled word is still a word, and one that no language writes."""
LOW = 0.5
"""Confidence in a whole answer below which it is not judged, and share of guessed words from which on it is not."""
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
_BREAKS = r"\s,.;:!?\u2026\u3001\u3002\uff0c\uff1b\uff1a\uff01\uff1f\u0964"
_VEILED = re.compile(f"[^{_BREAKS}]*{VEIL}[^{_BREAKS}]*")
_RUN = re.compile(rf"{_VEILED.pattern}(?:\s+{_VEILED.pattern})*")
_AROUND = re.compile(f"^[{_BREAKS}]+|[\\s,;:\u3001\uff0c\uff1b\uff1a]+$")
"""What is left hanging at the ends of a part: a full stop at its end is its own."""


class Piece(Protocol):
    """The characters of a text from `start` to before `end`."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


class Spoken(Protocol):
    """What is known of a text that was spoken; `confidence` is 0-1."""

    @property
    def confidence(self) -> float: ...

    @property
    def unsure(self) -> Sequence[Piece]: ...


def veiled(text: str, pieces: Sequence[Piece]) -> str:
    """The text with these pieces veiled. It is as long as before."""
    letters = list(text)
    for piece in pieces:
        for place in range(piece.start, min(piece.end, len(text))):
            # Vowel signs are marks (M), and of a word as letters are.
            if unicodedata.category(letters[place])[0] in "LMN":
                letters[place] = VEIL
    return "".join(letters)


def unveiled(text: str, instead: str = "") -> str:
    """A veiled text with something else in the place of each run of veiled words."""
    return _RUN.sub(instead, text)


def marked(text: str, veil: str, before: str, after: str) -> str:
    """The text with signs around the words that are veiled in `veil`, which is as long as the text."""
    kept: list[str] = []
    at = 0
    for run in _RUN.finditer(veil):
        kept += (text[at : run.start()], before, text[slice(*run.span())], after)
        at = run.end()
    return "".join([*kept, text[at:]])


def sure_parts(text: str) -> list[str]:
    """The parts of a veiled text between its veiled words, in order."""
    return [part for each in _RUN.split(text) if (part := _AROUND.sub("", each))]


def mostly_guessed(text: str, spoken: Spoken | None) -> bool:
    """Whether so little of a text is sure that it should be asked about and not judged. Never of one that was
    written."""
    if spoken is None:
        return False
    words = [word.span() for word in _WORD.finditer(text)]
    guessed = sum(any(start < each.end and each.start < end for each in spoken.unsure) for start, end in words)
    return spoken.confidence < LOW or (bool(guessed) and guessed >= LOW * len(words))
