"""The packaged word lists, and what all patterns made of them share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from parley_text.packaged import packaged

CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Letters of scripts that put no spaces between words."""
LETTER = rf"[^\W_{CJK}]"
_IN_CJK = re.compile(f"[{CJK}]")


@cache
def words(name: str) -> dict[str, Any]:
    """A packaged YAML file of this package, by its name without the ending."""
    found: dict[str, Any] = packaged("documents.understanding", f"{name}.yaml")
    return found


def has_cjk(text: str) -> bool:
    """Whether there are Chinese, Japanese or Korean letters in it."""
    return _IN_CJK.search(text) is not None


def any_of(phrases: Iterable[str]) -> str:
    """A pattern for any of the phrases as whole words, the longest first; in scripts without spaces, anywhere."""
    by_edges: dict[tuple[str, str], list[str]] = {}
    for phrase in sorted(map(str, phrases), key=len, reverse=True):
        by_edges.setdefault(_edges(phrase), []).append(re.escape(phrase).replace(r"\ ", r"\s+"))
    return "(?:" + "|".join(f"{before}(?:{'|'.join(mine)}){after}" for (before, after), mine in by_edges.items()) + ")"


def _edges(phrase: str) -> tuple[str, str]:
    """What must not stand before and after a phrase. Without regard to case these classes take seconds to compile."""
    if has_cjk(phrase):
        return "", ""
    # Vowel signs of Devanagari are no word characters: \b would part a word at them.
    before = rf"(?<!(?-i:{LETTER}))" if phrase[0].isalnum() else ""
    is_word = phrase[-1].isalnum() or "\u0900" <= phrase[-1] <= "\u097f"
    return before, rf"(?!(?-i:{LETTER}|[\u0900-\u097f]))" if is_word else ""
