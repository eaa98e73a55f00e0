"""Languages that people speak."""

from __future__ import annotations

import re
from functools import cache

from documents.understanding.wordlists import any_of, words


def spoken_in(text: str) -> frozenset[str]:
    """Codes of the spoken languages that a text names."""
    return frozenset(code for code, pattern in _spoken().items() if pattern.search(text))


@cache
def _spoken() -> dict[str, re.Pattern[str]]:
    lists: dict[str, list[str]] = words("requirements")["spoken"]
    return {str(code): re.compile(any_of(names), re.IGNORECASE) for code, names in lists.items()}
