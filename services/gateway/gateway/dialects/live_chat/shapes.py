"""How the live chat API spells its answers."""

from __future__ import annotations

from pydantic import BaseModel


class Started(BaseModel):
    """An interview that can be connected to."""

    interview_id: str
    message: str
