"""What a question bank may hold, checked and normalised. Pure; raises Problem with one sentence.

Texts are stripped, their lines end in a line feed, and other control characters become spaces: a file that was edited
elsewhere gives an equal bank.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from contracts.text import storable
from contracts.vocabulary.bank import BankQuestion
from contracts.vocabulary.limits import MAX_BANK_BYTES, MAX_BANK_QUESTIONS
from pydantic import BaseModel, BeforeValidator, StringConstraints, ValidationError

from gateway.banks.ids import with_ids
from gateway.problems import Problem

NAME_MAX = 120
DESCRIPTION_MAX = 2_000
_DEEPEST = 3
"""How many lists and objects a text is in: `expects`, one of them, its cues. What is deeper is not valid anyway."""
_CONTROL = re.compile(r"[\x01-\x08\x0b-\x1f\x7f-\x9f]")
_BREAKS = re.compile(r"[\t\n\u2028\u2029]+")
_EXPECTED = {
    "missing": "it is missing",
    "string_type": "text is expected",
    "tuple_type": "a list is expected",
    "model_type": "an object with `point` and `cues` is expected",
    "string_too_short": "at least {min_length} characters are expected",
    "string_too_long": "at most {max_length} characters are allowed",
    "too_long": "at most {max_length} entries are allowed",
    "literal_error": "{expected} is expected",
}
_PATTERNS = {
    "id": "small letters, digits and single hyphens are expected, such as why-queues",
    "domain": "small letters, digits and single underscores are expected, such as system_design",
}


def _tidy(value: object) -> object:
    if not isinstance(value, str):
        return value
    return _CONTROL.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _one_line(value: object) -> object:
    tidy = _tidy(value)
    return _BREAKS.sub(" ", tidy) if isinstance(tidy, str) else tidy


Name = Annotated[str, StringConstraints(min_length=1, max_length=NAME_MAX), BeforeValidator(_one_line)]
Description = Annotated[str, StringConstraints(max_length=DESCRIPTION_MAX), BeforeValidator(_tidy)]


class Heading(BaseModel):
    """What a bank is called."""

    name: Name
    description: Description = ""


class Draft(Heading):
    """A bank that is to be kept."""

    questions: tuple[BankQuestion, ...]


class Changes(BaseModel):
    """What is to be different about a bank; None stays as it is."""

    name: Name | None = None
    description: Description | None = None
    questions: tuple[BankQuestion, ...] | None = None


def checked_questions(value: Any) -> tuple[BankQuestion, ...]:
    """The questions of a bank; those without an id get one. Raises Problem 400, or 413 for too large a bank."""
    if not isinstance(value, list):
        raise Problem(400, "questions: a list of questions is expected.")
    if not value:
        raise Problem(400, "questions: at least one question is expected.")
    if len(value) > MAX_BANK_QUESTIONS:
        raise Problem(400, f"questions: at most {MAX_BANK_QUESTIONS} are allowed.")
    entries = with_ids([_tidied(number, entry) for number, entry in enumerate(value, 1)])
    questions = tuple(_question(number, entry) for number, entry in enumerate(entries, 1))
    if len(json.dumps(plain(questions), ensure_ascii=False).encode()) > MAX_BANK_BYTES:
        raise Problem(413, f"The questions are larger than {MAX_BANK_BYTES // 1024} KiB altogether.")
    return questions


def plain(questions: Iterable[BankQuestion]) -> list[dict[str, Any]]:
    """Questions as JSON has them."""
    return [question.model_dump(mode="json") for question in questions]


def _tidied(number: int, entry: Any) -> dict[str, Any]:
    """What was given of a question; null and empty count as not given, unknown fields are left out."""
    if not isinstance(entry, dict):
        raise Problem(400, f"Question {number}: an object with a `text` is expected.")
    known = {name: _clean(value, number) for name, value in entry.items() if name in BankQuestion.model_fields}
    return {name: value for name, value in known.items() if value is not None and value != ""}


def _clean(value: Any, number: int, depth: int = 0) -> Any:
    if isinstance(value, str):
        if not storable(value):
            raise Problem(400, f"Question {number}: a text contains characters that cannot be stored.")
        return _tidy(value)
    if depth < _DEEPEST and isinstance(value, list):
        return [_clean(inner, number, depth + 1) for inner in value]
    if depth < _DEEPEST and isinstance(value, dict):
        return {name: _clean(inner, number, depth + 1) for name, inner in value.items() if inner is not None}
    return value


def _question(number: int, entry: dict[str, Any]) -> BankQuestion:
    try:
        return BankQuestion.model_validate(entry)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where, what = _place(first["loc"]), _said(first["type"], first["loc"], first.get("ctx", {}), first["msg"])
        raise Problem(400, f"Question {number}, {where}: {what}.") from None


def _place(location: Sequence[int | str]) -> str:
    """`("expects", 1, "cues", 0)` is "`expects` 2, `cues` 1"."""
    parts: list[str] = []
    for part in location:
        if isinstance(part, int) and parts:
            parts[-1] += f" {part + 1}"
        else:
            parts.append(f"`{part}`")
    return ", ".join(parts)


def _said(kind: str, location: Sequence[int | str], context: dict[str, Any], message: str) -> str:
    if kind == "string_pattern_mismatch":
        return _PATTERNS[str(location[0])]
    return _EXPECTED[kind].format_map(context) if kind in _EXPECTED else message[:1].lower() + message[1:]
