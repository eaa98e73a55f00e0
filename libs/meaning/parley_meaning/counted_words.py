"""Words and their parts, counted: the last resort, which needs no data and works in any language."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import log
from zlib import crc32

import numpy

from parley_meaning.vectors import Floats, Vectors, unit

DIMENSIONS = 512
_PARTS = (3, 4)
"""Lengths of parts of words in letters: what inflected forms of a word have in common."""
_WIDE_PARTS = (1, 2)
"""The same where a letter says as much as a syllable or a word, and no spaces stand between words."""
_REMEMBERED = 20_000
"""Words whose places are kept; a place costs a few hundred bytes."""


class CountedWords:
    """Texts are alike where they share words or parts of words. Some 0.1 ms for a sentence."""

    model = "counted-words"

    async def vectors(self, texts: Sequence[str]) -> Vectors:
        """At once."""
        return Vectors(self.model, self.rows(texts))

    def rows(self, texts: Sequence[str]) -> Floats:
        """The same without waiting."""
        rows = numpy.zeros((len(texts), DIMENSIONS), dtype=numpy.float32)
        for row, text in zip(rows, texts, strict=True):
            for word, count in Counter(_words(text)).items():
                # A word that is repeated says little more than one that is there.
                weight = 1 + log(count)
                for place, sign in _places(word):
                    row[place] += sign * weight
        return unit(rows)


def _words(text: str) -> Iterator[str]:
    """Runs of letters, digits and their marks: without its marks, a word of Hindi falls to pieces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return iter("".join(each if each.isalnum() or _mark(each) else " " for each in folded).split())


def _mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


@lru_cache(_REMEMBERED)
def _places(word: str) -> tuple[tuple[int, int], ...]:
    """Where a word and its parts are counted. Signs make chance meetings of two words cancel out on average."""
    wide = any(unicodedata.east_asian_width(each) in "WF" for each in word)
    edged = word if wide else f"<{word}>"
    parts = (edged[at : at + size] for size in (_WIDE_PARTS if wide else _PARTS) for at in range(len(edged) - size + 1))
    hashes = (crc32(part.encode("utf-8", "replace")) for part in (edged, *parts))
    return tuple((value % DIMENSIONS, 1 if value >> 16 & 1 else -1) for value in hashes)
