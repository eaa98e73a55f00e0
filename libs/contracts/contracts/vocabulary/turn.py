"""A turn: what was asked, answered and said before."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import Contract
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.hearing import Span, SpokenAnswer
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.listening import Accommodation, Remark
from contracts.vocabulary.question import Plan, Question


class Utterance(Contract):
    """One thing that was said. `unsure` marks what of it was hardly understood, where it was spoken."""

    role: Literal["interviewer", "candidate"]
    text: str
    turn: int
    unsure: tuple[Span, ...] = ()


class Budget(Contract):
    """What of the interview is used up. `asked` counts questions and follow-ups; times are in seconds."""

    asked: int
    target: int
    elapsed: float
    duration: float
    time_based: bool

    @property
    def spent(self) -> bool:
        """No further question may be put."""
        return self.elapsed >= self.duration if self.time_based else self.asked >= self.target


class TurnContext(Contract):
    """All that a stateless engine needs to react to an answer.

    `transcript` is the newest part of the conversation, bounded to 64 KiB; it ends with the answer.
    `asked_ids` are the bank ids of all questions so far, `coverage` counts questions by domain, `scores`
    are those of earlier answers (0 to 1, None where unknown), oldest first.
    """

    config: SessionConfig
    question: Question
    answer: str
    transcript: tuple[Utterance, ...]
    asked_ids: tuple[str, ...] = ()
    coverage: dict[str, int] = Field(default_factory=dict)
    budget: Budget
    follow_ups_in_row: int = 0
    clarified: bool = False
    """The current question was clarified already: it is not clarified twice."""
    scores: tuple[float | None, ...] = ()
    plan: Plan | None = None
    covered: dict[str, int] = Field(default_factory=dict)
    """Questions put so far by phase, follow-ups not counted."""
    spoken: SpokenAnswer | None = None
    """There where the answer was spoken, and its words are as they were understood."""
    asked_before: tuple[str, ...] = ()
    """Bank ids of what the same person was asked in earlier interviews, the newest ones."""
    attempt: int = 1
    """Which attempt at the question this is; from 2 on it is a retry, and nobody replies to it."""
    remarks: tuple[Remark, ...] = ()
    """What the candidate said instead of answering since the question was put, oldest first."""
    accommodations: tuple[Accommodation, ...] = ()


class TranscriptTurn(Contract):
    """One turn of the whole transcript: what was asked, answered and said about it."""

    turn: int
    question_id: UUID
    question: Question
    asked_at: datetime
    answer: str | None = None
    answered_at: datetime | None = None
    feedback: Feedback | None = None
    spoken: SpokenAnswer | None = None
    attempts: tuple[float | None, ...] = ()
    """Scores of all attempts at the question, oldest first, the one in `feedback` included."""
