"""What can be asked about in a text, by how it is written: figures that say something, and names of technologies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from interviewer.technologies import AFTER_A_USE, AMBIGUOUS, CLEAR_USES, KNOWN, PHRASES, USES
from interviewer.words import WORD

Claim = Literal["number", "technology", "ownership"]
Kind = Literal[
    "contradiction",
    "boast",
    "change",
    "failure",
    "disagreement",
    "decision",
    "difficulty",
    "first_time",
    "together",
    "tool",
    "done",
    "intention",
    "habit",
    "background",
    "occupation",
    "opinion",
    "told",
]
"""What makes a sentence of an answer worth asking about."""

_COUNT = r"\d{1,12}(?:[.,]\d{1,12}){0,4}"
_NUMBER = re.compile(
    rf"(?<![\w.,])[$€£]?(?:{_COUNT}\s?[-–]\s?)?{_COUNT}"  # noqa: RUF001
    r"(?:\s?(?P<telling>%|percent\b|ms\b|milliseconds?\b|x\b"
    r"|(?:(?:[km]|thousand|million|billion) )?(?:requests|queries|transactions|events|messages|rows)"
    r"(?: (?:per|a) (?:second|minute|hour|day))?\b"
    r"|(?:[km]|thousand|million|billion)\b(?: (?:users|customers|people)\b)?)"
    r"|\s?(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|users|customers|people|engineers|times)\b)",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:reduc|cut|sav|improv|increas|rais|gr[eo]w|shr[aiu]nk|drop|fell|lower|decreas|sped|speed|faster|shorten"
    r"|scal|halv|doubl|tripl|went (?:up|down|from))",
    re.IGNORECASE,
)
_CHANGE_WITHIN = 70

_DANGLING = frozenset(
    "a an and are as at be because but by can could e.g every for from had has have he i i.e if in into is its my"
    " no not of on or our over she should so some than that the their then these they this those to under using very"
    " via was we were when where which while who whose will with would you your".split()
)
_CLOSED_BY = {"(": ")", "[": "]", "{": "}", "“": "”", "„": "“", "«": "»", '"': '"', "`": "`"}
_CLOSING = frozenset(_CLOSED_BY.values()) - frozenset(_CLOSED_BY)
_OF_INTEREST = KNOWN | AMBIGUOUS | {phrase.split(" ")[0] for phrase in PHRASES}
_COMPOUND_OR_CAPITALS = re.compile(r"[-.'’A-Z]")  # noqa: RUF001
_JOINT = re.compile(r"[-.'’]")  # noqa: RUF001
_PRODUCT_SPELLING = re.compile(r"[A-Z][a-z]+[A-Z][A-Za-z]*|[A-Za-z]+(?:SQL|DB|MQ|JS)")


def number_in(text: str) -> str | None:
    """The first figure that one can ask about, verbatim."""
    return next(filter(None, (_telling(text, match) for match in _NUMBER.finditer(text))), None)


def technologies_in(text: str) -> list[str]:
    """The technologies that a text names, each once, as they are written."""
    return list(dict.fromkeys(_technologies(text)))


def _telling(answer: str, match: re.Match[str]) -> str | None:
    """The number, if one can ask how it came about: ten years of experience were not measured."""
    number = match.group()
    if match["telling"] and not number.startswith("100%"):
        return number
    before = answer[max(0, match.start() - _CHANGE_WITHIN) : match.start()]
    return number if _CHANGE.search(before) else None


def _technologies(answer: str) -> Iterator[str]:
    words = [*WORD.finditer(answer)]
    taken_to = 0
    for at, match in enumerate(words):
        word = match.group()
        # Most words are none of these, and nothing more is looked at.
        if word.lower() not in _OF_INTEREST and not _COMPOUND_OR_CAPITALS.search(word, 1):
            continue
        if match.start() < taken_to:
            continue
        span = _two_words(words[at : at + 2])
        name = answer[slice(*span)] if span else _technology(answer, words[at - 1] if at else None, match)
        if name:
            taken_to = match.start() + len(name)
            yield name


def _two_words(words: list[re.Match[str]]) -> tuple[int, int] | None:
    """Where two words stand that are the name of a technology together."""
    apart = words[-1].start() - words[0].end()
    if apart == 1 and " ".join(word.group().lower() for word in words) in PHRASES:
        return words[0].start(), words[-1].end()
    return None


def _technology(answer: str, before: re.Match[str] | None, match: re.Match[str]) -> str | None:
    """The name of a technology in a word: "Kafka" in "Kafka's" and in "Kafka-based"."""
    gap = answer[before.end() : match.start()] if before else ""
    previous = before.group().lower() if before and gap == " " else ""
    inside = bool(previous) or gap.strip() in {",", "/", "("}
    for name in (match.group(), _JOINT.split(match.group(), maxsplit=1)[0]):
        low = name.lower()
        if low in KNOWN or (low in AMBIGUOUS and inside and name.istitle()):
            return name
        if low in AFTER_A_USE and previous in USES:
            return name
    unknown = previous in CLEAR_USES and _PRODUCT_SPELLING.fullmatch(match.group())
    return match.group() if unknown else None


def tidy(words: str) -> str:
    """Without what hangs over at the end: an open quote or bracket, a comma, a conjunction."""
    while True:
        shorter = _balanced(words).rstrip(" \u00a0,:/&*<=_~|\\'‘’-–—")  # noqa: RUF001
        last = shorter.rsplit(" ", 1)[-1]
        if last.lower().lstrip("(") in _DANGLING:
            shorter = shorter[: -len(last)]
        if shorter == words:
            return words
        words = shorter


def _balanced(words: str) -> str:
    """Cut before the first quote or bracket that has no partner."""
    open_marks: list[tuple[str, int]] = []
    for at, mark in enumerate(words):
        if open_marks and mark == open_marks[-1][0]:
            open_marks.pop()
        elif mark in _CLOSED_BY:
            open_marks.append((_CLOSED_BY[mark], at))
        elif mark in _CLOSING:
            return words[: open_marks[0][1] if open_marks else at]
    return words[: open_marks[0][1]] if open_marks else words
