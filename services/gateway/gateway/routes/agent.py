"""The agent API: `/interview`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from contracts.asks import Message, SessionView, View
from contracts.interview import MAX_ANSWER
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, StringConstraints

from gateway.banks.choice import SessionBody, session_config, start_config
from gateway.documents.grounding import as_sent, grounded, grounded_if_given
from gateway.feedback import feedback_items
from gateway.http import CurrentCaller, HeaderSession, UseCases, documented, named_session, parse, read_json
from gateway.identity.deps import OptionalUser
from gateway.polled import unless_known

router = APIRouter(prefix="/interview", tags=["interview"])

_GENERATING, _COMPLETED, _ERROR = "generating", "completed", "error"


class MessageBody(BaseModel):
    """What the candidate says."""

    message: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] = Field(max_length=MAX_ANSWER)


class Said(BaseModel):
    """One message of the interviewer."""

    role: str
    agent: str
    content: str
    response_type: str
    metadata: dict[str, Any]
    timestamp: datetime


@router.post("/session", openapi_extra=documented(SessionBody))
async def create_session(request: Request, caller: CurrentCaller, use: UseCases) -> dict[str, str]:
    """Create a session."""
    fields = await read_json(request)
    config, bank = session_config(request, caller, await grounded(request, caller, fields))
    session_id = await use.create(caller, config, bank, as_sent(fields))
    await request.app.state.activity.touch(session_id)
    return {"session_id": str(session_id), "message": f"Session created for role: {config.job_role}"}


@router.post("/start", openapi_extra=documented(SessionBody))
async def start_interview(request: Request, caller: CurrentCaller, session_id: HeaderSession, use: UseCases) -> Said:
    """Begin the interview: the introduction, or the current question."""
    fields = await read_json(request)
    config, bank = start_config(request, caller, await grounded_if_given(request, caller, fields))
    return said(await use.start(caller, session_id, config, bank, as_sent(fields)))


@router.post("/message", openapi_extra=documented(MessageBody, required=True))
async def post_message(request: Request, caller: CurrentCaller, session_id: HeaderSession, use: UseCases) -> Said:
    """Answer the current question; the interviewer's reply."""
    body = parse(MessageBody, await read_json(request))
    return said(await use.answer(caller, session_id, body.message))


@router.post("/end")
async def end_interview(caller: CurrentCaller, session_id: HeaderSession, use: UseCases) -> dict[str, Any]:
    """End the interview: the summary, or `{}` while it is being written."""
    await use.end(caller, session_id)
    view = await use.view(caller, session_id, feedback=True)
    status = summary_status(view)
    results = {}
    if status["status"] == _COMPLETED:
        summary = status["results"]
        results = {**summary, "final_summary": summary, "session_stats": statistics(view)}
    return {
        "results": results,
        "per_turn_feedback": feedback_items(view),
        "final_summary_status": status["status"],
    }


@router.get("/final-summary-status", response_model=dict[str, Any])
async def final_summary_status(
    request: Request, caller: CurrentCaller, session_id: HeaderSession, use: UseCases
) -> Response:
    """Whether the summary is ready, and the summary."""
    return unless_known(request, summary_status(await use.view(caller, session_id)))


@router.get("/per-turn-feedback", response_model=list[dict[str, Any]])
async def per_turn_feedback(
    request: Request, caller: CurrentCaller, session_id: HeaderSession, use: UseCases
) -> Response:
    """Feedback on the candidate's messages, in order and without holes."""
    return unless_known(request, feedback_items(await use.view(caller, session_id, feedback=True)))


@router.get("/history", response_model=dict[str, Any])
async def history(request: Request, caller: CurrentCaller, session_id: HeaderSession, use: UseCases) -> Response:
    """The conversation so far."""
    view = await use.view(caller, session_id, messages=True)
    return unless_known(request, {"history": [spoken(message) for message in view.messages]})


@router.get("/stats")
async def stats(caller: CurrentCaller, session_id: HeaderSession, use: UseCases) -> dict[str, Any]:
    """Counts and times."""
    return {"stats": statistics(await use.view(caller, session_id))}


@router.post("/reset")
async def reset(caller: CurrentCaller, session_id: HeaderSession, use: UseCases) -> dict[str, str]:
    """Begin anew with the same configuration."""
    await use.reset(caller, session_id)
    return {"message": "Session reset successfully", "session_id": str(session_id)}


@router.get("/session/time-remaining")
async def time_remaining(request: Request, caller: CurrentCaller, use: UseCases) -> dict[str, Any]:
    """The idle time left. Asking for it does not renew it."""
    session_id = named_session(request)
    session = await use.must_exist(caller, session_id)
    idle = await request.app.state.activity.idle_seconds(session_id)
    left = max(0.0, request.app.state.settings.session_idle_minutes - idle / 60)
    return {
        "time_remaining_minutes": round(left, 2),
        "session_active": session.status in {"created", "active", "paused"},
    }


@router.post("/session/ping")
async def ping(request: Request, caller: CurrentCaller, session_id: HeaderSession, use: UseCases) -> dict[str, Any]:
    """Renew the idle time."""
    await use.must_exist(caller, session_id)
    return _expiry(request, "Session extended.")


@router.post("/session/cleanup")
async def cleanup(request: Request, _: OptionalUser) -> dict[str, Any]:
    """A tab was closed. Nothing is deleted and nothing revealed: the interview can be gone on with."""
    return _expiry(request, "Session released.")


def _expiry(request: Request, message: str) -> dict[str, Any]:
    return {
        "success": True,
        "new_expiry_minutes": request.app.state.settings.session_idle_minutes,
        "message": message,
    }


def said(message: Message) -> Said:
    """A message of the interviewer on its own."""
    return Said(
        role="assistant",
        agent="interviewer",
        content=message.content,
        response_type=message.response_type or "status",
        metadata=message.metadata,
        timestamp=message.created_at,
    )


def spoken(message: Message) -> dict[str, Any]:
    """A message in the history."""
    if message.role == "user":
        return {
            "role": "user",
            "content": message.content,
            "timestamp": message.created_at,
            "turn": message.turn,
            "metadata": message.metadata,
        }
    return said(message).model_dump()


def summary_status(view: View) -> dict[str, Any]:
    """The state of the summary; `results` holds it once it is there."""
    session = view.session
    assert session is not None
    if session.report is not None:
        report = session.report.model_dump(exclude={"provenance"}) | {"version": session.report_version}
        origin = session.report.provenance
        report |= {"engine": origin.engine, "model": origin.model, "degraded": origin.degraded}
        return {"status": _COMPLETED, "results": report, "error": None}
    if session.status == "cancelled" or session.report_status == "error":
        sentence = session.report_error or "The interview was called off; there is no summary."
        return {"status": _ERROR, "results": None, "error": sentence}
    return {"status": _GENERATING, "results": None, "error": None}


def statistics(view: View) -> dict[str, Any]:
    """Counts and times; response times are in seconds, from a question to its answer."""
    session = view.session
    assert session is not None
    return {
        "questions_asked": session.questions_asked,
        "total_response_time": session.total_response_time,
        "api_call_count": session.api_calls,
        "session_duration_minutes": _minutes(session),
        "total_messages": session.answers + session.utterances,
        "user_messages": session.answers,
        "assistant_messages": session.utterances,
        "total_response_time_seconds": session.total_response_time,
        "average_response_time_seconds": round(session.total_response_time / session.answers, 3)
        if session.answers
        else 0.0,
        "total_api_calls": session.api_calls,
        "total_tokens_used": session.total_tokens,
        "total_cost_usd": session.total_cost or 0.0,
    }


def _minutes(session: SessionView) -> float:
    return round(session.elapsed / 60, 2)
