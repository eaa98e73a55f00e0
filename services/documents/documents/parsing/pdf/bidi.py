"""Puts text of scripts that are written from right to left into the order in which it is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_RIGHT = frozenset({"R", "AL"})
_NUMBER = re.compile(r"[+\-]?\d+(?:[.,:/\-]\d+)*%?")


def is_right_to_left(text: str) -> bool:
    """Most letters of `text` are of a script that is written from right to left."""
    directions = [unicodedata.bidirectional(char) for char in text if char.isalpha()]
    return 2 * sum(each in _RIGHT for each in directions) > len(directions)


def logical(seen: str) -> str:
    """A line in the order in which it is read, given as it is seen from left to right.

    What is written from left to right within it, such as names and numbers, stays as it is. Undoes what Unicode's
    bidirectional algorithm (UAX #9) does to a line without explicit marks, as far as that can be undone.
    """
    return "".join(reversed(list(_runs(_clusters(seen)))))


def _clusters(text: str) -> list[str]:
    """Characters with their combining marks."""
    found: list[str] = []
    for char in text:
        if found and unicodedata.combining(char):
            found[-1] += char
        else:
            found.append(char)
    return found


def _runs(clusters: list[str]) -> Iterator[str]:
    """Single characters of the script itself, and runs of all others without the spaces and signs around them."""
    foreign: list[str] = []
    for cluster in clusters:
        if unicodedata.bidirectional(cluster[0]) in _RIGHT:
            yield from _foreign(foreign)
            foreign = []
            yield cluster
        else:
            foreign.append(cluster)
    yield from _foreign(foreign)


def _foreign(clusters: list[str]) -> Iterator[str]:
    first = next((at for at, each in enumerate(clusters) if each[0].isalnum()), len(clusters))
    last = next((at for at in range(len(clusters) - 1, first, -1) if clusters[at][0].isalnum()), first)
    yield from clusters[:first]
    inside = clusters[first : last + 1]
    if any(each[0].isalpha() for each in inside):
        yield "".join(inside)
    else:
        yield from _numbers("".join(inside))
    yield from clusters[last + 1 :]


def _numbers(text: str) -> Iterator[str]:
    """Numbers keep their order of digits, but several of them follow one another from right to left."""
    position = 0
    for found in _NUMBER.finditer(text):
        yield from text[position : found.start()]
        yield found.group()
        position = found.end()
    yield from text[position:]
