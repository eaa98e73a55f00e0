"""Tables of phrases, found in a single pass over the words of a sentence.

A line of a table holds phrases parted by `|`. In a phrase, `a/b` is one word out of several, `*` any word and `#` a
word that begins with a digit. The first word of a phrase is never `*` or `#`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Sign = TypeVar("Sign", bound=Hashable)
Test = frozenset[str] | None
"""Which words may stand in a place; None for any."""
_DIGIT = frozenset("#")


@dataclass(frozen=True)
class _Start(Generic[Sign]):
    """What may begin with a word: what it shows by itself, phrases by their second word, and those with any."""

    alone: list[Sign] = field(default_factory=list)
    before: dict[str, list[tuple[Sequence[Test], Sign]]] = field(default_factory=dict)
    before_any: list[tuple[Sequence[Test], Sign]] = field(default_factory=list)

    def add(self, rest: Sequence[Test], sign: Sign) -> None:
        if not rest:
            self.alone.append(sign)
        elif rest[0] is None or rest[0] == _DIGIT:
            self.before_any.append((rest, sign))
        else:
            for word in rest[0]:
                self.before.setdefault(word, []).append((rest, sign))


class Table(Generic[Sign]):
    """Phrases, each with what it is a sign of."""

    def __init__(self, signs: Mapping[Sign, str]) -> None:
        self._starts: dict[str, _Start[Sign]] = {}
        for sign, table in signs.items():
            for first, *rest in _phrases(table):
                for word in first or ():
                    self._starts.setdefault(word, _Start()).add(rest, sign)

    def found_in(self, words: tuple[str, ...]) -> Iterator[Sign]:
        """The sign of each phrase that occurs, as often as it does."""
        for place, word in enumerate(words):
            if start := self._starts.get(word):
                yield from start.alone
                following = words[place + 1 : place + 2]
                phrases = start.before.get(following[0], ()) if following else ()
                for rest, sign in (*phrases, *start.before_any):
                    if _follows(rest, words[place + 1 :]):
                        yield sign


def _phrases(table: str) -> Iterator[tuple[Test, ...]]:
    for line in table.replace("|", "\n").splitlines():
        if places := line.split():
            yield tuple(None if place == "*" else frozenset(place.split("/")) for place in places)


def _follows(rest: Sequence[Test], words: tuple[str, ...]) -> bool:
    if len(words) < len(rest):
        return False
    return all(
        test is None or word in test or (test == _DIGIT and word[0].isdigit())
        for test, word in zip(rest, words, strict=False)
    )
