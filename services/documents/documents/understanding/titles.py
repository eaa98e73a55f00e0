"""What in a line is the title of a job, and which seniority it tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import get_args

from contracts.documents.understanding import Seniority

from documents.understanding.wordlists import any_of, words


def is_title(text: str) -> bool:
    """Whether a short text reads as the title of a job."""
    return _role().search(text) is not None


def seniority_of(title: str) -> Seniority | None:
    """What a title says by itself; None where it says nothing, as "Accountant" does."""
    return next((level for level, pattern in _levels().items() if pattern.search(title)), None)


@cache
def _role() -> re.Pattern[str]:
    lists = words("titles")
    endings = "|".join(sorted(lists["endings"], key=len, reverse=True))
    parts = "|".join(lists["parts"])
    return re.compile(rf"{any_of(lists['roles'])}s?|(?:{endings})(?:in|innen|/in|\*in|:in)?\b|{parts}", re.IGNORECASE)


@cache
def _levels() -> dict[Seniority, re.Pattern[str]]:
    lists = words("titles")["seniority"]
    known = {level: re.compile(any_of(phrases), re.IGNORECASE) for level, phrases in lists.items()}
    assert known.keys() <= set(get_args(Seniority))
    return known


def claims_experience(text: str) -> bool:
    """Whether it speaks of experience, as "6 years of experience in testing" does."""
    return _experience().search(text) is not None


@cache
def _experience() -> re.Pattern[str]:
    return re.compile(any_of(words("titles")["experience"]), re.IGNORECASE)


def ranks_in(text: str) -> frozenset[str]:
    """The words of a text that tell a seniority, in small letters."""
    return frozenset(found.group().casefold() for pattern in _levels().values() for found in pattern.finditer(text))


def offered_in(text: str) -> Iterator[str]:
    """Titles after words such as "we are hiring a"."""
    for found in _offers().finditer(text):
        title = found["title"].strip()
        if is_title(title):
            yield title


@cache
def _offers() -> re.Pattern[str]:
    lists = words("titles")
    cue, stop = any_of(lists["offers"]), any_of(lists["stops"])
    return re.compile(rf"{cue}\s+(?P<title>(?:(?!{stop})[\w&/+#'’()-]+\s?){{1,6}})", re.IGNORECASE)  # noqa: RUF001


def without_title_label(text: str) -> str:
    """The line without "Job title:" before the title."""
    return _labels().sub("", text)


@cache
def _labels() -> re.Pattern[str]:
    return re.compile(rf"^{any_of(words('titles')['labels'])}\s*[:：]\s*", re.IGNORECASE)  # noqa: RUF001
