"""Ours, on top of the dialects: `/api/v1/sessions` and one-use tickets for sockets and event streams."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator
from typing import Annotated

import nats.errors
from contracts import Event, Payload
from contracts.interviewer.live import ReplyDelta
from contracts.session.asks import Status
from contracts.vocabulary.configuration import Dialect
from fastapi import Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from gateway.auth.deps import CurrentToken, CurrentUser
from gateway.auth.logins import LOGIN_OVER, Login
from gateway.bus.stream import SessionStream
from gateway.dialects.dependencies import (
    CurrentCaller,
    Listener,
    PathSession,
    Reads,
    Services,
    UseCases,
    parse_session_id,
)
from gateway.dialects.ours.public_events import public_event
from gateway.dialects.ours.session_shapes import (
    ClockChanged,
    Conversation,
    SessionDetail,
    SessionErased,
    SessionPage,
    SessionTurns,
    TicketIssued,
    conversation,
    detail,
    listed,
    turns,
)
from gateway.dialects.report_shapes import report_document
from gateway.edge.operations import dialect_router, errors
from gateway.edge.polled import NOT_MODIFIED, unless_known
from gateway.edge.sse import EVENT_STREAM, RETRY, STILL_HERE, error, frame, streamed
from gateway.values import present

router = dialect_router(prefix="/api/v1", tag="ours: sessions")
_SEEN = "The `id` of the last event that was seen."
MOST, MOST_AT_ONCE = 1000, 100
"""Interviews in a list without paging, and in one part of a list."""
KEEP_ALIVE = 15.0
"""Seconds between two comments on a silent stream, so that proxies keep it open."""


@router.get("/sessions", response_model_exclude_unset=True)
async def sessions(
    user: CurrentUser,
    reads: Reads,
    dialect: Dialect | None = None,
    state: Status | None = None,
    limit: Annotated[int | None, Query(ge=1, le=MOST_AT_ONCE)] = None,
    offset: Annotated[int | None, Query(ge=0, le=1_000_000)] = None,
) -> SessionPage:
    """List your interviews, of every dialect, newest first. Without `limit` and `offset` all of them, up to a
    thousand."""
    found = await reads.sessions(
        user.id,
        limit=limit or (MOST if offset is None else MOST_AT_ONCE),
        offset=offset or 0,
        statuses=(state,) if state else (),
        dialect=dialect,
    )
    shown = [listed(each) for each in found.sessions]
    if limit is None and offset is None:
        return SessionPage(sessions=shown)
    return SessionPage(sessions=shown, next_offset=found.next_offset)


@router.get("/sessions/{session_id}")
async def session(caller: CurrentCaller, session_id: PathSession, reads: Reads) -> SessionDetail:
    """Read how an interview stands."""
    return detail(await reads.view(caller, session_id, messages=True))


@router.get("/sessions/{session_id}/messages", response_model=Conversation, responses=NOT_MODIFIED)
async def messages(request: Request, caller: CurrentCaller, session_id: PathSession, reads: Reads) -> Response:
    """Read the conversation so far, with all that a screen is made of: the feedback on each answer and, at its end, the
    report."""
    view = await reads.view(caller, session_id, messages=True, feedback=True)
    assert view.session is not None
    report = None
    if view.session.report is not None:
        report = report_document(view.session, await reads.report(caller, session_id), view.feedback)
    return unless_known(request, conversation(view, report))


@router.get("/sessions/{session_id}/turns", response_model=SessionTurns, responses=NOT_MODIFIED)
async def read_turns(request: Request, caller: CurrentCaller, session_id: PathSession, reads: Reads) -> Response:
    """Read the interview turn by turn: each question with its answer and the feedback on it."""
    return unless_known(request, turns(await reads.view(caller, session_id, messages=True, feedback=True)))


@router.post("/sessions/{session_id}/pause", responses=errors(409, 504))
async def pause(caller: CurrentCaller, session_id: PathSession, use: UseCases) -> ClockChanged:
    """Pause the interview. Its clock stops."""
    await use.pause(caller, session_id)
    return ClockChanged(message="The interview is paused.", session_id=str(session_id), status="paused")


@router.post("/sessions/{session_id}/resume", responses=errors(409, 504))
async def resume(caller: CurrentCaller, session_id: PathSession, use: UseCases) -> ClockChanged:
    """Resume a paused interview. Its clock runs again."""
    await use.resume(caller, session_id)
    return ClockChanged(message="The interview goes on.", session_id=str(session_id), status="active")


@router.delete("/sessions/{session_id}", responses=errors(409, 504))
async def erase(caller: CurrentCaller, session_id: PathSession, use: UseCases) -> SessionErased:
    """Erase an interview, with everything said in it."""
    await use.erase(caller, session_id)
    return SessionErased(message="The session was erased.", session_id=str(session_id))


@router.post("/tickets", status_code=201)
async def ticket(token: CurrentToken, services: Services) -> TicketIssued:
    """Get a ticket in place of a token. It is for browsers, which cannot send a header with a socket or an event
    stream, and good for 30 seconds, one use, and no longer than the login."""
    value = secrets.token_urlsafe(24)
    login = await services.identity.claims(token)
    await services.tickets.issue(value, login)
    return TicketIssued(ticket=value, expires_in=30)


@router.get(
    "/sessions/{session_id}/events",
    response_class=StreamingResponse,
    responses={**EVENT_STREAM, **errors(404)},
)
async def events(
    listener: Listener,
    session_id: str,
    services: Services,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", description=_SEEN)] = None,
    seen: Annotated[str | None, Query(alias="last_event_id", description=_SEEN)] = None,
) -> StreamingResponse:
    """Listen to an interview. Server-sent events, from the one after the last that was seen, for as long as you
    listen."""
    caller, login = listener
    parsed = parse_session_id(session_id)
    session = await services.queries.must_exist(caller, parsed)
    await services.activity.touch(parsed)
    after = _seen_version(present(last_event_id) or present(seen), session.version)
    stream = SessionStream(
        services.subscriptions, services.queries, caller, parsed, after, KEEP_ALIVE, withheld=session.withheld
    )
    return streamed(lines(stream, login))


def _seen_version(value: str | None, version: int) -> int:
    """What the listener has seen; from the beginning when it says something that we did not."""
    seen = int(value) if value and len(value) < 10 and value.isascii() and value.isdigit() else 0
    return seen if seen <= version else 0


async def lines(stream: SessionStream, login: Login | None = None) -> AsyncIterator[str]:
    """A session's stream as server-sent events, for as long as the login is good. It also ends when what it reads from
    is unavailable: the listener comes back, and says what it saw last."""
    login = login or Login()
    yield RETRY
    with contextlib.suppress(nats.errors.Error, OSError):
        async for item in stream.items():
            if await (login.has_ended() if item is None else login.is_over()):
                yield error(LOGIN_OVER)
                return
            if item is None:
                yield STILL_HERE
            elif isinstance(item, ReplyDelta):
                yield frame("reply_delta", item.model_dump_json())
            else:
                yield _line(item, withheld=stream.withholds(item))


def _line(event: Event[Payload], *, withheld: bool) -> str:
    shown = public_event(event, withheld=withheld)
    return frame(shown.type, shown.model_dump_json(), event.stream_version)
