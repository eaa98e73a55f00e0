"""Chance that repeats itself: the same session and subject always fall on the same choice."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")
_ALIKE = 3
"""Words by which one hears that two sentences begin alike."""


def dice(session_id: UUID, what: str) -> int:
    """A number that depends on nothing but the session and on what it is thrown for."""
    return int.from_bytes(hashlib.blake2b(f"{session_id}{what}".encode(), digest_size=4).digest(), "big")


def choose(choices: Sequence[T], session_id: UUID, what: str) -> T:
    """One of the choices."""
    return choices[dice(session_id, what) % len(choices)]


def shuffled(choices: Sequence[T], session_id: UUID, what: str) -> Sequence[T]:
    """The choices, beginning with a chosen one."""
    first = dice(session_id, what) % len(choices) if choices else 0
    return [*choices[first:], *choices[:first]]


def other_than_last(choices: Sequence[str], spoken: Sequence[str]) -> Sequence[str]:
    """The choices without the one that was used last. `spoken` is what the interviewer said, oldest first."""
    if spoken:
        choices = [choice for choice in choices if not _begin_alike(choice, spoken[-1])] or choices
    openers = {choice: choice.split("{", 1)[0] for choice in choices}
    for text in reversed(spoken):
        used = [choice for choice in choices if openers[choice] and text.startswith(openers[choice])]
        if used:
            last = max(used, key=lambda choice: len(openers[choice]))
            return [choice for choice in choices if choice != last] or choices
    return choices


def _begin_alike(one: str, other: str) -> bool:
    begun = one.split("{", 1)[0].split()[:_ALIKE]
    return len(begun) == _ALIKE and other.split()[:_ALIKE] == begun
