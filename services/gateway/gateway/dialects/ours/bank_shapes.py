"""What the routes of question banks take and answer, as the documentation shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.vocabulary.bank import BankQuestion
from contracts.vocabulary.limits import MAX_BANK_QUESTIONS
from pydantic import BaseModel

from gateway.banks.fields import DESCRIPTION_MAX, NAME_MAX
from gateway.banks.store import Bank

_HEADING = {
    "name": {"type": "string", "minLength": 1, "maxLength": NAME_MAX},
    "description": {"type": "string", "maxLength": DESCRIPTION_MAX},
}
_QUESTIONS = {
    "type": "array",
    "minItems": 1,
    "maxItems": MAX_BANK_QUESTIONS,
    "items": {"$ref": "#/components/schemas/BankQuestion"},
    "description": "A question without an `id` gets one that is made from its text.",
}
_FILE = {"type": "string"}


def _documented(media_types: dict[str, Any]) -> dict[str, Any]:
    content = {name: {"schema": schema} for name, schema in media_types.items()}
    return {"requestBody": {"required": True, "content": content}}


def _bank_schema(*required: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {**_HEADING, "questions": _QUESTIONS}, "required": list(required)}
    return _documented({"application/json": schema})


WHOLE = _bank_schema("name", "questions")
PART = _bank_schema()
UPLOAD = _documented(
    {
        "application/yaml": _FILE,
        "text/csv": _FILE,
        "multipart/form-data": {
            "type": "object",
            "properties": {"file": {"type": "string", "format": "binary"}, **_HEADING},
            "required": ["file"],
        },
    }
)


class BankAnswer(BaseModel):
    """A question bank."""

    id: UUID
    name: str
    description: str
    question_count: int
    created_at: datetime
    updated_at: datetime
    questions: list[BankQuestion]

    @classmethod
    def of(cls, bank: Bank) -> BankAnswer:
        """Of a bank."""
        return cls(
            id=bank.id,
            name=bank.name,
            description=bank.description,
            question_count=len(bank.questions),
            created_at=bank.created_at,
            updated_at=bank.updated_at,
            questions=list(bank.questions),
        )


class ListedBankAnswer(BaseModel):
    """A question bank without its questions."""

    id: UUID
    name: str
    description: str
    question_count: int
    created_at: datetime
    updated_at: datetime


class BankList(BaseModel):
    """Some of a person's banks."""

    question_banks: list[ListedBankAnswer]


class Deleted(BaseModel):
    """What was deleted."""

    message: str
    id: UUID
