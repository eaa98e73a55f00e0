"""Sockets, whatever they carry: how many may be open at once, and how each begins and ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import nats.errors
import structlog
from fastapi import WebSocket, WebSocketDisconnect
from runtime.tasks import end
from runtime.telemetry import failure

from gateway.edge.errors import UNAVAILABLE
from gateway.edge.limits import CALLER
from gateway.problems import Problem

log = structlog.get_logger()
POLICY, NORMAL, BROKEN = 1008, 1000, 1011
MAX_MESSAGE = 256 * 1024
"""Characters of a message that is read at all."""

MOST_OF_AN_ACCOUNT = 5
MOST_OF_AN_ADDRESS = 20
"""Behind one address there may be a whole class; each of them has a session of their own."""
MOST = 2_000
"""Of all together, in this process."""
TOO_MANY = "Too many of your interviews are open at once. Close one of them and try again."
FULL = "Too many interviews are open here just now. Please try again in a moment."
ErrorMessage = Callable[[str], dict[str, Any]]
"""How a dialect spells an error, from its sentence."""


def error_message(sentence: str) -> dict[str, Any]:
    """An error as most sockets send it."""
    return {"type": "error", "payload": sentence}


class OpenSockets:
    """Counts them by holder. A second one for the same session replaces the first, and so counts as the same."""

    def __init__(self) -> None:
        self._open: dict[str, Counter[UUID]] = {}
        self._total = 0

    @contextmanager
    def one_more(self, holder: str, session_id: UUID, most: int) -> Iterator[None]:
        """Raises Problem where it would be too many."""
        sessions = self._open.get(holder, Counter())
        if self._total >= MOST:
            raise Problem(503, FULL)
        if session_id not in sessions and len(sessions) >= most:
            raise Problem(429, TOO_MANY)
        self._open[holder] = sessions
        sessions[session_id] += 1
        self._total += 1
        try:
            yield
        finally:
            self._total -= 1
            sessions[session_id] -= 1
            if not sessions[session_id]:
                del sessions[session_id]
            if not sessions:
                self._open.pop(holder, None)


async def serve(socket: WebSocket, held: Coroutine[Any, Any, int], message: ErrorMessage = error_message) -> None:
    """Accept a socket, let it be held, and close it with the code that comes of that. A problem is said first."""
    try:
        await socket.accept()
        code = await held
    except WebSocketDisconnect:
        return
    except (nats.errors.Error, OSError):
        code = await say_and_close(socket, UNAVAILABLE, BROKEN, message)
    except Problem as problem:
        code = await say_and_close(socket, problem.detail, POLICY, message)
    except Exception as error:
        log.error("socket failed", **failure(error))
        code = BROKEN
    finally:
        held.close()
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(code)


async def say_and_close(socket: WebSocket, sentence: str, code: int, message: ErrorMessage = error_message) -> int:
    """Tell the client why it ends; the code to close with."""
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await socket.send_json(message(sentence))
    return code


async def incoming(socket: WebSocket) -> AsyncIterator[Any]:
    """What the client sends, as JSON; None for what is none, or too long. Raises WebSocketDisconnect at the end."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", NORMAL))
        yield _parsed(message.get("text"))


def _parsed(text: str | None) -> Any:
    if text is None or len(text) > MAX_MESSAGE:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


async def first_to_end(*held: Coroutine[Any, Any, int]) -> int:
    """Run all at once until the first ends; its code. The others are cancelled."""
    tasks = {asyncio.create_task(each) for each in held}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        await end(tasks)


def address_of(socket: WebSocket) -> str:
    """Whose socket it is, where nobody logged in."""
    return str(socket.scope.get(CALLER) or (socket.client.host if socket.client else ""))
