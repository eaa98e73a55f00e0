"""What the routes of sessions answer."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class ClockChanged(BaseModel):
    """Whether the interview's clock runs."""

    message: str
    session_id: str
    status: Literal["paused", "active"]


class SessionErased(BaseModel):
    """Which interview was erased."""

    message: str
    session_id: str


class TicketIssued(BaseModel):
    """A ticket, and for how many seconds it can be used."""

    ticket: str
    expires_in: int
