"""The agent API's speech, under `/api` and `/speech`. There is no speech service yet, and each route says so."""

from __future__ import annotations

from typing import Any

from fastapi import WebSocket

from gateway.edge.operations import Error, dialect_router
from gateway.edge.sockets import serve
from gateway.usecases.speech import NoSpeech

router = dialect_router(tag="agent")


async def recognise_speech() -> Error:
    """Turn a recording into text."""
    raise NoSpeech


async def recognition(task_id: str) -> Error:
    """Look at what became of a recording."""
    raise NoSpeech


async def speak() -> Error:
    """Turn text into speech."""
    raise NoSpeech


async def stream_speech() -> Error:
    """Turn text into speech that begins before all of it is there."""
    raise NoSpeech


async def listen(socket: WebSocket) -> None:
    """Turn speech into text while it is spoken."""
    await serve(socket, _recognise_live(), _error_message)


async def _recognise_live() -> int:
    raise NoSpeech


def _error_message(sentence: str) -> dict[str, Any]:
    return {"type": "error", "error": sentence}


for _prefix in ("/api", "/speech"):
    router.post(f"{_prefix}/speech-to-text", status_code=503)(recognise_speech)
    router.get(f"{_prefix}/speech-to-text/status/{{task_id}}", status_code=503)(recognition)
    router.websocket(f"{_prefix}/speech-to-text/stream")(listen)
    router.post(f"{_prefix}/text-to-speech", status_code=503)(speak)
    router.post(f"{_prefix}/text-to-speech/stream", status_code=503)(stream_speech)
router.get("/speech/task/{task_id}", status_code=503)(recognition)
