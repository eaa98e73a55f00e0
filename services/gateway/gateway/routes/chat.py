"""The live chat API: `/api/v1/interview`."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import nats.errors
import structlog
from fastapi import APIRouter, Request, WebSocket, WebSocketDisconnect
from pydantic import BaseModel
from runtime.tasks import end
from runtime.telemetry import failure

from gateway.banks.choice import SessionBody, session_config
from gateway.chat import Chat
from gateway.documents.grounding import as_sent, grounded
from gateway.errors import UNAVAILABLE, NoSuchSession, Problem
from gateway.feed import Feed
from gateway.http import CurrentCaller, UseCases, documented, parse_session_id, read_json
from gateway.interviews import Interviews
from gateway.logins import LOGIN_OVER, Login, login_of
from gateway.rates import CALLER
from gateway.requests import Caller
from gateway.sockets import MOST_OF_AN_ACCOUNT, MOST_OF_AN_ADDRESS, OpenSockets
from gateway.stream import SessionStream

log = structlog.get_logger()
router = APIRouter(prefix="/api/v1/interview", tags=["live chat"])
POLL_SECONDS, IDLE_POLL_SECONDS = 2.0, 10.0
"""How often a silent socket looks whether it missed something: while a reply is due, and else."""
MAX_MESSAGE = 256 * 1024
_POLICY, _NORMAL, _BROKEN = 1008, 1000, 1011
NOT_YOURS = "This interview belongs to another account."
LOG_IN = "Please log in to go on with this interview."
TAKEN_OVER = "This interview goes on in another window."


class Started(BaseModel):
    """An interview that can be connected to."""

    interview_id: str
    message: str


@router.post("/start", openapi_extra=documented(SessionBody))
async def start(request: Request, caller: CurrentCaller, use: UseCases) -> Started:
    """Create an interview; it begins when its chat is opened."""
    fields = await read_json(request)
    config, bank = session_config(request, caller, await grounded(request, caller, fields))
    session_id = await use.create(caller, config, bank, as_sent(fields))
    await request.app.state.activity.touch(session_id)
    return Started(interview_id=str(session_id), message="The interview is ready. Open its chat to begin.")


@router.websocket("/{interview_id}/chat")
async def chat(socket: WebSocket, interview_id: str) -> None:
    """Hold the interview live. The id in the path is the key to it."""
    await socket.accept()
    try:
        code = await _hold(socket, interview_id)
    except WebSocketDisconnect:
        return
    except (nats.errors.Error, OSError):
        code = await _say_and_close(socket, UNAVAILABLE, _BROKEN)
    except Problem as problem:
        code = await _say_and_close(socket, str(problem.detail), _POLICY)
    except Exception as error:
        log.error("chat failed", **failure(error))
        code = _BROKEN
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(code)


async def _say_and_close(socket: WebSocket, sentence: str, code: int) -> int:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await socket.send_json({"type": "error", "payload": sentence})
    return code


async def _hold(socket: WebSocket, interview_id: str) -> int:
    """The chat until one side ends it; the code to close with."""
    use: Interviews = socket.app.state.interviews
    feed: Feed = socket.app.state.feed
    session_id = parse_session_id(interview_id)
    login = await login_of(socket, token_in_query=True)
    caller = await _authorised(socket, use, session_id, login)
    held = Chat(use, caller, session_id, socket.send_json)
    async with _one_more(socket, caller, session_id), feed.takes_over(session_id, "chat") as taken_over:
        try:
            seen = await held.open()
            await socket.app.state.activity.touch(session_id)
            if held.over:
                return _NORMAL
            return await _first_to_end(
                {
                    asyncio.create_task(
                        _listen(held, SessionStream(feed, use, caller, session_id, seen, lambda: _patience(held)))
                    ),
                    asyncio.create_task(_read(socket, held)),
                    asyncio.create_task(_yield_to(socket, taken_over)),
                    asyncio.create_task(_until_logged_out(socket, login)),
                }
            )
        finally:
            await held.close()


async def _authorised(socket: WebSocket, use: Interviews, session_id: UUID, login: Login) -> Caller:
    """The session's owner, for whom its id speaks. Who says who they are has to be that owner."""
    caller, settings = await use.owner(session_id), socket.app.state.settings
    if caller.user_id is None and not settings.anonymous:
        raise NoSuchSession
    if caller.user_id is not None and login.user_id not in {None, caller.user_id}:
        raise Problem(403, NOT_YOURS)
    if caller.user_id is not None and login.user_id is None and settings.chat_token_required:
        raise Problem(401, LOG_IN)
    return caller


@asynccontextmanager
async def _one_more(socket: WebSocket, caller: Caller, session_id: UUID) -> AsyncIterator[None]:
    """Count the socket: against the account whose interview it is, or the address it comes from."""
    sockets: OpenSockets = socket.app.state.sockets
    address = str(socket.scope.get(CALLER) or (socket.client.host if socket.client else ""))
    holder, most = (str(caller.user_id), MOST_OF_AN_ACCOUNT) if caller.user_id else (address, MOST_OF_AN_ADDRESS)
    with sockets.one_more(holder, session_id, most):
        yield


def _patience(held: Chat) -> float:
    return POLL_SECONDS if held.reply_pending else IDLE_POLL_SECONDS


async def _until_logged_out(socket: WebSocket, login: Login) -> int:
    await login.ended()
    return await _say_and_close(socket, LOGIN_OVER, _POLICY)


async def _listen(held: Chat, stream: SessionStream) -> int:
    async for item in stream.items():
        await held.on(item)
        if held.over:
            return _NORMAL
    return _NORMAL


async def _read(socket: WebSocket, held: Chat) -> int:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", _NORMAL))
        await held.hear(_parsed(message.get("text")))


def _parsed(text: str | None) -> Any:
    if text is None or len(text) > MAX_MESSAGE:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


async def _yield_to(socket: WebSocket, taken_over: asyncio.Event) -> int:
    await taken_over.wait()
    return await _say_and_close(socket, TAKEN_OVER, _POLICY)


async def _first_to_end(tasks: set[asyncio.Task[int]]) -> int:
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        await end(tasks)
