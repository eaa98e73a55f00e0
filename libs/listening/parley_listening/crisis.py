"""Whom to call, as data."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from parley_text.packaged import packaged

_BY_LANGUAGE = {
    "en": ("US", "GB", "IE", "CA", "AU"),
    "de": ("DE", "AT", "CH"),
    "es": ("ES", "MX", "US"),
    "fr": ("FR", "BE", "CH", "CA"),
    "hi": ("IN",),
    "zh": ("CN",),
}
"""Where a language is most likely spoken, when no country is known."""
_OTHERWISE = ("US", "GB")


@dataclass(frozen=True)
class CrisisLine:
    """A line that is open to anybody in its country (ISO 3166-1), and the page that says so."""

    country: str
    name: str
    number: str
    source: str


def crisis_lines(tag: str) -> tuple[CrisisLine, ...]:
    """Lines for the language or locale of a tag: that of its country alone, if it names one that is known ("de-AT")."""
    subtags = tag.replace("_", "-").split("-")
    known = _all()
    named = [part.upper() for part in subtags[1:] if part.upper() in known]
    return tuple(known[each] for each in named[:1] or _BY_LANGUAGE.get(subtags[0].lower(), _OTHERWISE))


@functools.cache
def _all() -> dict[str, CrisisLine]:
    found = packaged("parley_listening", "crisis_lines.yaml")
    return {country: CrisisLine(country, **line) for country, line in found.items()}
