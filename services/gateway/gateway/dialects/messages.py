"""What several dialects spell alike: configurations, messages of the interviewer, feedback."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts.session.asks import FeedbackItem, Message, SessionView, View
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import Criteria, Delivery, Evidence, Interval, Judgement, Quote, Star
from fastapi import Request
from pydantic import BaseModel

from gateway.container import Container
from gateway.usecases.feedback import visible_feedback


class SessionBody(SessionConfig):
    """A configuration, or one with a bank in place of `questions`. Questions need no `id`. `jd_id` is another name for
    `job_description_id`."""

    question_bank_id: str | None = None
    jd_id: str | None = None


class InterviewerMessage(BaseModel):
    """One message of the interviewer."""

    role: str
    agent: str
    content: str
    response_type: str
    metadata: dict[str, Any]
    timestamp: datetime


def interviewer_message(message: Message) -> InterviewerMessage:
    """A message of the interviewer on its own."""
    return InterviewerMessage(
        role="assistant",
        agent="interviewer",
        content=message.content,
        response_type=message.response_type or "status",
        metadata=message.metadata,
        timestamp=message.created_at,
    )


async def audio_url(request: Request, services: Container, view: View, said: Message) -> str | None:
    """Where a message of the interviewer is played: made when it is first asked for. None where no voice speaks its
    language."""
    assert view.session is not None
    if not said.seq or not await services.speech.speaks(view.session.config.language):
        return None
    return _playing(request, services, view.session, said)


def recording_urls(request: Request, services: Container, view: View) -> dict[int, str]:
    """Where the recordings of the candidate's answers are played, by number of the message."""
    session = view.session
    assert session is not None
    spoken = [each for each in view.messages if each.role == "user" and each.metadata.get("spoken")]
    return {each.seq: _playing(request, services, session, each) for each in spoken}


def _playing(request: Request, services: Container, session: SessionView, said: Message) -> str:
    base = services.settings.public_base_url or str(request.base_url).rstrip("/")
    return base + services.audio_links.path(session.session_id, said.seq)


def title_of(session: SessionView) -> str:
    """What the candidate calls the interview, or else the job and the day."""
    return session.config.title or f"{session.config.job_role}, {session.created_at:%Y-%m-%d}"


class FeedbackEntry(BaseModel):
    """Feedback on one answer. Scores are 0 to 1; `runs` is how many judgements they are the median of."""

    turn: int
    question: str
    answer: str
    feedback: str
    judged: bool
    score: float | None
    interval: Interval | None
    evidence: Evidence
    strengths: tuple[str, ...]
    improvements: tuple[str, ...]
    quotes: tuple[Quote, ...]
    analysis: str
    criteria: Criteria
    judgements: tuple[Judgement, ...]
    star: Star | None
    technical_accuracy: float | None
    completeness: float | None
    clarity: float | None
    delivery: Delivery | None
    runs: int
    engine: str
    model: str | None
    prompt_version: str | None
    degraded: bool

    @classmethod
    def of(cls, item: FeedbackItem) -> FeedbackEntry:
        """The entry of an item that has feedback."""
        given = item.feedback
        assert given is not None
        own = {name: getattr(given, name) for name in cls.model_fields if name in type(given).model_fields}
        origin = {name: getattr(given.provenance, name) for name in ("engine", "model", "prompt_version", "degraded")}
        return cls(turn=item.turn, question=item.question, answer=item.answer, feedback=given.text, **own, **origin)


def feedback_entries(view: View) -> list[FeedbackEntry]:
    """What the candidate may see of it, in order and without holes."""
    return [FeedbackEntry.of(item) for item in visible_feedback(view)]
