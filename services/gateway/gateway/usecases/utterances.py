"""Pieces of speech put together."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(r"\w+")
_SAME = 0.6
"""The share of what came in pieces that a final text has to hold, to be taken for all of it."""


def spoken_words(text: str) -> list[str]:
    """The words of a text in lower case."""
    return [match.group().lower() for match in _WORD.finditer(text)]


def joined(chunks: Sequence[str], final: str) -> str:
    """What was said: nothing that came in pieces may be lost, and nothing be there twice.

    Some clients send the whole utterance as the final text, and some only its last piece; some send what is new in each
    piece, and some all they have understood so far.
    """
    pieces = " ".join(_without_beginnings(chunks))
    spoken, final_words = spoken_words(pieces), spoken_words(final)
    if not final_words:
        return pieces
    if not spoken or _held_in(spoken, final_words) >= _SAME * len(spoken):
        return final.strip()
    return f"{pieces} {final.strip()}"


def _without_beginnings(chunks: Sequence[str]) -> list[str]:
    """The pieces without those that a later one only says again and continues: the one before it, or all before."""
    kept: list[str] = []
    for chunk in filter(None, (each.strip() for each in chunks)):
        words = spoken_words(chunk)
        if _continues(words, spoken_words(" ".join(kept))):
            kept = [chunk]
        elif kept and _continues(words, spoken_words(kept[-1])):
            kept[-1] = chunk
        else:
            kept.append(chunk)
    return kept


def _continues(words: Sequence[str], earlier: Sequence[str]) -> bool:
    """Whether it begins as the earlier one, whose last word may have been half heard. One word may come twice."""
    sure = len(earlier) - 1
    return 1 <= sure < len(words) and list(words[:sure]) == list(earlier[:sure]) and len(words) >= len(earlier)


def _held_in(spoken: Sequence[str], final_words: Sequence[str]) -> int:
    """How many of the words occur in the other text, in the same order."""
    found = place = 0
    for word in spoken:
        try:
            place = final_words.index(word, place) + 1
        except ValueError:
            continue
        found += 1
    return found
