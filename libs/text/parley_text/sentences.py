"""Where sentences and clauses end, in any script.

A mark that is followed by a space where it ends something ("." but also ":") counts only there, or "Node.js", "3.5" and
"10:30" would be parted. The marks of scripts without spaces count wherever they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

STOPS = ".!。｡！।॥۔"
QUESTION_MARKS = "?？؟"
MARKS = STOPS + QUESTION_MARKS + "…"
"""All that ends a sentence. An ellipsis may also be a pause."""
COMMAS = ",，、،"
COLONS = ":："
SEMICOLONS = ";；؛"
CLAUSE_MARKS = MARKS + COMMAS + COLONS + SEMICOLONS

_BEFORE_SPACE = ".!?…,:;"
_CLOSING = r"\"')\]”’»"
_CLOSING_UNSPACED = r")\]”’»」』）】"
_BREAKS = "\n\r\u2028\u2029"
_LOOKED_BACK = 40

# Never the end of a sentence.
_BEFORE_MORE = frozenset(
    "e.g i.e z.b d.h p.ej u.a approx ca circa max min avg est bzw vs dr mr mrs ms prof st incl inkl resp dept"
    " univ".split()
)
# The end of a sentence only before a capital.
_TRAILING = frozenset("etc usw inc ltd co corp llc gmbh jr sr ing".split())
# Only before a number: elsewhere they are words.
_NUMBERING = frozenset("no nr fig vol".split())
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")


def spans(text: str, also: str = "") -> Iterator[tuple[int, int]]:
    """The places of all sentences, one after the other: together they are the text, white space included. Line breaks
    end a sentence, and so do further marks in `also`."""
    start = 0
    for found in _end(also).finditer(text):
        if not (found.group() == "." and _is_short_form(text, start, found.start())):
            yield start, found.end()
            start = found.end()
    if start < len(text):
        yield start, len(text)


def sentences(text: str, also: str = "") -> list[str]:
    """The sentences of a text, verbatim, without the white space around them."""
    return [sentence for start, end in spans(text, also) if (sentence := text[start:end].strip())]


def last(text: str, also: str = "") -> str:
    """The last sentence of a text, as `sentences` has it; empty for an empty text."""
    return next(reversed(sentences(text, also)), "")


def ends(text: str) -> bool:
    """Whether a text ends as a statement does, or with a semicolon. "Acme Inc." does not."""
    text = text.rstrip()
    if not text.endswith(tuple(STOPS + SEMICOLONS)):
        return False
    return not (text.endswith(".") and _is_short_form(text, 0, len(text) - 1))


def asks(text: str) -> bool:
    """Whether there is a question mark in it."""
    return any(mark in text for mark in QUESTION_MARKS)


def before_more(marks: str) -> str:
    """A pattern for one of these marks where it parts what stands before it from what follows."""
    spaced = "".join(mark for mark in marks if mark in _BEFORE_SPACE)
    others = "".join(mark for mark in marks if mark not in _BEFORE_SPACE)
    parts = [rf"[{re.escape(spaced)}](?=\s)"] * bool(spaced) + [f"[{re.escape(others)}]"] * bool(others)
    return f"(?:{'|'.join(parts)})"


@cache
def _end(also: str) -> re.Pattern[str]:
    marks = MARKS + also
    spaced = re.escape("".join(mark for mark in marks if mark in _BEFORE_SPACE))
    others = re.escape("".join(mark for mark in marks if mark not in _BEFORE_SPACE))
    return re.compile(rf"[{spaced}]+[{_CLOSING}]*(?=\s|$)|[{others}]+[{_CLOSING_UNSPACED}]*|[{_BREAKS}]+")


def _is_short_form(text: str, start: int, stop: int) -> bool:
    """Whether the full stop at `stop` belongs to the word before it; the sentence begins at `start`."""
    before = text[max(start, stop - _LOOKED_BACK) : stop].split()
    word = before[-1].lstrip("(\"'[“„") if before else ""
    small = word.casefold()
    following = text[stop + 1 : stop + 6].split()
    after = following[0] if following else ""
    if small in _BEFORE_MORE:
        return True
    if small in _NUMBERING:
        return after[:1].isdigit()
    if len(word) == 1:
        return _is_initial(word, before[-2] if len(before) > 1 else "", after)
    return (small in _TRAILING or bool(_DOTTED.fullmatch(word))) and not after[:1].isupper()


def _is_initial(letter: str, before: str, after: str) -> bool:
    """ "J. Smith", "Ada M. Lovelace" and "z. B.", but not "so did I." and "plan B."."""
    if letter.upper() == letter.lower() or letter == "I":
        return False
    beside_another = before.endswith(".") or (len(after) == 2 and after.endswith("."))
    return beside_another or not before or (letter.isupper() and before[0].isupper())
