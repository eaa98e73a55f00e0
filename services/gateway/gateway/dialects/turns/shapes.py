"""How the turn API spells an interview: who said what, which phase it is in, what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from contracts.session.asks import Message, SessionView, View
from contracts.vocabulary.report import Report
from pydantic import BaseModel

from gateway.bus.commands import ENDED
from gateway.usecases.feedback import visible_feedback

Phase = Literal["intro", "experience", "technical", "behavioral", "closing"]
ActionType = Literal["ask_followup", "new_question", "clarify", "conclude"]
_PHASES: dict[str, Phase] = {
    "welcome": "intro",
    "intro": "intro",
    "resume": "experience",
    "technical": "technical",
    "behavioral": "behavioral",
    "closing": "closing",
}
_ACTIONS: dict[str, ActionType] = {
    "introduce": "new_question",
    "follow_up": "ask_followup",
    "new_question": "new_question",
    "clarify": "clarify",
    "rephrase": "clarify",
    "conclude": "conclude",
    "notice": "clarify",
}


class ConversationTurn(BaseModel):
    """One message. `audio_url` plays the candidate's recording, where there is one."""

    role: Literal["interviewer", "candidate"]
    content: str
    audio_url: str | None = None
    timestamp: datetime


class Evaluation(BaseModel):
    """How the interview went. `overall_score` is 0 to 1, null where too little was said to judge."""

    overall_score: float | None
    summary: str
    strengths: list[str]
    improvements: list[str]
    engine: str
    model: str | None
    degraded: bool


class SessionState(BaseModel):
    """An interview so far. `insights` quote the candidate; `evaluation` is null until it is written, after the end.
    `session_id` names the interview under `/api/v1/sessions`."""

    interview_id: str
    session_id: str
    current_phase: Phase
    conversation_history: list[ConversationTurn]
    topics_covered: list[str]
    insights: list[str]
    questions_asked: int
    started_at: datetime
    last_updated: datetime
    evaluation: Evaluation | None


class AgentAction(BaseModel):
    """What the interviewer does, and why. `next_phase` is null where the phase stays the same."""

    action_type: ActionType
    reasoning: str
    next_phase: Phase | None


class InterviewerResponse(BaseModel):
    """What the interviewer says. `audio_url` is null where nothing here can speak."""

    text: str
    audio_url: str | None = None
    action: AgentAction
    should_continue: bool
    engine: str
    model: str | None
    degraded: bool


class TurnAnswer(BaseModel):
    """The interviewer's message and where the interview stands with it. `turn_number` counts messages of both sides."""

    interviewer_response: InterviewerResponse
    session_state: SessionState
    turn_number: int


class Ended(BaseModel):
    """An interview that was ended; its evaluation follows in the state."""

    message: str
    interview_id: str
    session_state: SessionState


def turn_answer(
    interview_id: str, view: View, said: Message, audio_url: str | None = None, recordings: Mapping[int, str] = {}
) -> TurnAnswer:
    """The answer to a start or a turn, to which the interviewer replied with `said`, which `audio_url` plays."""
    state = session_state(interview_id, view, recordings)
    return TurnAnswer(
        interviewer_response=_response(view, said, audio_url),
        session_state=state,
        turn_number=len(state.conversation_history),
    )


def _response(view: View, said: Message, audio_url: str | None) -> InterviewerResponse:
    session, about = _session(view), said.metadata
    phase = _phase(about)
    before = [each for each in _interviewer(view.messages) if each.seq < said.seq]
    same = bool(before) and _phase(before[-1].metadata) == phase
    action = _ACTIONS.get(about["action"], "conclude")  # after the end there is no action
    return InterviewerResponse(
        text=said.content,
        audio_url=audio_url,
        action=AgentAction(
            action_type=action, reasoning=about.get("reasoning") or "", next_phase=None if same else phase
        ),
        should_continue=session.status not in ENDED and action != "conclude",
        engine=about["engine"],
        model=about.get("model"),
        degraded=about.get("degraded", False),
    )


def session_state(interview_id: str, view: View, recordings: Mapping[int, str] = {}) -> SessionState:
    """All of an interview. `recordings` says where the candidate's messages are played, by their numbers."""
    session = _session(view)
    asked = _interviewer(view.messages)
    return SessionState(
        interview_id=interview_id,
        session_id=str(session.session_id),
        current_phase=_phase(asked[-1].metadata) if asked else "intro",
        conversation_history=[_turn(each, recordings.get(each.seq)) for each in view.messages],
        topics_covered=_topics(view.messages),
        insights=list(_insights(view)),
        questions_asked=session.questions_asked,
        started_at=session.started_at or session.created_at,
        last_updated=session.updated_at,
        evaluation=_evaluation(session.report) if session.report else None,
    )


def _session(view: View) -> SessionView:
    assert view.session is not None
    return view.session


def _interviewer(messages: Iterable[Message]) -> list[Message]:
    return [each for each in messages if each.role == "assistant"]


def _phase(metadata: dict[str, Any]) -> Phase:
    return _PHASES[metadata["phase"]]


def _turn(message: Message, recording: str | None) -> ConversationTurn:
    role: Literal["interviewer", "candidate"] = "interviewer" if message.role == "assistant" else "candidate"
    return ConversationTurn(role=role, content=message.content, audio_url=recording, timestamp=message.created_at)


def _topics(messages: Sequence[Message]) -> list[str]:
    """The fields of the questions that were answered, in the order in which they came up."""
    answered = {each.turn for each in messages if each.role == "user"}
    domains = (each.metadata.get("domain") for each in _interviewer(messages) if each.turn in answered)
    return list(dict.fromkeys(filter(None, domains)))


def _insights(view: View) -> Iterable[str]:
    """What the candidate's words show, each with the words; what the report found last."""
    for item in visible_feedback(view):
        assert item.feedback is not None
        for quote in item.feedback.quotes:
            yield f"{quote.shows}: “{quote.text}”" if quote.shows else f"“{quote.text}”"
    if report := _session(view).report:
        yield from report.insights


def _evaluation(report: Report) -> Evaluation:
    return Evaluation(
        overall_score=report.overall_score,
        summary=report.summary or report.patterns_tendencies,
        strengths=list(report.strength_points),
        improvements=list(report.weakness_points),
        engine=report.provenance.engine,
        model=report.provenance.model,
        degraded=report.provenance.degraded,
    )
