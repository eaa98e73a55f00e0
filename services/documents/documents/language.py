"""Which language a document is written in."""

from __future__ import annotations

import functools

from lingua import LanguageDetector, LanguageDetectorBuilder

_LOOKED_AT = 3_000
"""Characters that are enough to tell."""
SURE = 0.6
"""Confidence from which on the language counts: a résumé is full of names in others."""
_FEWEST = 20


@functools.cache
def _detector() -> LanguageDetector:
    # The small models take a tenth of the memory, and a page is more than enough for them.
    return LanguageDetectorBuilder.from_all_spoken_languages().with_low_accuracy_mode().build()


def language_of(text: str) -> str | None:
    """The language's ISO 639-1 code ("de"); None where it is not sure."""
    if sum(map(str.isalpha, text)) < _FEWEST:
        return None
    [best, *_] = _detector().compute_language_confidence_values(text[:_LOOKED_AT])
    return best.language.iso_code_639_1.name.lower() if best.value >= SURE else None
