"""What every prompt has in common."""

from __future__ import annotations

import re

_LANGUAGES = {
    "en": "English",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "hi": "Hindi",
    "zh": "Chinese",
    "pt": "Portuguese",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "ja": "Japanese",
    "ko": "Korean",
}
CONTACT = "[contact]"
"""What stands in the place of what was taken out."""
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+|www\.\S+")
_NUMBER = re.compile(
    r"(?<![\w.,/€$£₹¥%-])(?:\+|\(\+?)?\d[\d ()./\u00a0\u2010-\u2013-]{5,22}\d\)?(?![\w%])(?![.,]\d)", re.ASCII
)
"""Digits that could be a telephone number: not an amount, a percentage or a part of something longer."""
_DIGITS = range(7, 17)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DAY = r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"
_DAYS = re.compile(rf"{_DAY}(?:\s*[\u2010-\u2013-]\s*{_DAY})?")
_LABEL = re.compile(
    r"(?:\b(?:tel|tél|phone|mobil|mob|cell|fax|handy|whatsapp)\w*|[电话手机号码携帯電☎📞])[.:\uff1a\s]*$",
    re.IGNORECASE,
)
_GROUPED = re.compile(
    r"(?:1[ .-]?)?\(?\d{3}\)?[ .-]?\d{3}[ .-]\d{4}|1[3-9]\d{9}|1[3-9]\d[ -]\d{4}[ -]\d{4}|[6-9]\d{4}[ -]\d{5}"
)
"""As North America, China and India write their numbers: without a sign that they are some."""


def language_name(tag: str) -> str:
    """A language as one says it to a model: "German" for "de-AT"."""
    return _LANGUAGES.get(tag.replace("_", "-").split("-", 1)[0].lower(), f"the language with the tag {tag}")


def without_contact(text: str) -> str:
    """A text that somebody pasted, without e-mail addresses, links and telephone numbers.

    Dates and figures stay: they are most of what a document has to say. So does a number that is written like a figure
    and that nothing marks as a telephone number.
    """
    return _NUMBER.sub(_without_phone, _ADDRESS.sub(CONTACT, text))


def _without_phone(found: re.Match[str]) -> str:
    number = found.group()
    before = found.string[max(0, found.start() - 24) : found.start()]
    return CONTACT if _is_phone(number, labelled=_LABEL.search(before) is not None) else number


def _is_phone(number: str, *, labelled: bool) -> bool:
    digits = sum(map(str.isdigit, number))
    if digits not in _DIGITS or (number[0] != "+" and _is_date(number, digits)):
        return False
    national = number[0] == "0" and digits >= 9 and re.search(r"\D", number)
    return bool(labelled or number.startswith(("+", "(+", "(0", "00")) or national or _GROUPED.fullmatch(number))


def _is_date(number: str, digits: int) -> bool:
    years = len(_YEAR.findall(number))
    return (years > 0 and digits <= 8 * years) or _DAYS.fullmatch(number) is not None
