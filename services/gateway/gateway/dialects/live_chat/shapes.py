"""How the live chat API spells its answers."""

from __future__ import annotations

from pydantic import BaseModel


class Started(BaseModel):
    """An interview that can be connected to."""

    interview_id: str
    message: str


class Accepted(BaseModel):
    """A file that will be read. `stored_path` is a reference that means nothing to clients; `task_id` and `document_id`
    are the same."""

    message: str
    filename: str
    stored_path: str
    task_id: str
    document_id: str
    duplicate: bool
