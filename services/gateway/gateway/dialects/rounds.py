"""How the résumé-grounded API spells questions and the feedback on answers; our own routes show interviews so, too."""

from __future__ import annotations

from typing import Any, Literal

from contracts.session.asks import Message
from contracts.vocabulary.judgement import Evidence, Feedback
from contracts.vocabulary.question import Difficulty
from pydantic import BaseModel

from gateway.dialects.report_shapes import measure

Round = Literal["welcome", "intro", "resume_discussion", "technical_deep_dive", "completed"]
_ROUNDS: dict[str, Round] = {
    "welcome": "welcome",
    "intro": "intro",
    "resume": "resume_discussion",
    "technical": "technical_deep_dive",
    "behavioral": "technical_deep_dive",
    "closing": "completed",
}
WITHHELD = "Feedback on this answer will be shown at the end of the interview."
"""What is said in place of feedback while a realistic interview goes on."""
PUT = ("introduction", "question", "follow_up")
"""What kinds of message ask something that an answer is expected to."""


class NextQuestion(BaseModel):
    """A question, its field, and the round of the interview that it belongs to."""

    question_text: str
    domain: str
    difficulty: Difficulty
    round: Round


class AnswerFeedback(BaseModel):
    """What the coach says about an answer. Measures are 0 to 1, and 0 where there was too little to judge."""

    feedback_text: str
    analysis: str
    technical_accuracy: float
    completeness: float
    clarity: float
    strengths: list[str]
    improvements: list[str]


class Evaluation(BaseModel):
    """How an answer did. `score` is 0 to 1; without enough evidence it is 0, and counts in no average."""

    score: float
    evidence: Evidence
    feedback: AnswerFeedback
    domain: str
    question: str
    engine: str
    model: str | None
    degraded: bool


def round_of(metadata: dict[str, Any]) -> Round:
    """The round that a message of the interviewer belongs to."""
    return _ROUNDS[metadata["phase"]]


def next_question(message: Message) -> NextQuestion | None:
    """The question that a message asks; None for one that asks nothing new."""
    if message.response_type not in PUT or message.metadata["phase"] == "welcome":
        return None
    return NextQuestion(
        question_text=message.content,
        domain=message.metadata.get("domain") or "general",
        difficulty=message.metadata.get("difficulty") or "medium",
        round=round_of(message.metadata),
    )


def answer_feedback(feedback: Feedback) -> AnswerFeedback:
    """The feedback on an answer, without a number that is null."""
    return AnswerFeedback(
        feedback_text=feedback.text,
        analysis=feedback.analysis,
        technical_accuracy=measure(feedback.technical_accuracy, feedback.estimated),
        completeness=measure(feedback.completeness, feedback.estimated),
        clarity=measure(feedback.clarity, feedback.estimated),
        strengths=list(feedback.strengths),
        improvements=list(feedback.improvements),
    )
