"""The agent API's speech, under `/api` and `/speech`. There is no speech service yet, and each route says so."""

from __future__ import annotations

from gateway.edge.operations import Error, dialect_router
from gateway.problems import Problem

router = dialect_router(tag="agent")
_NO_SPEECH = "Speech is not available on this installation. Interviews by text are."


async def recognise_speech() -> Error:
    """Turn a recording into text."""
    raise Problem(503, _NO_SPEECH)


async def recognition(task_id: str) -> Error:
    """Look at what became of a recording."""
    raise Problem(503, _NO_SPEECH)


async def speak() -> Error:
    """Turn text into speech."""
    raise Problem(503, _NO_SPEECH)


async def stream_speech() -> Error:
    """Turn text into speech that begins before all of it is there."""
    raise Problem(503, _NO_SPEECH)


for _prefix in ("/api", "/speech"):
    router.post(f"{_prefix}/speech-to-text", status_code=503)(recognise_speech)
    router.get(f"{_prefix}/speech-to-text/status/{{task_id}}", status_code=503)(recognition)
    router.post(f"{_prefix}/text-to-speech", status_code=503)(speak)
    router.post(f"{_prefix}/text-to-speech/stream", status_code=503)(stream_speech)
router.get("/speech/task/{task_id}", status_code=503)(recognition)
