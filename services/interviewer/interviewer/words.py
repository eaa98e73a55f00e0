"""What a word is, in whatever script."""

from __future__ import annotations

import re

APOSTROPHE = "['’]"  # noqa: RUF001
"""Either of the two, in a pattern."""

# Signs that Python does not count as letters, though words are written with them.
_MARKS = "\u0300-\u036f\u064b-\u065f\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e"
_RUN = rf"[^\W_][\w{_MARKS}]*+"
WORD = re.compile(rf"{_RUN}(?:['’.+#-]{_RUN})*+[+#]*+")  # noqa: RUF001 (typographic apostrophes are common)


_LONG = 4
"""Letters from which on a word tells what a text is about."""


def long_words_of(text: str) -> frozenset[str]:
    """The words of a text that tell what it is about, in lower case."""
    return frozenset(word for word in words_of(text) if len(word) > _LONG)


def words_of(text: str) -> frozenset[str]:
    """The words of a text, in lower case."""
    return frozenset(match.group().lower() for match in WORD.finditer(text))
