"""Which language something is written in."""

from __future__ import annotations

import functools
import re

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

SURE = 0.9
MIN_WORDS = 5
_LOOKED_AT = 600
"""Characters that are enough to tell."""
_KNOWN = (
    Language.ENGLISH,
    Language.GERMAN,
    Language.SPANISH,
    Language.FRENCH,
    Language.HINDI,
    Language.CHINESE,
    Language.PORTUGUESE,
    Language.ITALIAN,
    Language.DUTCH,
    Language.POLISH,
    Language.RUSSIAN,
    Language.JAPANESE,
    Language.KOREAN,
    Language.ARABIC,
)
UNKNOWN = "und"
"""The code of a language in a script that no known language of ours has (BCP 47: undetermined)."""
_LAST_LATIN = "\u024f"
_ROMANISED_HINDI = re.compile(
    r"\b(?:hai|hain|nah[iy]n?|aur|k[iy]ya|kiye|maine|humne|hamne|karke|karna|karne|karta|karte|karti|karunga|karungi"
    r"|karenge|dekhunga|dekhungi|thaa?|thi|phir|pehle|pahle|lekin|kyu?o?nki|mujhe|yeh|woh|raha|rahe|rahi|gaya|gayi|liya"
    r"|diya|hota|hoti|hote|bahut|sabse|apne|apna|apni|iska|uska|hoga|hogi|chahiye|kuch|bhi|toh|wala|wale|sakta|sakte"
    r"|sakti|lagta|agar|isliye|hamara|hamare|unko|unhone)\b",
    re.IGNORECASE,
)
"""Words of Hindi in Latin letters, which the detector takes for anything; none is a word of another known language."""


@functools.cache
def _detector() -> LanguageDetector:
    # The small models tell a sentence as well as the large ones, and take a tenth of the memory.
    return LanguageDetectorBuilder.from_languages(*_KNOWN).with_low_accuracy_mode().build()


def detected(text: str) -> str | None:
    """The code of the language ("de"); None where that is not sure, as in a list of product names."""
    text = text[:_LOOKED_AT]
    if len(text.split()) < MIN_WORDS and text.isascii():
        return None
    if len({match.group().lower() for match in _ROMANISED_HINDI.finditer(text)}) >= 2:
        return "hi"
    best = _detector().compute_language_confidence_values(text)[0]
    if best.value >= SURE:
        return best.language.iso_code_639_1.name.lower()
    return UNKNOWN if _in_other_script(text) else None


def _in_other_script(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return not text.isascii() and sum(letter > _LAST_LATIN for letter in letters) * 2 > len(letters)
