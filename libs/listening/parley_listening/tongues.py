"""Which languages somebody names."""

from __future__ import annotations

import functools
import re

from parley_text.packaged import packaged

from parley_listening.rules import plain


def languages_named(text: str) -> tuple[str, ...]:
    """The codes of the languages that a text names ("de"), in the order in which it does."""
    said = plain(text)
    return tuple(dict.fromkeys(code for found in _names().finditer(said) if (code := _codes()[found[0]])))


@functools.cache
def _codes() -> dict[str, str]:
    by_code = packaged("parley_listening", "tongues.yaml")
    return {plain(name): code for code, names in by_code.items() for name in names}


@functools.cache
def _names() -> re.Pattern[str]:
    longest_first = sorted(_codes(), key=len, reverse=True)
    return re.compile("|".join(name if name > "\u4000" else rf"(?<![^\W_]){name}(?![^\W_])" for name in longest_first))
