"""One chat over a socket, from its authorisation to its end."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from fastapi import WebSocket
from pydantic import ValidationError

from gateway.auth.logins import LOGIN_OVER, Login, login_of
from gateway.bus.commands import Caller
from gateway.bus.stream import SessionStream
from gateway.container import Container, container_of
from gateway.dialects.dependencies import parse_session_id
from gateway.dialects.live_chat.shapes import CLIENT_MESSAGE, messages
from gateway.edge.sockets import (
    MOST_OF_AN_ACCOUNT,
    MOST_OF_AN_ADDRESS,
    NORMAL,
    POLICY,
    address_of,
    first_to_end,
    incoming,
    say_and_close,
)
from gateway.problems import NoSuchSession, Problem
from gateway.usecases.live_turn import Chat, Notice, Send

POLL_SECONDS, IDLE_POLL_SECONDS = 2.0, 10.0
"""How often a silent socket looks whether it missed something: while a reply is pending, and else."""
NOT_YOURS = "This interview belongs to another account."
LOG_IN = "Please log in to go on with this interview."
MALFORMED = "This message could not be read. Send an object with a type (chunk, final or control) and a payload."
TAKEN_OVER = "This interview goes on in another window."


async def hold(socket: WebSocket, interview_id: str) -> int:
    """The chat until one side ends it; the code to close with. Raises Problem."""
    services = container_of(socket)
    subscriptions, queries = services.subscriptions, services.queries
    session_id = parse_session_id(interview_id)
    login = await login_of(socket, token_in_query=True)
    caller = await _authorised(services, session_id, login)
    chat = Chat(services.interviews, queries, caller, session_id, _sender(socket))
    holder, most = _counted(socket, caller)
    async with (
        services.sockets.one_more(holder, session_id, most),
        subscriptions.takes_over(session_id, "chat") as taken_over,
    ):
        try:
            seen = await chat.open()
            await services.activity.touch(session_id)
            if chat.over:
                return NORMAL
            stream = SessionStream(subscriptions, queries, caller, session_id, seen, lambda: _poll_seconds(chat))
            return await first_to_end(
                _listen(chat, stream), _read(socket, chat), _yield_to(socket, taken_over), _logout(socket, login)
            )
        finally:
            await chat.close()


async def _authorised(services: Container, session_id: UUID, login: Login) -> Caller:
    """The session's owner, for whom its id speaks. Who says who they are has to be that owner."""
    caller = await services.queries.owner(session_id)
    if caller.user_id is None and not services.settings.anonymous:
        raise NoSuchSession
    if caller.user_id is not None and login.user_id not in {None, caller.user_id}:
        raise Problem(403, NOT_YOURS)
    if caller.user_id is not None and login.user_id is None and services.settings.chat_token_required:
        raise Problem(401, LOG_IN)
    return caller


def _counted(socket: WebSocket, caller: Caller) -> tuple[str, int]:
    """Against whom the socket counts, and how many that may have: the account whose interview it is, or the address."""
    return (str(caller.user_id), MOST_OF_AN_ACCOUNT) if caller.user_id else (address_of(socket), MOST_OF_AN_ADDRESS)


def _poll_seconds(chat: Chat) -> float:
    return POLL_SECONDS if chat.reply_pending else IDLE_POLL_SECONDS


async def _listen(chat: Chat, stream: SessionStream) -> int:
    async for item in stream.items():
        await chat.on(item)
        if chat.over:
            return NORMAL
    return NORMAL


async def _read(socket: WebSocket, chat: Chat) -> int:
    async for message in incoming(socket):
        await hear(chat, message)
    return NORMAL


async def hear(chat: Chat, message: Any) -> None:
    """One message of the client. One that cannot be read is answered with an error, and the chat goes on."""
    try:
        parsed = CLIENT_MESSAGE.validate_python(message)
    except ValidationError:
        await chat.fail(MALFORMED)
    else:
        await chat.receive(parsed.type, parsed.payload or "")


def _sender(socket: WebSocket) -> Send:
    async def send(notice: Notice) -> None:
        for message in messages(notice):
            await socket.send_text(message.model_dump_json(exclude_none=True))

    return send


async def _yield_to(socket: WebSocket, taken_over: asyncio.Event) -> int:
    await taken_over.wait()
    return await say_and_close(socket, TAKEN_OVER, POLICY)


async def _logout(socket: WebSocket, login: Login) -> int:
    await login.ended()
    return await say_and_close(socket, LOGIN_OVER, POLICY)
