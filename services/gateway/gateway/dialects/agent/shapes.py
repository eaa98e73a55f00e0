"""How the agent API spells conversations, summaries and statistics."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from contracts.session.asks import Message, View
from contracts.vocabulary.judgement import Quote
from contracts.vocabulary.limits import MAX_ANSWER
from contracts.vocabulary.report import HiringRecommendation, ReportStatistics, Resource
from pydantic import BaseModel, Field, StringConstraints

from gateway.dialects.messages import FeedbackEntry, InterviewerMessage, interviewer_message

SummaryState = Literal["generating", "completed", "error"]


class MessageBody(BaseModel):
    """What the candidate says."""

    message: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] = Field(max_length=MAX_ANSWER)


class SessionCreated(BaseModel):
    """The id is what `X-Session-ID` sends from now on."""

    session_id: str
    message: str


class SessionReset(BaseModel):
    """The session is as it was before its start."""

    message: str
    session_id: str


class ResumeText(BaseModel):
    """The words of an uploaded résumé, null while it is being read; `resume_id` names it from now on."""

    filename: str
    resume_text: str | None
    message: str
    resume_id: str


class CandidateMessage(BaseModel):
    """A message of the candidate in the history."""

    role: Literal["user"] = "user"
    content: str
    timestamp: datetime
    turn: int
    metadata: dict[str, Any]


class History(BaseModel):
    """The conversation so far, oldest first."""

    history: list[CandidateMessage | InterviewerMessage]


class Summary(BaseModel):
    """The report. The four texts are paragraphs parted by newlines; `overall_score` is 0 to 1."""

    patterns_tendencies: str
    strengths: str
    weaknesses: str
    improvement_focus_areas: str
    recommended_resources: tuple[Resource, ...]
    overall_score: float | None
    quotes: tuple[Quote, ...]
    summary: str
    strength_points: tuple[str, ...]
    weakness_points: tuple[str, ...]
    recommendations: tuple[str, ...]
    insights: tuple[str, ...]
    hiring: HiringRecommendation | None
    statistics: ReportStatistics
    version: int
    engine: str
    model: str | None
    degraded: bool


class SummaryStatus(BaseModel):
    """`results` holds the summary once it is there; `error` is a sentence where none will come."""

    status: SummaryState
    results: Summary | None = None
    error: str | None = None


class Statistics(BaseModel):
    """Counts and times; response times are in seconds, from a question to its answer."""

    questions_asked: int
    total_response_time: float
    api_call_count: int
    session_duration_minutes: float
    total_messages: int
    user_messages: int
    assistant_messages: int
    total_response_time_seconds: float
    average_response_time_seconds: float
    total_api_calls: int
    total_tokens_used: int
    total_cost_usd: float


class SessionStats(BaseModel):
    """The statistics of a session."""

    stats: Statistics


class Results(Summary):
    """The summary, the same again as clients look for it, and the statistics."""

    final_summary: Summary
    session_stats: Statistics


class Nothing(BaseModel):
    """`{}`: the summary is being written."""


class Ended(BaseModel):
    """What there is of the results when an interview has just ended."""

    results: Results | Nothing
    per_turn_feedback: list[FeedbackEntry]
    final_summary_status: SummaryState


class TimeRemaining(BaseModel):
    """The idle time left, in minutes."""

    time_remaining_minutes: float
    session_active: bool


class Expiry(BaseModel):
    """The idle time, in minutes, that begins anew."""

    success: bool = True
    new_expiry_minutes: float
    message: str


def history(view: View) -> History:
    """All messages of a view."""
    return History(history=[_entry(message) for message in view.messages])


def _entry(message: Message) -> CandidateMessage | InterviewerMessage:
    if message.role == "assistant":
        return interviewer_message(message)
    return CandidateMessage(
        content=message.content, timestamp=message.created_at, turn=message.turn, metadata=message.metadata
    )


def summary_status(view: View) -> SummaryStatus:
    """The state of the summary."""
    session = view.session
    assert session is not None
    if session.report is not None:
        report, origin = session.report, session.report.provenance
        own = {name: getattr(report, name) for name in type(report).model_fields if name in Summary.model_fields}
        summary = Summary(
            **own,
            version=session.report_version,
            engine=origin.engine,
            model=origin.model,
            degraded=origin.degraded,
        )
        return SummaryStatus(status="completed", results=summary)
    if session.status == "cancelled" or session.report_status == "error":
        sentence = session.report_error or "The interview was cancelled; there is no summary."
        return SummaryStatus(status="error", error=sentence)
    return SummaryStatus(status="generating")


def ended(view: View, feedback: list[FeedbackEntry]) -> Ended:
    """The answer to the end of an interview."""
    found = summary_status(view)
    results: Results | Nothing = Nothing()
    if found.results is not None:
        results = Results(**dict(found.results), final_summary=found.results, session_stats=statistics(view))
    return Ended(results=results, per_turn_feedback=feedback, final_summary_status=found.status)


def statistics(view: View) -> Statistics:
    """Those of a session."""
    session = view.session
    assert session is not None
    total = session.total_response_time
    return Statistics(
        questions_asked=session.questions_asked,
        total_response_time=total,
        api_call_count=session.api_calls,
        session_duration_minutes=round(session.elapsed / 60, 2),
        total_messages=session.answers + session.utterances,
        user_messages=session.answers,
        assistant_messages=session.utterances,
        total_response_time_seconds=total,
        average_response_time_seconds=round(total / session.answers, 3) if session.answers else 0.0,
        total_api_calls=session.api_calls,
        total_tokens_used=session.total_tokens,
        total_cost_usd=session.total_cost or 0.0,
    )
