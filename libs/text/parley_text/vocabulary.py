"""The word lists of this package, by language."""

from __future__ import annotations

from functools import cache
from typing import Any

from parley_text.packaged import packaged


@cache
def vocabulary() -> dict[str, dict[str, Any]]:
    """What the packaged file says, by language and kind of word."""
    found: dict[str, dict[str, Any]] = packaged("parley_text", "vocabulary.yaml")
    return found


def words(kind: str) -> list[str]:
    """The words of a kind in all languages."""
    return list(dict.fromkeys(str(word) for lists in vocabulary().values() for word in lists.get(kind, ())))
