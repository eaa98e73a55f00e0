"""Which language something is written in."""

from __future__ import annotations

import functools
import re

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

SURE = 0.9
RULED_OUT = 0.01
"""Confidence below which it is not the expected language either."""
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
_OWN_SCRIPT = {"hi": re.compile("[\u0904-\u0939]"), "zh": re.compile("[\u3400-\u9fff]")}
"""Letters that tell a language, however many names of products stand between them."""
_KANA = re.compile("[\u3040-\u30ff]")
_ROMANISED_HINDI = re.compile(
    r"\b(?:hai|hain|nah[iy]n?|aur|k[iy]ya|kiye|maine|humne|hamne|karke|karna|karne|karta|karte|karti|karunga|karungi"
    r"|karenge|dekhunga|dekhungi|thaa?|thi|phir|pehle|pahle|lekin|kyu?o?nki|mujhe|yeh|woh|raha|rahe|rahi|gaya|gayi|liya"
    r"|diya|hota|hoti|hote|bahut|sabse|apne|apna|apni|iska|uska|hoga|hogi|chahiye|kuch|bhi|toh|wala|wale|sakta|sakte"
    r"|sakti|lagta|isliye|zyada|jyada|jaa?nta|jaa?nti|iske|uske|baare|kaise|kyu?o?n|kaam|sawaa?l|matlab|samajh|abhi|kabhi"
    r"|sirf|thoda|thodi|hamara|hamare|unko|unhone)\b",
    re.IGNORECASE,
)
"""Words of Hindi in Latin letters, which the detector takes for anything. No other known language has two of them."""


@functools.cache
def _detector() -> LanguageDetector:
    # The small models tell a sentence as well as the large ones, and take a tenth of the memory.
    return LanguageDetectorBuilder.from_languages(*_KNOWN).with_low_accuracy_mode().build()


def detected(text: str, expected: str = "") -> str | None:
    """The code of the language ("de"); None where that is not sure, as in a list of product names.

    The expected language is taken where the text can well be of it: some sentences are in two languages alike.
    """
    text = text[:_LOOKED_AT]
    if expected in _OWN_SCRIPT and len(_OWN_SCRIPT[expected].findall(text)) > 1 and not _KANA.search(text):
        return expected
    if len(text.split()) < MIN_WORDS and text.isascii():
        return None
    if len({match.group().lower() for match in _ROMANISED_HINDI.finditer(text)}) >= 2:
        return "hi"
    found = {_code(each.language): each.value for each in _detector().compute_language_confidence_values(text)}
    best = max(found, key=lambda code: found[code])
    if found[best] >= SURE:
        return expected if found.get(expected, 0) >= RULED_OUT else best
    return UNKNOWN if _in_other_script(text) else None


def _code(language: Language) -> str:
    return language.iso_code_639_1.name.lower()


def _in_other_script(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return not text.isascii() and sum(letter > _LAST_LATIN for letter in letters) * 2 > len(letters)
