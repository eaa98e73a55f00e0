"""What the résumé-grounded API takes and answers."""

from __future__ import annotations

from typing import Annotated, Literal

from contracts.session.asks import FeedbackItem, Message
from contracts.vocabulary.limits import MAX_ANSWER, MAX_JOB_ROLE
from pydantic import BaseModel, Field, StringConstraints

from gateway.dialects.report_shapes import SessionReport
from gateway.dialects.rounds import WITHHELD, AnswerFeedback, Evaluation, NextQuestion, answer_feedback

LATE = "The feedback on this answer is still being written. It will be in the report."


class ResumeInterview(BaseModel):
    """Which résumé, for which job; anything else of a session's configuration may be there too."""

    resume_id: str
    job_role: str = Field("", max_length=MAX_JOB_ROLE)


class Welcome(BaseModel):
    """The first message of an interview, which asks whether the candidate is ready."""

    session_id: str
    message: str
    type: Literal["welcome"] = "welcome"


class ResumeKept(BaseModel):
    """A résumé that is kept. `skills` is null while it is being read; `duplicate`: the same file was there before."""

    resume_id: str
    message: str
    skills: list[str] | None
    duplicate: bool


class AnswerBody(BaseModel):
    """What the candidate answers. The question, its domain and difficulty may be there too, and are ignored: the server
    knows what it asked."""

    answer: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] = Field(max_length=MAX_ANSWER)


class Answered(BaseModel):
    """What came of an answer. `evaluation` is null where nothing was judged and nothing goes on, and in the welcome;
    `next_question` is null at the end, and where the same question stands. `report` is that of an interview that is
    over, null while it is being written."""

    message: str | None
    evaluation: Evaluation | None
    next_question: NextQuestion | None
    report: SessionReport | None = None


def evaluation(question: Message | None, item: FeedbackItem | None, *, withheld: bool) -> Evaluation:
    """How an answer did; of one that is not judged, or not yet, that there is no evidence and why."""
    about = question.metadata if question else {}
    put = {"domain": about.get("domain") or "general", "question": question.content if question else ""}
    feedback = item.feedback if item else None
    if feedback is None:
        nothing = AnswerFeedback(
            feedback_text=WITHHELD if withheld else LATE, analysis="", technical_accuracy=0.0, completeness=0.0,
            clarity=0.0, strengths=[], improvements=[],
        )  # fmt: skip
        return Evaluation(
            score=0.0, evidence="insufficient", feedback=nothing, engine="none", model=None, degraded=False, **put
        )
    origin = feedback.provenance
    return Evaluation(
        score=feedback.estimated or 0.0,
        evidence=feedback.evidence,
        feedback=answer_feedback(feedback),
        engine=origin.engine,
        model=origin.model,
        degraded=origin.degraded,
        **put,
    )
