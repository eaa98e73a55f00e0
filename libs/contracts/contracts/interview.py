"""What an interview consists of: the words that all services share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from contracts.envelope import Contract

Style = Literal["formal", "casual", "aggressive", "technical"]
Difficulty = Literal["easy", "medium", "hard"]
Mode = Literal["coaching", "realistic", "practice"]
Phase = Literal["welcome", "intro", "resume", "technical", "behavioral", "closing"]
Action = Literal["introduce", "follow_up", "new_question", "clarify", "rephrase", "conclude", "notice"]
QuestionKind = Literal["introduction", "question", "follow_up", "clarification", "closing", "notice"]
Evidence = Literal["sufficient", "insufficient"]

MAX_JOB_ROLE = 200
MAX_JOB_DESCRIPTION = 20_000
MAX_RESUME = 40_000
MAX_ANSWER = 16_000
"""Longest texts, in characters. Together they keep every message well under NATS's 1 MiB."""


def _no_truth_value(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("a number is expected")
    return value


Count = Annotated[int, BeforeValidator(_no_truth_value)]
"""A whole number; `true` is not one."""


class SessionConfig(Contract):
    """How a candidate wants to be interviewed. Durations are in minutes."""

    job_role: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        "General Role", min_length=1, max_length=MAX_JOB_ROLE
    )
    job_description: str = Field("", max_length=MAX_JOB_DESCRIPTION)
    resume_content: str = Field("", max_length=MAX_RESUME)
    company_name: str = Field("", max_length=MAX_JOB_ROLE)
    style: Style = "formal"
    difficulty: Difficulty = "medium"
    target_question_count: Count = Field(5, ge=1, le=50)
    interview_duration_minutes: Count = Field(30, ge=1, le=180)
    use_time_based_interview: bool = False
    mode: Mode = "coaching"
    language: str = Field("en", min_length=2, max_length=35)


class Provenance(Contract):
    """Which mind said something, and whether it is a fallback for a better one."""

    mind: Literal["scripted", "llm", "none"]
    model: str | None = None
    prompt_version: str | None = None
    degraded: bool = False


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


class Utterance(Contract):
    """One thing that was said."""

    role: Literal["interviewer", "candidate"]
    text: str
    turn: int


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
    """All that a stateless mind needs to react to an answer.

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
    """The question that stands was clarified already: it is not clarified twice."""
    scores: tuple[float | None, ...] = ()


class Quote(Contract):
    """Words of the candidate, verbatim, and what they show."""

    text: str = Field(min_length=1)
    shows: str = ""


class Criteria(Contract):
    """Scores by criterion, 0 to 1; None where the answer gave no basis for one."""

    relevance: float | None = Field(None, ge=0, le=1)
    depth: float | None = Field(None, ge=0, le=1)
    structure: float | None = Field(None, ge=0, le=1)
    evidence: float | None = Field(None, ge=0, le=1)
    clarity: float | None = Field(None, ge=0, le=1)


class Feedback(Contract):
    """The coach's view of one answer.

    `judged` False: a turn that is not an answer to be judged, and `text` says why. `score` is 0 to 1, and
    None whenever `evidence` is insufficient. Every quote occurs verbatim in the answer.
    """

    judged: bool
    text: str
    score: float | None = Field(None, ge=0, le=1)
    evidence: Evidence = "insufficient"
    strengths: tuple[str, ...] = ()
    improvements: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    criteria: Criteria = Criteria()
    technical_accuracy: float | None = Field(None, ge=0, le=1)
    completeness: float | None = Field(None, ge=0, le=1)
    clarity: float | None = Field(None, ge=0, le=1)
    provenance: Provenance


class Resource(Contract):
    """Something to read or practise with, and why it was picked for this candidate."""

    title: str
    url: str
    description: str
    resource_type: str
    reasoning: str


class Report(Contract):
    """The final summary. The four texts are paragraphs parted by newlines; `overall_score` is 0 to 1."""

    patterns_tendencies: str
    strengths: str
    weaknesses: str
    improvement_focus_areas: str
    recommended_resources: tuple[Resource, ...] = ()
    overall_score: float | None = Field(None, ge=0, le=1)
    quotes: tuple[Quote, ...] = ()
    provenance: Provenance


class TranscriptTurn(Contract):
    """One turn of the whole transcript: what was asked, answered and said about it."""

    turn: int
    question_id: UUID
    question: Question
    asked_at: datetime
    answer: str | None = None
    answered_at: datetime | None = None
    feedback: Feedback | None = None
