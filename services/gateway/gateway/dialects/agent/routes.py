"""The agent API: `/interview`."""

from __future__ import annotations

from fastapi import Request, Response

from gateway.auth.deps import OptionalUser
from gateway.container import Container
from gateway.dialects.agent.shapes import (
    Ended,
    Expiry,
    History,
    MessageBody,
    SessionCreated,
    SessionReset,
    SessionStats,
    SummaryStatus,
    TimeRemaining,
    ended,
    history,
    statistics,
    summary_status,
)
from gateway.dialects.dependencies import (
    CurrentCaller,
    HeaderSession,
    NamedSession,
    Reads,
    Services,
    UseCases,
    created,
)
from gateway.dialects.messages import (
    FeedbackEntry,
    InterviewerMessage,
    SessionBody,
    feedback_entries,
    interviewer_message,
)
from gateway.edge.bodies import documented, read_json
from gateway.edge.operations import dialect_router, errors
from gateway.edge.polled import NOT_MODIFIED, unless_known
from gateway.values import parse

router = dialect_router(prefix="/interview", tag="agent")


@router.post("/session", openapi_extra=documented(SessionBody), responses=errors(404, 409, 504))
async def create_session(request: Request, caller: CurrentCaller, services: Services) -> SessionCreated:
    """Create an interview."""
    wanted = await services.configuring.wanted(caller, await read_json(request))
    session_id = await created(services, caller, wanted)
    return SessionCreated(session_id=str(session_id), message=f"Session created for role: {wanted.config.job_role}")


@router.post("/start", openapi_extra=documented(SessionBody), responses=errors(409, 504))
async def start_interview(
    request: Request, caller: CurrentCaller, session_id: HeaderSession, services: Services
) -> InterviewerMessage:
    """Begin the interview. The answer is the introduction, or the current question of one that has begun. A body
    replaces the configuration of one that has not."""
    wanted = await services.configuring.if_given(caller, await read_json(request))
    return interviewer_message(await services.interviews.start(caller, session_id, wanted))


@router.post("/message", openapi_extra=documented(MessageBody, required=True), responses=errors(409, 504))
async def post_message(
    request: Request, caller: CurrentCaller, session_id: HeaderSession, use: UseCases
) -> InterviewerMessage:
    """Answer the current question. The answer to that is the interviewer's reply."""
    body = parse(MessageBody, await read_json(request))
    return interviewer_message(await use.answer(caller, session_id, body.message))


@router.post("/end", responses=errors(409, 504))
async def end_interview(caller: CurrentCaller, session_id: HeaderSession, services: Services) -> Ended:
    """End the interview. Feedback that is still being written is waited for. `results` holds the summary, or nothing
    while it is being written."""
    await services.interviews.end(caller, session_id)
    view = await services.judgements.all_feedback(caller, session_id, services.settings.end_patience)
    return ended(view, feedback_entries(view))


@router.get("/final-summary-status", response_model=SummaryStatus, responses=NOT_MODIFIED)
async def final_summary_status(
    request: Request, caller: CurrentCaller, session_id: HeaderSession, reads: Reads
) -> Response:
    """Ask whether the summary is ready, and read it."""
    return unless_known(request, summary_status(await reads.view(caller, session_id)))


@router.get("/per-turn-feedback", response_model=list[FeedbackEntry], responses=NOT_MODIFIED)
async def per_turn_feedback(
    request: Request, caller: CurrentCaller, session_id: HeaderSession, reads: Reads
) -> Response:
    """Read the feedback on each answer, in order and without holes."""
    return unless_known(request, feedback_entries(await reads.view(caller, session_id, feedback=True)))


@router.get("/history", response_model=History, responses=NOT_MODIFIED)
async def conversation(request: Request, caller: CurrentCaller, session_id: HeaderSession, reads: Reads) -> Response:
    """Read the conversation so far."""
    view = await reads.view(caller, session_id, messages=True)
    return unless_known(request, history(view))


@router.get("/stats")
async def stats(caller: CurrentCaller, session_id: HeaderSession, reads: Reads) -> SessionStats:
    """Read counts and times of the interview."""
    return SessionStats(stats=statistics(await reads.view(caller, session_id)))


@router.post("/reset", responses=errors(409, 504))
async def reset(caller: CurrentCaller, session_id: HeaderSession, use: UseCases) -> SessionReset:
    """Start over with the same configuration."""
    await use.reset(caller, session_id)
    return SessionReset(message="Session reset successfully", session_id=str(session_id))


@router.get("/session/time-remaining")
async def time_remaining(caller: CurrentCaller, session_id: NamedSession, services: Services) -> TimeRemaining:
    """Read the idle time left. Asking for it does not renew it."""
    session = await services.queries.must_exist(caller, session_id)
    idle = await services.activity.idle_seconds(session_id)
    left = max(0.0, services.settings.session_idle_minutes - idle / 60)
    active = session.status in {"created", "active", "paused"}
    return TimeRemaining(time_remaining_minutes=round(left, 2), session_active=active)


@router.post("/session/ping")
async def ping(caller: CurrentCaller, session_id: HeaderSession, services: Services) -> Expiry:
    """Renew the idle time."""
    await services.queries.must_exist(caller, session_id)
    return _expiry(services, "Session extended.")


@router.post("/session/cleanup")
async def cleanup(services: Services, _: OptionalUser) -> Expiry:
    """Say that a tab was closed. Nothing is deleted and nothing revealed: the interview can go on later."""
    return _expiry(services, "Session released.")


def _expiry(services: Container, message: str) -> Expiry:
    return Expiry(new_expiry_minutes=services.settings.session_idle_minutes, message=message)
