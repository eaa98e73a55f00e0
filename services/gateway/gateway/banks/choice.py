"""How a request for a session says which questions of one's own are to be asked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from contracts.interview import SessionConfig
from fastapi import Request

from gateway.banks.chosen import ChosenBank
from gateway.banks.fields import checked_questions
from gateway.banks.store import NoSuchBank
from gateway.errors import Problem
from gateway.http import parse
from gateway.identity.fields import present
from gateway.requests import Caller

BANK_ID = "question_bank_id"


class SessionBody(SessionConfig):
    """A configuration, or one with a bank in place of `questions`. Questions need no `id`. `jd_id` is another name for
    `job_description_id`."""

    question_bank_id: str | None = None
    jd_id: str | None = None


def session_config(request: Request, caller: Caller, fields: dict[str, Any]) -> tuple[SessionConfig, ChosenBank | None]:
    """The configuration that a body asks for, and the bank that it names. Raises Problem."""
    named = _named(fields)
    inline = fields.get("questions") or None
    if named and inline is not None:
        raise Problem(400, f"Please give either {BANK_ID} or questions, not both.")
    chosen = _chosen(request, caller, named) if named else None
    questions = () if inline is None else checked_questions(inline)
    return parse(SessionConfig, {**fields, "questions": questions}), chosen


def start_config(
    request: Request, caller: Caller, fields: dict[str, Any]
) -> tuple[SessionConfig, ChosenBank | None] | tuple[None, None]:
    """The same; nothing where a body does not speak of the configuration at all."""
    given = fields.keys() & SessionConfig.model_fields.keys() or _named(fields)
    return session_config(request, caller, fields) if given else (None, None)


def _named(fields: dict[str, Any]) -> str | None:
    return present(str(fields.get(BANK_ID) or ""))


def _chosen(request: Request, caller: Caller, named: str) -> ChosenBank:
    if caller.user_id is None:
        raise Problem(401, "Please log in to use a question bank.", {"WWW-Authenticate": "Bearer"})
    return ChosenBank(request.app.state.banks, caller.user_id, parse_bank_id(named))


def parse_bank_id(value: str) -> UUID:
    """A bank's id as clients send it. What cannot be one is no bank."""
    try:
        return UUID(value)
    except ValueError:
        raise NoSuchBank from None
