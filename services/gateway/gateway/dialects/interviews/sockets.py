"""The interviews API's sockets: signs of life and how an interview stands. Answers are given over HTTP."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import nats.errors
from fastapi import APIRouter, WebSocket

from gateway.auth.logins import login_of
from gateway.bus.commands import Caller
from gateway.container import Container, container_of
from gateway.dialects.interviews.mapping import interview_status
from gateway.edge.errors import UNAVAILABLE
from gateway.edge.sockets import MOST_OF_AN_ACCOUNT, MOST_OF_AN_ADDRESS, NORMAL, address_of, incoming, serve
from gateway.problems import NoSuchSession
from gateway.usecases.speech import NoSpeech

router = APIRouter()
KINDS = ("get_status", "text", "audio_chunk", "audio_final")
MALFORMED = f"This message could not be read. Send an object with a type: ping, {', '.join(KINDS)}."
NO_INTERVIEW = "No interview is open here. Connect to /ws/interview/ followed by the token of one."


def error_message(sentence: str) -> dict[str, Any]:
    """An error as these sockets send it."""
    return {"type": "error", "error": sentence, "message": sentence}


@router.websocket("/ws")
async def socket(socket: WebSocket) -> None:
    """Signs of life, without an interview."""
    await serve(socket, hold(socket, None), error_message)


@router.websocket("/ws/interview/{session_token}")
async def interview_socket(socket: WebSocket, session_token: str) -> None:
    """The same with an interview. The token in the path is the key to it."""
    await serve(socket, hold(socket, session_token), error_message)


async def hold(socket: WebSocket, token: str | None) -> int:
    """Answer messages until the client goes; the code to close with. Raises Problem."""
    services = container_of(socket)
    login = await login_of(socket, token_in_query=True)
    opened = await services.session_tokens.opened(token) if token is not None else None
    if opened is not None and login.user_id not in {None, opened.user_id}:
        raise NoSuchSession
    holder, most = (str(opened.user_id), MOST_OF_AN_ACCOUNT) if opened else (address_of(socket), MOST_OF_AN_ADDRESS)
    async with services.sockets.one_more(holder, uuid4(), most):
        async for message in incoming(socket):
            await socket.send_json(await _answer(services, token, message))
    return NORMAL


async def _answer(services: Container, token: str | None, message: Any) -> dict[str, Any]:
    kind = message.get("type") if isinstance(message, dict) else None
    if kind == "ping":
        return {"type": "pong", "timestamp": message.get("timestamp") or time.time()}
    if kind not in KINDS:
        return error_message(MALFORMED)
    if token is None:
        return error_message(NO_INTERVIEW)
    if kind in ("audio_chunk", "audio_final"):
        return error_message(NoSpeech().detail)
    try:
        return await _status(services, token)
    except (nats.errors.Error, OSError):
        return error_message(UNAVAILABLE)


async def _status(services: Container, token: str) -> dict[str, Any]:
    """How the interview stands. The token is looked at again: it may have expired. Raises NoSuchSession."""
    found = await services.session_tokens.opened(token)
    view = await services.queries.view(Caller(found.user_id), found.session_id, messages=True, feedback=True)
    return {"type": "status", **interview_status(view, token).model_dump(mode="json")}
