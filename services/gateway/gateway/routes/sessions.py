"""Ours, on top of the dialects: `/api/v1/sessions` and one-use tickets for sockets and event streams."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import AsyncIterator
from typing import Any

import nats.errors
from contracts import Event, Payload
from contracts.asks import ReplyDelta
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from gateway.http import CurrentCaller, PathSession, UseCases, event_listener, parse_session_id
from gateway.identity.deps import CurrentToken, Service, http_errors
from gateway.identity.fields import present
from gateway.logins import Login, login_is_over
from gateway.public_events import public_event
from gateway.stream import SessionStream

router = APIRouter(prefix="/api/v1", tags=["sessions"])
KEEP_ALIVE = 15.0
"""Seconds between two comments on a silent stream, so that proxies keep it open."""


@router.post("/sessions/{session_id}/pause")
async def pause(caller: CurrentCaller, session_id: PathSession, use: UseCases) -> dict[str, str]:
    """Stop the clock."""
    await use.pause(caller, session_id)
    return {"message": "The interview is paused.", "session_id": str(session_id), "status": "paused"}


@router.post("/sessions/{session_id}/resume")
async def resume(caller: CurrentCaller, session_id: PathSession, use: UseCases) -> dict[str, str]:
    """Let the clock run again."""
    await use.resume(caller, session_id)
    return {"message": "The interview goes on.", "session_id": str(session_id), "status": "active"}


@router.delete("/sessions/{session_id}")
async def erase(caller: CurrentCaller, session_id: PathSession, use: UseCases) -> dict[str, str]:
    """Forget the session and everything said in it."""
    await use.erase(caller, session_id)
    return {"message": "The session was erased.", "session_id": str(session_id)}


@router.post("/tickets", status_code=201)
async def ticket(request: Request, token: CurrentToken, service: Service) -> dict[str, Any]:
    """A ticket in place of a token, for browsers that cannot send a header: 30 seconds, one use, and no longer than the
    login."""
    value = secrets.token_urlsafe(24)
    with http_errors():
        login = await service.claims(token)
    await request.app.state.tickets.issue(value, login)
    return {"ticket": value, "expires_in": 30}


@router.get("/sessions/{session_id}/events")
async def events(request: Request, session_id: str, use: UseCases) -> StreamingResponse:
    """Server-sent events of a session, from the one after `Last-Event-ID` on, for as long as it is listened to."""
    caller, login = await event_listener(request)
    parsed = parse_session_id(session_id)
    session = await use.must_exist(caller, parsed)
    await request.app.state.activity.touch(parsed)
    after = _last_event_id(request, session.version)
    stream = SessionStream(request.app.state.feed, use, caller, parsed, after, KEEP_ALIVE, withheld=session.withheld)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines(stream, login), media_type="text/event-stream", headers=headers)


def _last_event_id(request: Request, version: int) -> int:
    """What the listener has seen; from the beginning when it says something that we did not."""
    value = present(request.headers.get("last-event-id")) or present(request.query_params.get("last_event_id"))
    seen = int(value) if value and len(value) < 10 and value.isascii() and value.isdigit() else 0
    return seen if seen <= version else 0


async def lines(stream: SessionStream, login: Login | None = None) -> AsyncIterator[str]:
    """A session's stream as server-sent events, for as long as the login is good. It also ends when what it reads from
    is unavailable: the listener comes back, and says what it saw last."""
    login = login or Login()
    yield "retry: 2000\n\n"
    with contextlib.suppress(nats.errors.Error, OSError):
        async for item in stream.items():
            if await (login.has_ended() if item is None else login.is_over()):
                yield login_is_over()
                return
            if item is None:
                yield ": still here\n\n"
            elif isinstance(item, ReplyDelta):
                yield f"event: reply_delta\ndata: {item.model_dump_json()}\n\n"
            else:
                yield _line(item, withheld=stream.withholds(item))


def _line(event: Event[Payload], *, withheld: bool) -> str:
    shown = public_event(event, withheld=withheld)
    number = f"id: {event.stream_version}\n" if event.stream_version else ""
    return f"{number}event: {shown['type']}\ndata: {json.dumps(shown)}\n\n"
