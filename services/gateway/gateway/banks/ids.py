"""Ids of questions: given by a person, or made from the question's text. Unique within a bank."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from gateway.problems import Problem

_LONGEST = 60
"""Characters of an id that is made; what tells it apart from another one is added."""
_APOSTROPHES = re.compile("['\u2019]")
_WORDS = re.compile(r"[a-z0-9]+")
_NO_WORDS = "question"


def with_ids(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The questions, each with an id. Raises Problem 400 where two were given the same."""
    taken = _given(questions)
    return [question if "id" in question else {"id": _free(question, taken), **question} for question in questions]


def slug(text: str) -> str:
    """The words of a text in small letters without accents, joined by hyphens; empty where it has no Latin ones."""
    latin = unicodedata.normalize("NFKD", text[: 4 * _LONGEST]).encode("ascii", "ignore").decode().lower()
    joined = "-".join(_WORDS.findall(_APOSTROPHES.sub("", latin)))
    if len(joined) <= _LONGEST:
        return joined
    whole_words = joined[: _LONGEST + 1].rpartition("-")[0]
    return whole_words or joined[:_LONGEST]


def _given(questions: list[dict[str, Any]]) -> set[str]:
    numbers: dict[str, int] = {}
    for number, question in enumerate(questions, 1):
        id = question.get("id")
        if isinstance(id, str) and numbers.setdefault(id, number) != number:
            raise Problem(400, f"Question {number}, `id`: question {numbers[id]} has the same id.")
    return set(numbers)


def _free(question: dict[str, Any], taken: set[str]) -> str:
    text = question.get("text")
    wanted = (slug(text) if isinstance(text, str) else "") or _NO_WORDS
    id, count = wanted, 1
    while id in taken:
        count += 1
        id = f"{wanted}-{count}"
    taken.add(id)
    return id
