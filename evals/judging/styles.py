"""The same sentence as others would say it, so that what is learnt is not how its author writes."""

from __future__ import annotations

import re
from collections.abc import Callable

_MARKS = re.compile(r"[.,;:!?\"\u201c\u201d()]")
_SMALL = re.compile(
    r"\b(?:an?|the|i|we|he|she|they|it|my|our|his|her|their|its|would|will|have|had|has|am|is|are|was|were|been|be|that|to)"
    r"(?:['\u2019](?:d|ll|ve|re|s|m))?\s+",
    re.IGNORECASE,
)
_ARTICLES = re.compile(r"\b(?:an?|the)\s+", re.IGNORECASE)
_CONDITIONAL = re.compile(r"\b(i|we|you|he|she|they)(?:\s+would|['\u2019]d)\b", re.IGNORECASE)


def typed(text: str) -> str:
    """As in a chat."""
    return _MARKS.sub("", text).lower().replace("'", "").replace("\u2019", "")


def terse(text: str) -> str:
    """As in notes."""
    return _SMALL.sub("", text) or text


def simple(text: str) -> str:
    """As somebody may say it who is learning English."""
    return _CONDITIONAL.sub(r"\1", _ARTICLES.sub("", text))


def stumbling(text: str) -> str:
    """As somebody speaks who looks for words: every seventh word is begun twice, with a filler between."""
    words = text.split()
    return " ".join(f"{word} um, {word}" if place % 7 == 3 else word for place, word in enumerate(words))


STYLES: tuple[Callable[[str], str], ...] = (typed, terse, simple)
