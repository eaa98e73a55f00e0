"""Which questions of one's own a session asks: those of a bank, or those in the request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.vocabulary.configuration import SessionConfig

from gateway.banks.fields import checked_questions
from gateway.banks.store import Banks, NoSuchBank
from gateway.problems import Problem
from gateway.values import parse, present

BANK_ID = "question_bank_id"


@dataclass(frozen=True)
class SelectedBank:
    """A bank that a request names.

    It is read when the request is published, and no earlier: a repeat under the same Idempotency-Key is the same
    request even when the bank was changed or deleted in between.
    """

    banks: Banks
    user_id: UUID
    id: UUID


def as_asked(config: SessionConfig | None, selected: SelectedBank | None) -> Any:
    """What a client asked for, to tell other requests apart."""
    asked = config.model_dump() if config else None
    return [asked, str(selected.id)] if selected else asked


async def with_questions(config: SessionConfig, selected: SelectedBank | None) -> SessionConfig:
    """The configuration with a copy of the bank's questions. Raises NoSuchBank."""
    if selected is None:
        return config
    bank = await selected.banks.get(selected.user_id, selected.id)
    return config.model_copy(update={"questions": bank.questions})


def selection(
    banks: Banks, user_id: UUID | None, fields: Mapping[str, Any]
) -> tuple[SessionConfig, SelectedBank | None]:
    """The configuration that a request asks for, and the bank that it names. Raises Problem."""
    bank_id = named_bank(fields)
    inline = fields.get("questions") or None
    if bank_id and inline is not None:
        raise Problem(400, f"Please give either {BANK_ID} or questions, not both.")
    selected = _selected(banks, user_id, bank_id) if bank_id else None
    chosen = {name: value for name, value in fields.items() if name != "questions"}
    if inline is not None:
        chosen["questions"] = checked_questions(inline)
    return parse(SessionConfig, chosen), selected


def named_bank(fields: Mapping[str, Any]) -> str | None:
    """The id of a bank, as the request gives it."""
    return present(str(fields.get(BANK_ID) or ""))


def _selected(banks: Banks, user_id: UUID | None, bank_id: str) -> SelectedBank:
    if user_id is None:
        raise Problem(401, "Please log in to use a question bank.", {"WWW-Authenticate": "Bearer"})
    return SelectedBank(banks, user_id, parse_bank_id(bank_id))


def parse_bank_id(value: str) -> UUID:
    """A bank's id as clients send it. What cannot be one is no bank."""
    try:
        return UUID(value)
    except ValueError:
        raise NoSuchBank from None
