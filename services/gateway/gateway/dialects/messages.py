"""A message of the interviewer, as several dialects spell it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts.asks import Message
from contracts.interview import SessionConfig
from pydantic import BaseModel


class SessionBody(SessionConfig):
    """A configuration, or one with a bank in place of `questions`. Questions need no `id`. `jd_id` is another name for
    `job_description_id`."""

    question_bank_id: str | None = None
    jd_id: str | None = None


class Said(BaseModel):
    """One message of the interviewer."""

    role: str
    agent: str
    content: str
    response_type: str
    metadata: dict[str, Any]
    timestamp: datetime


def said(message: Message) -> Said:
    """A message of the interviewer on its own."""
    return Said(
        role="assistant",
        agent="interviewer",
        content=message.content,
        response_type=message.response_type or "status",
        metadata=message.metadata,
        timestamp=message.created_at,
    )
