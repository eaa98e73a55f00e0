"""How a candidate wants to be interviewed."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from contracts.text import Written
from contracts.vocabulary.bank import BankQuestion
from contracts.vocabulary.limits import (
    MAX_BANK_QUESTIONS,
    MAX_JOB_DESCRIPTION,
    MAX_JOB_ROLE,
    MAX_QUESTIONS,
    MAX_RESUME,
)
from contracts.vocabulary.question import Difficulty

Style = Literal["formal", "casual", "aggressive", "technical"]
Mode = Literal["coaching", "realistic", "practice"]
Dialect = Literal["agent", "interviews", "turns", "resume", "live_chat", "ours"]
"""The HTTP API that a session was made through. All of them can read it."""
Focus = Literal["mixed", "technical", "behavioral", "system_design", "coding", "hr"]
"""What an interview is about: a bit of everything, or mostly one kind of question."""


def _no_truth_value(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("a number is expected")
    return value


Count = Annotated[int, BeforeValidator(_no_truth_value)]
"""A whole number; `true` is not one."""


class SessionConfig(Written):
    """How a candidate wants to be interviewed. Durations are in minutes. `title` is what the candidate calls
    the interview, and `company` another name of `company_name`. `target_question_count` is without the introduction,
    unless `introduction_counts`.

    `candidate_questions`: before the end the candidate is asked for questions of their own, which count as none of the
    interview's and are not judged.

    `questions` are those of a bank of one's own, copied when the session was made: whoever edits the bank later does
    not change an interview. `ask_consent` begins with a welcome that asks whether the candidate is ready.

    `resume_id` and `job_description_id` are documents whose words, without contact data, stand in `resume_content` and
    `job_description`; `domains` are those of the question banks that they show, the strongest first.
    """

    job_role: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        "General Role", min_length=1, max_length=MAX_JOB_ROLE
    )
    title: str = Field("", max_length=MAX_JOB_ROLE)
    job_description: str = Field("", max_length=MAX_JOB_DESCRIPTION)
    resume_content: str = Field("", max_length=MAX_RESUME)
    company_name: str = Field("", max_length=MAX_JOB_ROLE)
    style: Style = "formal"
    difficulty: Difficulty = "medium"
    target_question_count: Count = Field(5, ge=1, le=MAX_QUESTIONS)
    introduction_counts: bool = False
    interview_duration_minutes: Count = Field(30, ge=1, le=180)
    use_time_based_interview: bool = False
    mode: Mode = "coaching"
    language: str = Field("en", min_length=2, max_length=35)
    focus: Focus = "mixed"
    ask_consent: bool = False
    candidate_questions: bool = False
    questions: tuple[BankQuestion, ...] = Field((), max_length=MAX_BANK_QUESTIONS)
    resume_id: UUID | None = None
    job_description_id: UUID | None = None
    domains: tuple[str, ...] = Field((), max_length=30)

    @model_validator(mode="before")
    @classmethod
    def _company_by_its_short_name(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "company" not in given:
            return given
        others = {name: value for name, value in given.items() if name != "company"}
        return {"company_name": given["company"], **others}

    @property
    def questions_to_come(self) -> int:
        """How many questions are put after the introduction."""
        return self.target_question_count - self.introduction_counts
