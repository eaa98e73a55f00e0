"""One chat over a socket, from its authorisation to its end."""

from __future__ import annotations

import asyncio
from uuid import UUID

from fastapi import WebSocket

from gateway.auth.logins import LOGIN_OVER, Login, login_of
from gateway.bus.commands import Caller
from gateway.bus.stream import SessionStream
from gateway.container import Container, container_of
from gateway.dialects.dependencies import parse_session_id
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
from gateway.usecases.live_turn import Chat

POLL_SECONDS, IDLE_POLL_SECONDS = 2.0, 10.0
"""How often a silent socket looks whether it missed something: while a reply is pending, and else."""
NOT_YOURS = "This interview belongs to another account."
LOG_IN = "Please log in to go on with this interview."
TAKEN_OVER = "This interview goes on in another window."


async def hold(socket: WebSocket, interview_id: str) -> int:
    """The chat until one side ends it; the code to close with. Raises Problem."""
    services = container_of(socket)
    use, subscriptions = services.interviews, services.subscriptions
    session_id = parse_session_id(interview_id)
    login = await login_of(socket, token_in_query=True)
    caller = await _authorised(services, session_id, login)
    chat = Chat(use, caller, session_id, socket.send_json)
    holder, most = _counted(socket, caller)
    with services.sockets.one_more(holder, session_id, most):
        async with subscriptions.takes_over(session_id, "chat") as taken_over:
            try:
                seen = await chat.open()
                await services.activity.touch(session_id)
                if chat.over:
                    return NORMAL
                stream = SessionStream(subscriptions, use, caller, session_id, seen, lambda: _poll_seconds(chat))
                return await first_to_end(
                    _listen(chat, stream), _read(socket, chat), _yield_to(socket, taken_over), _logout(socket, login)
                )
            finally:
                await chat.close()


async def _authorised(services: Container, session_id: UUID, login: Login) -> Caller:
    """The session's owner, for whom its id speaks. Who says who they are has to be that owner."""
    caller = await services.interviews.owner(session_id)
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
        await chat.hear(message)
    return NORMAL


async def _yield_to(socket: WebSocket, taken_over: asyncio.Event) -> int:
    await taken_over.wait()
    return await say_and_close(socket, TAKEN_OVER, POLICY)


async def _logout(socket: WebSocket, login: Login) -> int:
    await login.ended()
    return await say_and_close(socket, LOGIN_OVER, POLICY)
