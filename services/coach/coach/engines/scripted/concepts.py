"""Ideas behind words, so that a point is recognised in words that are not its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from coach.packaged import packaged
from coach.text import root, stem, stems
from coach.vocabulary import FUNCTION_WORDS

Ideas = frozenset[int]
NONE: Ideas = frozenset()


def ideas_in(found: tuple[str, ...]) -> Ideas:
    """The ideas of a row of stems, those of phrases included."""
    phrases = _index()[1]
    ideas: set[int] = set()
    for place, each in enumerate(found):
        for phrase, idea in phrases.get(each, ()):
            if found[place : place + len(phrase)] == phrase:
                ideas.add(idea)
        if each not in _FUNCTION_STEMS:
            ideas |= ideas_of(each)
    return frozenset(ideas)


@lru_cache(maxsize=20_000)
def ideas_of(word: str) -> Ideas:
    """The ideas that one stem stands for by itself, or by the word that it is derived from."""
    words = _index()[0]
    return words.get(word) or words.get(root(word)) or NONE


@lru_cache(maxsize=1)
def _index() -> tuple[dict[str, Ideas], dict[str, tuple[tuple[tuple[str, ...], int], ...]]]:
    """Ideas by single stem, and by the first stem of a phrase."""
    words: dict[str, set[int]] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for idea, entry in _entries():
        row = stems(entry)
        if len(row) == 1 and row[0] not in _FUNCTION_STEMS:
            words.setdefault(row[0], set()).add(idea)
            words.setdefault(root(row[0]), set()).add(idea)
        elif len(row) > 1:
            phrases.setdefault(row[0], []).append((row, idea))
    return {word: frozenset(ideas) for word, ideas in words.items()}, {k: tuple(v) for k, v in phrases.items()}


def _entries() -> Iterator[tuple[int, str]]:
    groups = packaged("engines/scripted/concepts.yaml").values()
    lines: Iterable[str] = (line for group in groups for line in group)
    for idea, line in enumerate(lines):
        for entry in line.split(","):
            yield idea, entry.strip()


_FUNCTION_STEMS = frozenset(map(stem, FUNCTION_WORDS))
