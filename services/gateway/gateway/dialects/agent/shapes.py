"""How the agent API spells conversations, summaries and statistics."""

from __future__ import annotations

from typing import Annotated, Any

from contracts.asks import Message, SessionView, View
from contracts.interview import MAX_ANSWER
from pydantic import BaseModel, Field, StringConstraints

from gateway.dialects.messages import said

GENERATING, COMPLETED, ERROR = "generating", "completed", "error"


class MessageBody(BaseModel):
    """What the candidate says."""

    message: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] = Field(max_length=MAX_ANSWER)


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
        return {"status": COMPLETED, "results": report, "error": None}
    if session.status == "cancelled" or session.report_status == "error":
        sentence = session.report_error or "The interview was called off; there is no summary."
        return {"status": ERROR, "results": None, "error": sentence}
    return {"status": GENERATING, "results": None, "error": None}


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
