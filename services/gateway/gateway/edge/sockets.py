"""Sockets, whatever they carry: how many may be open at once, and how each begins and ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol
from uuid import UUID

import nats.errors
import structlog
from fastapi import WebSocket, WebSocketDisconnect
from prometheus_client import Gauge
from runtime.tasks import end
from runtime.telemetry import failure

from gateway.edge.errors import UNAVAILABLE
from gateway.edge.limits import CALLER
from gateway.problems import Problem

log = structlog.get_logger()
OPEN = Gauge("parley_sockets", "Sockets of clients that are open at this gateway.")
POLICY, NORMAL, BROKEN = 1008, 1000, 1011
MAX_MESSAGE = 256 * 1024
"""Characters of a message that is read at all."""

MESSAGES_A_SECOND, AT_ONCE = 50.0, 200
"""How fast a socket is read, and how many messages may come at once. Who sends faster waits, and is not cut off: words
come in a few pieces a second, and sound in at most fifty."""
MOST_OF_AN_ACCOUNT = 5
MOST_OF_AN_ADDRESS = 20
"""Behind one address there may be a whole class; each of them has a session of their own."""
MOST = 2_000
"""Of all together, in this process."""
COUNT_SECONDS = 2.0
"""For which a new socket waits to be counted."""
TOO_MANY = "Too many of your interviews are open at once. Close one of them and try again."
FULL = "Too many interviews are open here just now. Please try again in a moment."
ErrorMessage = Callable[[str], dict[str, Any]]
"""How a dialect spells an error, from its sentence."""


def error_message(sentence: str) -> dict[str, Any]:
    """An error as most sockets send it."""
    return {"type": "error", "payload": sentence}


class SocketRegistry(Protocol):
    """Knows which sockets are open, at whichever gateway."""

    async def enter(self, holder: str, session_id: UUID, most: int) -> UUID | None:
        """The id of a socket that may be opened; None where the holder has so many other sessions open. A second one
        for the same session replaces the first, and so counts as the same."""

    async def leave(self, socket_id: UUID) -> None:
        """It was closed."""


class OpenSockets:
    """How many there are, by holder at all gateways, and of all holders here."""

    def __init__(self, registry: SocketRegistry) -> None:
        self._registry = registry
        self._total = 0
        self._leaving: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def one_more(self, holder: str, session_id: UUID, most: int) -> AsyncIterator[None]:
        """Raises Problem where it would be too many."""
        if self._total >= MOST:
            raise Problem(503, FULL)
        self._total += 1
        OPEN.inc()
        socket_id: UUID | None = None
        try:
            try:
                async with asyncio.timeout(COUNT_SECONDS):
                    socket_id = await self._registry.enter(holder, session_id, most)
            except Exception as error:  # who cannot count lets pass: what else is wrong then has answers of its own
                log.warning("a socket that was opened is not counted", **failure(error))
            else:
                if socket_id is None:
                    raise Problem(429, TOO_MANY)
            yield
        finally:
            self._total -= 1
            OPEN.dec()
            if socket_id is not None:  # also when the socket's task is being cancelled
                leaving = asyncio.create_task(self._leave(socket_id))
                self._leaving.add(leaving)
                leaving.add_done_callback(self._leaving.discard)

    async def _leave(self, socket_id: UUID) -> None:
        try:
            await self._registry.leave(socket_id)
        except Exception as error:  # it is forgotten when this gateway no longer says that it is open
            log.warning("a socket that was closed is still counted", **failure(error))


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


async def incoming(socket: WebSocket, most: int = MAX_MESSAGE) -> AsyncIterator[Any]:
    """What the client sends, as JSON; None for what is none, or has more than `most` characters. Raises
    WebSocketDisconnect at the end."""
    async for message in _paced(socket):
        yield _parsed(message.get("text"), most)


async def sound_and_words(socket: WebSocket, most: int = MAX_MESSAGE) -> AsyncIterator[Any]:
    """What the client sends: bytes as they are, all else as JSON; None for what is neither, or longer than `most`.
    Raises WebSocketDisconnect at the end."""
    async for message in _paced(socket):
        data = message.get("bytes")
        if data is not None:
            yield data if len(data) <= most else None
        else:
            yield _parsed(message.get("text"), most)


async def _paced(socket: WebSocket) -> AsyncIterator[Any]:
    clock, read_until = asyncio.get_running_loop().time, 0.0
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", NORMAL))
        yield message
        read_until = max(read_until, clock() - AT_ONCE / MESSAGES_A_SECOND) + 1 / MESSAGES_A_SECOND
        if (early := read_until - clock()) > 0:  # meanwhile the server takes nothing from the connection
            await asyncio.sleep(early)


def _parsed(text: str | None, most: int) -> Any:
    if text is None or len(text) > most:
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
