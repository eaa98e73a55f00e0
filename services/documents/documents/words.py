"""Texts as Postgres's full-text search wants them, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CONFIGS = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hi": "hindi",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
"""Configurations that come with Postgres, by language."""
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]+")
_BETWEEN = re.compile(r"[\s\"'(){}\[\]<>,;:!?*|&=~^\x00-\x1f\u2010-\u205e\u3001-\u3011\uff01-\uff0f\uff1a-\uff20]+")
_EDGES = ".-_/\\@#$%+·।"
MOST_TERMS = 60
_SYMBOLS = {"+": "plus", "#": "sharp"}


def search_config(language: str | None) -> str:
    """The text search configuration for a language; words as they stand where there is none."""
    return _CONFIGS.get((language or "").split("-", 1)[0].lower(), "simple")


def searchable(text: str) -> str:
    """The text with what Postgres would not part: runs of letters without spaces as pairs, and "C++" as a word."""
    parted = _UNSPACED.sub(lambda run: f" {' '.join(_pairs(run.group()))} ", text)
    return _named_symbols(parted)


def query_of(text: str) -> str:
    """A query in the syntax of `websearch_to_tsquery` that finds texts with any of these words."""
    # Not by \w: the vowel signs of Indian scripts are no word characters.
    parts = (part.strip(_EDGES).lower() for part in _BETWEEN.split(searchable(text)))
    words = dict.fromkeys(part for part in parts if any(map(str.isalnum, part)))
    return " or ".join(f'"{word}"' for word in list(words)[:MOST_TERMS])


def _pairs(run: str) -> Iterator[str]:
    yield from (run[at : at + 2] for at in range(max(1, len(run) - 1)))


def _named_symbols(text: str) -> str:
    return re.sub(r"(?<=\w)[+#]+(?!\w)", lambda found: "".join(_SYMBOLS[symbol] for symbol in found.group()), text)
