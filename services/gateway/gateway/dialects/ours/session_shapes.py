"""What the routes of sessions answer: lists of interviews, one of them, its messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import uuid5

from contracts.session.asks import Message, SessionView, Status, View
from contracts.vocabulary.configuration import Dialect, Mode
from contracts.vocabulary.judgement import Evidence, Feedback
from contracts.vocabulary.question import Difficulty
from pydantic import BaseModel

from gateway.bus.commands import ENDED
from gateway.dialects.messages import title_of
from gateway.dialects.report_shapes import SessionReport
from gateway.dialects.rounds import PUT, AnswerFeedback, Round, answer_feedback, next_question, round_of
from gateway.usecases.feedback import visible_feedback
from gateway.usecases.queries import over_message

SeedStatus = Literal["active", "paused", "completed"]
_STATUSES: dict[Status, SeedStatus] = {
    "created": "active",
    "active": "active",
    "paused": "paused",
    "completed": "completed",
    "abandoned": "completed",
    "cancelled": "completed",
}


class ClockChanged(BaseModel):
    """Whether the interview's clock runs."""

    message: str
    session_id: str
    status: Literal["paused", "active"]


class SessionErased(BaseModel):
    """Which interview was erased."""

    message: str
    session_id: str


class TicketIssued(BaseModel):
    """A ticket, and for how many seconds it can be used."""

    ticket: str
    expires_in: int


class ListedSession(BaseModel):
    """An interview without its words. `status` says whether it goes on, `state` exactly how it stands, `dialect` which
    API it was made through. `overall_score` is 0 to 1, null until there is a report or where too little was said."""

    id: str
    session_id: str
    title: str
    createdAt: datetime
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    job_role: str
    company_name: str
    resume_id: str | None
    job_description_id: str | None
    status: SeedStatus
    state: Status
    dialect: Dialect
    mode: Mode
    difficulty: Difficulty
    language: str
    questions_asked: int
    answers: int
    report_status: Literal["none", "generating", "completed", "error"]
    overall_score: float | None


class SessionPage(BaseModel):
    """Interviews, newest first. In a part of a list `next_offset` is where the rest begins, null at its end."""

    sessions: list[ListedSession]
    next_offset: int | None = None


class SessionDetail(ListedSession):
    """One interview: the round that it is in, and how many questions of each kind were put. Times are in seconds."""

    current_round: Round
    technical_questions_count: int
    behavioral_questions_count: int
    target_question_count: int
    elapsed: float


class SessionMessage(BaseModel):
    """One message. `metadata` and `message_metadata` are equal: of a question `question_text`, `domain`, `difficulty`
    and `round`, also under `next_question`; of an answer `feedback` and `score`, once there are; `type` tells a
    welcome, a clarification and the completion, which has the `report`."""

    id: str
    message_id: str
    turn: int
    role: Literal["user", "assistant"]
    content: str
    metadata: dict[str, Any]
    message_metadata: dict[str, Any]
    created_at: datetime


class Conversation(BaseModel):
    """All messages of an interview, oldest first."""

    session_id: str
    messages: list[SessionMessage]


class SessionTurn(BaseModel):
    """A question with its answer, null while there is none, and how that did. `score` is 0 to 1, and 0 without enough
    evidence; `feedback` is null while it is written or withheld."""

    turn: int
    kind: str
    question: str
    domain: str | None
    difficulty: Difficulty | None
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None
    score: float
    evidence: Evidence
    feedback: AnswerFeedback | None


class SessionTurns(BaseModel):
    """The turns of an interview, oldest first."""

    session_id: str
    turns: list[SessionTurn]


def turns(view: View) -> SessionTurns:
    """All turns; `view` has messages and feedback."""
    assert view.session is not None
    answers = {each.turn: each for each in view.messages if each.role == "user"}
    judged = {each.turn: each.feedback for each in visible_feedback(view)}
    return SessionTurns(
        session_id=str(view.session.session_id),
        turns=[
            _turn(each, answers.get(each.turn), judged.get(each.turn))
            for each in view.messages
            if each.role == "assistant" and each.response_type not in ("closing", "status")
        ],
    )


def _turn(question: Message, answer: Message | None, feedback: Feedback | None) -> SessionTurn:
    return SessionTurn(
        turn=question.turn,
        kind=question.response_type or "question",
        question=question.content,
        domain=question.metadata.get("domain"),
        difficulty=question.metadata.get("difficulty"),
        asked_at=question.created_at,
        answer=answer.content if answer else None,
        answered_at=answer.created_at if answer else None,
        score=(feedback.estimated if feedback else None) or 0.0,
        evidence=feedback.evidence if feedback else "insufficient",
        feedback=answer_feedback(feedback) if feedback else None,
    )


def listed(session: SessionView) -> ListedSession:
    """One of a list."""
    return ListedSession(**_listed(session))


def _listed(session: SessionView) -> dict[str, Any]:
    config = session.config
    same = ("created_at", "updated_at", "started_at", "ended_at", "dialect", "questions_asked", "answers")
    return {
        "id": str(session.session_id),
        "session_id": str(session.session_id),
        "title": title_of(session),
        "createdAt": session.created_at,
        "status": _STATUSES[session.status],
        "state": session.status,
        "resume_id": str(config.resume_id) if config.resume_id else None,
        "job_description_id": str(config.job_description_id) if config.job_description_id else None,
        "report_status": session.report_status,
        "overall_score": session.overall_score,
        **{name: getattr(config, name) for name in ("job_role", "company_name", "mode", "difficulty", "language")},
        **{name: getattr(session, name) for name in same},
    }


def detail(view: View) -> SessionDetail:
    """One interview; `view` has its messages."""
    session = view.session
    assert session is not None
    asked = [each for each in view.messages if each.role == "assistant"]
    over = _STATUSES[session.status] == "completed"
    return SessionDetail(
        **_listed(session),
        current_round="completed" if over else round_of(asked[-1].metadata) if asked else "welcome",
        technical_questions_count=_put(asked, "technical"),
        behavioral_questions_count=_put(asked, "behavioral"),
        target_question_count=session.config.target_question_count,
        elapsed=session.elapsed,
    )


def _put(asked: Iterable[Message], phase: str) -> int:
    counted = ("question", "follow_up")
    return sum(each.response_type in counted and each.metadata["phase"] == phase for each in asked)


def conversation(view: View, report: SessionReport | None) -> Conversation:
    """All messages; `view` has the feedback too, and `report` belongs to the last."""
    assert view.session is not None
    judged = {each.turn: each.feedback for each in visible_feedback(view) if each.feedback}
    stood = {each.turn: each for each in view.messages if each.role == "assistant"}
    shown = []
    for each in _to_the_end(view):
        about: dict[str, Any] = dict(each.metadata)
        if each.role == "assistant":
            about |= _of_question(each, report)
        elif (feedback := judged.get(each.turn)) and _went_on(stood, each.turn):
            about |= {
                "feedback": answer_feedback(feedback).model_dump(),
                "score": feedback.estimated or 0.0,
                "evidence": feedback.evidence,
            }
        shown.append(_message(each, about))
    return Conversation(session_id=str(view.session.session_id), messages=shown)


def _to_the_end(view: View) -> tuple[Message, ...]:
    """The messages. Where the interview ended without a word of the interviewer, such as by a button, one says so."""
    session, messages = view.session, view.messages
    assert session is not None
    if session.status not in ENDED or any(each.response_type == "closing" for each in messages):
        return messages
    turn = messages[-1].turn + 1 if messages else 0
    own = {"id": uuid5(session.session_id, "over"), "turn": turn, "response_type": "closing"}
    return (*messages, over_message(view).model_copy(update=own))


def _went_on(stood: Mapping[int, Message], turn: int) -> bool:
    """Whether the answer of a turn was taken as one: not where it was about beginning, or the same question stayed."""
    asked, reply = stood.get(turn), stood.get(turn + 1)
    was_welcome = asked is not None and asked.metadata["phase"] == "welcome"
    return not was_welcome and (reply is None or reply.response_type in (*PUT, "closing"))


def _message(message: Message, about: dict[str, Any]) -> SessionMessage:
    return SessionMessage(
        id=str(message.id),
        message_id=str(message.id),
        turn=message.turn,
        role=message.role,
        content=message.content,
        metadata=about,
        message_metadata=about,
        created_at=message.created_at,
    )


def _of_question(message: Message, report: SessionReport | None) -> dict[str, Any]:
    question = next_question(message)
    if question is not None:
        own = question.model_dump()
        return {"type": message.response_type, **own, "next_question": own}
    if message.metadata["phase"] == "welcome" and message.response_type in ("introduction", "question"):
        return {"type": "welcome"}
    if message.response_type == "closing":
        return {"type": "completion", "report": report.model_dump(mode="json") if report else None}
    return {"type": message.response_type}
