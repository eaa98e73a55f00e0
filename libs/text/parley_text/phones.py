"""Telephone numbers in texts about which nobody knows the country.

An international number counts; one that could be a figure ("+1 000 000 000") counts if its country has such numbers. A
local number looks like any other figure. It counts where it is labelled, begins with a zero and is grouped, or is
grouped as it is in one country and no figure is; and everywhere in a text that says how to reach somebody. Years, dates
and amounts never count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from phonenumbers import Leniency, PhoneNumberMatcher

from parley_text.scripts import LETTER
from parley_text.vocabulary import words

_DIGITS = range(7, 17)
_CLEAR = 9
"""Digits from which on an international number is one, and a local one that begins with a zero."""
_DASHES = "\u2010-\u2015-"
_SPACES = " \u00a0\u202f"
_RUN = re.compile(
    rf"(?<!{LETTER})(?<![/%{_DASHES}])(?<!\d[.,])(?:[+＋]|\([+＋]?)?"
    rf"\d[\d ()./{_SPACES}{_DASHES}]{{5,40}}\d\)?(?!{LETTER}|%|[.,]\d)"
)
"""Digits with what stands between those of one number; numbers side by side are one run."""
_AMOUNT = re.compile(rf"[€$£₹¥][{_SPACES}]?$")
_PART = re.compile(rf"[^{_SPACES}]+")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DAY = r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"
_YEARS = re.compile(
    rf"(?:\d{{1,2}}[./])?(?:19|20)\d\d[{_SPACES}]?[{_DASHES}][{_SPACES}]?(?:\d{{1,2}}[./])?(?:19|20)\d\d(?!\d)"
)
_DAYS = re.compile(rf"{_DAY}(?:\s*[{_DASHES}]\s*{_DAY})?")
_FIGURE = re.compile(r"[+＋]?\d{1,3}([ .\u00a0\u202f])\d{3}(?:\1\d{3})*")
_INTERNATIONAL = re.compile(r"\(?(?:[+＋]|00(?=[ \u00a0]?[1-9]))")
_EXTENSION = re.compile(r",?[ ]?(?:ext\.?|x|#)[ ]?\d{1,6}", re.IGNORECASE)
_LABEL_LENGTH = 40

_SEPARATOR = r"[ .\u00a0-]"
_WRITTEN = re.compile(
    # An area code in brackets, after a trunk prefix perhaps.
    rf"(?:\d{_SEPARATOR}?)?\((?!(?:19|20)\d\d\))\d{{2,5}}\)[ ]?(?=(?:\D*\d){{5}})\d[\d ./\u00a0-]*"
    # North America.
    rf"|(?:1{_SEPARATOR}?)?\d{{3}}{_SEPARATOR}?\d{{3}}{_SEPARATOR}\d{{4}}"
    # China, mobile.
    r"|1[3-9]\d{9}|1[3-9]\d[ -]\d{4}[ -]\d{4}"
    # India, mobile.
    r"|[6-9]\d{4}[ -]\d{5}"
)
"""As some countries write numbers, and nobody writes figures. Not by their plans: made-up numbers count as well."""
_WITHOUT_AREA = re.compile(rf"\d{{3}}{_SEPARATOR}\d{{4}}")


def phones(text: str, *, everywhere: bool = False) -> Iterator[tuple[int, int]]:
    """The places of telephone numbers. `everywhere`: in a text that says how to reach somebody, as the head of a résumé
    does, where any number that is long enough is one."""
    at = 0
    while run := _RUN.search(text, at):
        found = None if _AMOUNT.search(text, max(0, run.start() - 2), run.start()) else _first_in(text, run, everywhere)
        if found:
            yield found
        at = found[1] if found else run.end()


def _first_in(text: str, run: re.Match[str], everywhere: bool) -> tuple[int, int] | None:
    """The first number in a run, as much of it as is one: it can have years and other numbers beside it."""
    begin = run.start()
    for years in _YEARS.finditer(text, run.start(), run.end()):
        if found := _between(text, begin, years.start(), everywhere):
            return found
        begin = years.end()
    return _between(text, begin, run.end(), everywhere)


def _between(text: str, begin: int, end: int, everywhere: bool) -> tuple[int, int] | None:
    parts = [(part.start(), part.end()) for part in _PART.finditer(text, begin, end)]
    before = ""
    for place, (start, _) in enumerate(parts):
        # A number begins here, or after a year; elsewhere this is the rest of a figure.
        if place == 0 or text[start] in "+＋(" or _YEAR.fullmatch(before):
            labelled = _is_labelled(text, start)
            for _, stop in reversed(parts[place:]):
                if found := _number(text, start, stop, labelled=labelled, everywhere=everywhere):
                    return found
        before = text[slice(*parts[place])]
    return None


def _number(text: str, begin: int, end: int, *, labelled: bool, everywhere: bool) -> tuple[int, int] | None:
    if text[end - 1] == ")" and "(" not in text[begin:end]:
        end -= 1  # of what stands around the number
    number = text[begin:end]
    digits = sum(map(str.isdecimal, number))
    if digits not in _DIGITS or not (number[-1].isdecimal() or number[-1] == ")"):
        return None
    if _INTERNATIONAL.match(number) and (found := _international(text, begin, end, digits)):
        return found
    if _is_date(number, digits) or (_FIGURE.fullmatch(number) and not (labelled or everywhere)):
        return None
    if labelled or _is_written_so(number, digits) or (everywhere and _is_long_enough(number, digits)):
        return begin, end
    return None


def _international(text: str, begin: int, end: int, digits: int) -> tuple[int, int] | None:
    extension = _EXTENSION.match(text, end)
    number = text[begin : extension.end() if extension else end]
    is_figure = _FIGURE.fullmatch(text, begin, end) is not None
    if digits < _CLEAR or is_figure:
        # Nobody knows the country; in Germany one dials 00 before that of another.
        region = "DE" if number.lstrip("(")[0] == "0" else None
        leniency = Leniency.VALID if is_figure else Leniency.POSSIBLE
        if not any(PhoneNumberMatcher(number, region, leniency=leniency, max_tries=1)):
            return None
    return begin, begin + len(number)


def _is_written_so(number: str, digits: int) -> bool:
    """Whether nothing but a telephone number is written like this."""
    if _WRITTEN.fullmatch(number) or number.startswith("(0"):
        return True
    groups = re.findall(r"\d+", number)
    return number[0] == "0" and digits >= _CLEAR and len(groups) > 1 and max(map(len, groups)) > 1


def _is_long_enough(number: str, digits: int) -> bool:
    return digits >= 8 or _WITHOUT_AREA.fullmatch(number) is not None


def _is_date(number: str, digits: int) -> bool:
    years = len(_YEAR.findall(number))
    return (years > 0 and digits <= 8 * years) or _DAYS.fullmatch(number) is not None


def _is_labelled(text: str, at: int) -> bool:
    return _label().search(text, max(0, at - _LABEL_LENGTH), at) is not None


@cache
def _label() -> re.Pattern[str]:
    names = "|".join(
        sorted((re.escape(word).replace(r"\*", r"\w{0,12}") for word in words("phone")), key=len, reverse=True)
    )
    name = r"(?:[ ]?\([^()\d\n]{1,15}\))?"
    number = r"(?:(?:no|nr|num\w*|nummer)\b)?"
    return re.compile(
        rf"(?:(?<!{LETTER})(?:{names}){name}[^\w\n]{{0,3}}{number}|[☎📞📱])[^\w\n]{{0,4}}$", re.IGNORECASE
    )
