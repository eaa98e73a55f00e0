"""The interviews API's sockets: signs of life, how an interview stands, what is understood of sound. Answers are given
over HTTP."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import nats.errors
from contracts.vocabulary.hearing import Heard
from fastapi import APIRouter, WebSocket

from gateway.auth.logins import login_of
from gateway.bus.commands import Caller
from gateway.container import Container, container_of
from gateway.dialects.interviews.mapping import interview_status
from gateway.dialects.interviews.sessions import decoded
from gateway.edge.errors import UNAVAILABLE
from gateway.edge.sockets import (
    MAX_MESSAGE,
    MOST_OF_AN_ACCOUNT,
    MOST_OF_AN_ADDRESS,
    NORMAL,
    address_of,
    incoming,
    serve,
)
from gateway.problems import NoSuchSession, Problem

router = APIRouter()
AUDIO_KINDS = ("audio_chunk", "audio_final")
KINDS = ("get_status", "text", *AUDIO_KINDS)
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
        sound = Sound(services, Caller(opened.user_id), opened.session_id) if opened else None
        async for message in incoming(socket, services.settings.max_recorded_body if sound else MAX_MESSAGE):
            if sound is not None and isinstance(message, dict) and message.get("type") in AUDIO_KINDS:
                async for answer in sound.answers(message):
                    await socket.send_json(answer)
            else:
                await socket.send_json(await _answer(services, token, message))
    return NORMAL


class Sound:
    """What comes of the sound that a client sends: it is put together, and understood at its end."""

    def __init__(self, services: Container, caller: Caller, session_id: UUID) -> None:
        self._services = services
        self._caller = caller
        self._session_id = session_id
        self._pieces: list[bytes] = []

    async def answers(self, message: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """What a message with sound is answered with."""
        try:
            await self._services.speech.must_hear()
            piece = decoded(str(message.get("audio_data") or ""))
            if message["type"] == "audio_chunk":
                self._keep(piece)
                number = message.get("chunk_sequence")
                yield {"type": "audio_chunk_ack", "chunk_sequence": number, "status": "received"}
                return
            self._keep(piece)
            recording, self._pieces = b"".join(self._pieces), []
            for each in await self._understood(recording):
                yield each
        except Problem as problem:
            self._pieces = []
            yield error_message(problem.detail)

    def _keep(self, piece: bytes) -> None:
        if sum(map(len, self._pieces)) + len(piece) > self._services.settings.max_audio_mb * 1024 * 1024:
            raise Problem(413, f"A recording has at most {self._services.settings.max_audio_mb} MB.")
        self._pieces.append(piece)

    async def _understood(self, recording: bytes) -> list[dict[str, Any]]:
        language = await self._services.queries.language(self._caller, self._session_id)
        await self._services.speech.must_hear(language)
        if not recording:
            raise Problem(400, "There is nothing in this recording.")
        tasks = self._services.speech_tasks
        task = await tasks.settled(await tasks.recognise(self._caller, recording, language, self._session_id))
        if task.result is None:
            raise Problem(503, task.error or "Speech recognition is taking too long. Please try again.")
        heard = Heard.model_validate(task.result)
        told = {"transcript": heard.text, "confidence": heard.confidence}
        analysis = {"words": len(heard.text.split()), "duration": heard.duration, "language": heard.language}
        return [
            {"type": "transcript_update", **told},
            {"type": "final_transcript", **told},
            {"type": "speech_analysis", "analysis": analysis},
        ]


async def _answer(services: Container, token: str | None, message: Any) -> dict[str, Any]:
    kind = message.get("type") if isinstance(message, dict) else None
    if kind == "ping":
        return {"type": "pong", "timestamp": message.get("timestamp") or time.time()}
    if kind not in KINDS:
        return error_message(MALFORMED)
    if token is None:
        return error_message(NO_INTERVIEW)
    try:
        return await _status(services, token)
    except (nats.errors.Error, OSError):
        return error_message(UNAVAILABLE)


async def _status(services: Container, token: str) -> dict[str, Any]:
    """How the interview stands. The token is looked at again: it may have expired. Raises NoSuchSession."""
    found = await services.session_tokens.opened(token)
    view = await services.queries.view(Caller(found.user_id), found.session_id, messages=True, feedback=True)
    return {"type": "status", **interview_status(view, token).model_dump(mode="json")}
