"""What a model says about a document, before any of it is verified."""

from __future__ import annotations

from pydantic import BaseModel


class AskedFor(BaseModel):
    """A requirement, as a model reads it."""

    text: str
    must: bool


class Refinement(BaseModel):
    """What a model adds."""

    title: str | None
    summary_points: list[str]
    key_skills: list[str]
    experience_highlights: list[str]
    requirements: list[AskedFor]
