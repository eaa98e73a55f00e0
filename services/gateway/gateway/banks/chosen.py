"""A bank that a session is to ask from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.interview import SessionConfig

from gateway.banks.store import Banks


@dataclass(frozen=True)
class ChosenBank:
    """A bank that a request names.

    It is read when the request is published, and no earlier: a repeat under the same Idempotency-Key is the same
    request even when the bank was changed or deleted in between.
    """

    banks: Banks
    user_id: UUID
    id: UUID


def as_asked(config: SessionConfig | None, chosen: ChosenBank | None) -> Any:
    """What a client asked for, to tell other requests apart."""
    asked = config.model_dump() if config else None
    return [asked, str(chosen.id)] if chosen else asked


async def with_questions(config: SessionConfig, chosen: ChosenBank | None) -> SessionConfig:
    """The configuration with a copy of the bank's questions. Raises NoSuchBank."""
    if chosen is None:
        return config
    bank = await chosen.banks.get(chosen.user_id, chosen.id)
    return config.model_copy(update={"questions": bank.questions})
