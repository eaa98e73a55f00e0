"""Ours, on top of the dialects: `/api/v1/sessions` and one-use tickets for sockets and event streams."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import AsyncIterator
from typing import Any

import nats.errors
from contracts import Event, Payload
from contracts.interviewer.live import ReplyDelta
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from gateway.auth.deps import CurrentToken
from gateway.auth.logins import LOGIN_OVER, Login
from gateway.bus.stream import SessionStream
from gateway.dialects.dependencies import (
    CurrentCaller,
    PathSession,
    Services,
    UseCases,
    event_listener,
    parse_session_id,
)
from gateway.dialects.ours.public_events import public_event
from gateway.edge.sse import RETRY, STILL_HERE, error, frame, streamed
from gateway.values import present

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
async def ticket(token: CurrentToken, services: Services) -> dict[str, Any]:
    """A ticket in place of a token, for browsers that cannot send a header: 30 seconds, one use, and no longer than the
    login."""
    value = secrets.token_urlsafe(24)
    login = await services.identity.claims(token)
    await services.tickets.issue(value, login)
    return {"ticket": value, "expires_in": 30}


@router.get("/sessions/{session_id}/events")
async def events(request: Request, session_id: str, services: Services) -> StreamingResponse:
    """Server-sent events of a session, from the one after `Last-Event-ID` on, for as long as it is listened to."""
    caller, login = await event_listener(request)
    parsed = parse_session_id(session_id)
    session = await services.interviews.must_exist(caller, parsed)
    await services.activity.touch(parsed)
    after = _last_event_id(request, session.version)
    stream = SessionStream(
        services.subscriptions, services.interviews, caller, parsed, after, KEEP_ALIVE, withheld=session.withheld
    )
    return streamed(lines(stream, login))


def _last_event_id(request: Request, version: int) -> int:
    """What the listener has seen; from the beginning when it says something that we did not."""
    value = present(request.headers.get("last-event-id")) or present(request.query_params.get("last_event_id"))
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
    return frame(shown["type"], json.dumps(shown), event.stream_version)
