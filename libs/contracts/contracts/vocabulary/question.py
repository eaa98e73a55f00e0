"""What the interviewer puts to the candidate."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from contracts.envelope import Contract
from contracts.vocabulary.document import SourceRef

Difficulty = Literal["easy", "medium", "hard"]
Phase = Literal["welcome", "intro", "resume", "technical", "behavioral", "closing"]
Action = Literal["introduce", "follow_up", "new_question", "clarify", "rephrase", "conclude", "notice"]
QuestionKind = Literal["introduction", "question", "follow_up", "clarification", "closing", "notice"]


class Expectation(Contract):
    """One thing that a good answer shows, with words that hint at it. Never sent to a candidate's client."""

    point: str
    cues: tuple[str, ...] = ()


class Question(Contract):
    """What the interviewer puts to the candidate in one turn: a question, or what stands in its place."""

    kind: QuestionKind
    text: str = Field(min_length=1)
    phase: Phase
    domain: str | None = None
    difficulty: Difficulty | None = None
    bank_id: str | None = None
    """The question in the bank that this is, or that it follows up on."""
    expects: tuple[Expectation, ...] = ()
    sources: tuple[SourceRef, ...] = ()
    """Where in the candidate's documents that stands which the question says of them."""


class PlannedDomain(Contract):
    """So many questions of one phase and domain."""

    phase: Phase
    domain: str
    target: int = Field(ge=1)


class Plan(Contract):
    """What an interview is to cover, made at its start, in the order of the phases."""

    domains: tuple[PlannedDomain, ...] = ()
