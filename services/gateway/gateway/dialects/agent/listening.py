"""The agent API's socket for speech: sound in, as JSON or as it is, and words out while they are spoken."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

from contracts.speech.live import BEAT_SECONDS, StreamHeard
from fastapi import WebSocket, WebSocketDisconnect
from runtime.tasks import end

from gateway.auth.errors import InvalidToken
from gateway.auth.logins import login_of
from gateway.container import container_of
from gateway.edge.sockets import (
    BROKEN,
    MAX_MESSAGE,
    MOST_OF_AN_ADDRESS,
    NORMAL,
    address_of,
    say_and_close,
    sound_and_words,
)
from gateway.usecases.listening import Lost, Voice

UNKNOWN = "This message could not be read. Send audio_chunk with data in base64, binary sound, or stop."
PAUSE = 1.5
"""Seconds without sound after which what was said is final."""


async def listen(socket: WebSocket) -> int:
    """Listen until the client stops or goes; the code to close with. Raises Problem."""
    services = container_of(socket)
    session_id, user_id = linked(socket.query_params.get("session_id")), await _user(socket)
    language = socket.query_params.get("language") or "en-US"
    holder = str(user_id) if user_id else address_of(socket)
    async with services.sockets.one_more(holder, uuid4(), MOST_OF_AN_ADDRESS):
        voice = await services.listener.voice(language[:35])
        for words in services.listener.left(session_id, user_id):
            await _tell(socket, words)
        said: list[str] = []
        bringing = asyncio.create_task(_bring(socket, voice))
        telling = asyncio.create_task(_tell_all(socket, voice, said))
        try:
            return await _answer(socket, telling, bringing)
        except (WebSocketDisconnect, RuntimeError):  # the latter is a socket that closed while it was written to
            if session_id is not None:
                services.listener.finish(voice, session_id, user_id)
            return NORMAL
        finally:
            await end([bringing, telling])
            await services.listener.close_unless_finishing(voice)
            result = {"text": " ".join(said), "language": language[:35]}
            await services.speech_tasks.note(user_id, session_id, "stt_stream", result)


async def _answer(socket: WebSocket, telling: asyncio.Task[int], bringing: asyncio.Task[None]) -> int:
    """Wait until all is told, or bringing the sound fails, which is raised."""
    try:
        await asyncio.wait({telling, bringing}, return_when=asyncio.FIRST_COMPLETED)
        if not telling.done():
            await bringing  # raises what it failed by; else the client has stopped, and the last words come
        return await telling
    except Lost as problem:
        return await say_and_close(socket, problem.detail, BROKEN, error_message)


async def _tell_all(socket: WebSocket, voice: Voice, words: list[str]) -> int:
    while (said := await voice.next()) is not None:
        try:
            await _tell(socket, said)
        except (WebSocketDisconnect, RuntimeError):
            voice.put_back(said)
            raise
        if said.kind == "final" and said.text:
            words.append(said.text)
    return NORMAL


async def _tell(socket: WebSocket, said: StreamHeard) -> None:
    match said.kind:
        case "listening":
            await socket.send_json({"type": "connected"})
        case "started":
            await socket.send_json({"type": "speech_started", "timestamp": said.at})
        case "utterance_ended":
            await socket.send_json({"type": "utterance_end", "last_spoken_at": said.at})
        case "partial":
            await socket.send_json({"type": "transcript", "text": said.text, "is_final": False})
        case "final" if said.text:
            await socket.send_json({"type": "transcript", "text": said.text, "is_final": True})
            await socket.send_json({"type": "transcription", "text": said.text, "is_final": True})
        case _:
            pass


async def _bring(socket: WebSocket, voice: Voice) -> None:
    """Bring sound until the client stops. Raises WebSocketDisconnect when it has gone, and Problem."""
    keeping = asyncio.create_task(_watch(voice))
    try:
        async for message in sound_and_words(socket, MAX_MESSAGE):
            sound = _sound(message)
            if sound is not None:
                await voice.sound(sound)
            elif isinstance(message, dict) and message.get("type") == "stop":
                await voice.end()
                return
            else:
                await socket.send_json(error_message(UNKNOWN))
    finally:
        await end([keeping])


async def _watch(voice: Voice) -> None:
    """Who sends nothing for a while has said all: a client that is muted sends no silence either."""
    asked = True
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        await voice.keep_alive()
        if voice.quiet_for < PAUSE:
            asked = False
        elif not asked:
            asked = True
            await voice.finalize()


def _sound(message: Any) -> bytes | None:
    """The sound of a message; None where it brings none."""
    if isinstance(message, bytes):
        return message
    if not isinstance(message, dict) or message.get("type") != "audio_chunk":
        return None
    try:
        return b64decode(str(message.get("data") or ""), validate=True)
    except ValueError:
        return None


def linked(session_id: str | None) -> UUID | None:
    """The session that speech is linked to. Clients send anything where they have none."""
    try:
        return UUID(session_id or "")
    except ValueError:
        return None


async def _user(socket: WebSocket) -> UUID | None:
    """Whose account it is. None is needed, so that a token which is none any more keeps nobody from speaking."""
    with suppress(InvalidToken):
        return (await login_of(socket, token_in_query=True)).user_id
    return None


def error_message(sentence: str) -> dict[str, Any]:
    """An error as this socket sends it."""
    return {"type": "error", "error": sentence}
