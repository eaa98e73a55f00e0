"""The cleaner: what a model wrote becomes what an interviewer says. One question, spoken, without stock openers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from parley_text.sentences import QUESTION_MARKS, STOPS, before_more

from interviewer.words import WORD

DECIDED = 80
"""Characters after which a text that began without a stock opener has none."""
_LABEL = re.compile(r"^\s*(?:\**\s*)?(?:interviewer|question|follow-?up|q\d*)\s*\**\s*:\s*", re.IGNORECASE)
_MARKUP = re.compile(r"\*\*|__|`+|^#{1,6}\s+|^\s*[-*•]\s+", re.MULTILINE)
_BLANKS = re.compile(r"\s+")
_STOCK = re.compile(
    r"(?:(?:that(?:'s| is|’s)|this is|what an?|sounds?)\s+(?:an? |really |very |quite |truly |so )*)?"
    r"(?:great|excellent|fantastic|wonderful|amazing|awesome|perfect|interesting|impressive|fascinating|good|nice|cool"
    r"|brilliant|well done|insightful|thoughtful|solid|helpful)\b[^.!?\n]{0,60}[.!]\s+"
    r"|(?:thanks|thank you|i appreciate|appreciate)\b[^.!?\n]{0,80}[.!]\s+"
    r"|(?:i see|got it|okay|ok|alright|all right|sure|absolutely|certainly|of course|noted)[.!,]\s+",
    re.IGNORECASE,
)
_ENDS = re.compile(f"{before_more(STOPS)}|[{QUESTION_MARKS}]")
_ASKED = re.compile(f"[{QUESTION_MARKS}]")
_EMPTY = frozenset(
    "the a an of to and or in on at for with your you how what why which when where who did do does would could can is"
    " are was were have has had that this it its i we my me be about tell".split()
)


def beginning(text: str) -> str | None:
    """The text without label and stock openers; None while there is too little of it to tell."""
    text = _LABEL.sub("", text)
    while match := _STOCK.match(text):
        text = text[match.end() :]
    return text if len(text) >= DECIDED or _ENDS.search(text) else None


def cleaned(text: str) -> str:
    """A whole text as it is said: one line, no markup, nothing after its first question."""
    text = _BLANKS.sub(" ", _MARKUP.sub("", _LABEL.sub("", text))).strip().strip('"“”').strip()
    while (match := _STOCK.match(text)) and match.end() < len(text):
        text = text[match.end() :]
    text = text[:1].upper() + text[1:]
    asked = _ASKED.search(text)
    return text[: asked.end()] if asked else text


def repeats(text: str, earlier: Iterable[str]) -> bool:
    """Whether the same was asked before: four fifths of the words that carry meaning in common."""
    mine = _content(text)
    return bool(mine) and any(_alike(mine, _content(each)) for each in earlier)


def gives_away(text: str, points: Iterable[str], said: str) -> bool:
    """Whether it says most of what a good answer shows and what was not said yet."""
    mine, known = _content(text), _content(said)
    for point in points:
        wanted = _content(point) - known
        if len(wanted) >= 3 and len(wanted & mine) * 3 >= len(wanted) * 2:
            return True
    return False


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(one & other)
    return len(other) >= 3 and shared * 5 >= len(one | other) * 4


def _content(text: str) -> frozenset[str]:
    return frozenset(match.group().lower() for match in WORD.finditer(text)) - _EMPTY
