"""The agent API's speech, under `/api` and `/speech`. Texts are spoken where a voice is configured. Recognition is not
there yet, and its routes say so."""

from __future__ import annotations

from typing import Any

from contracts.speech.asks import MAX_SPOKEN, SpeakAsk
from fastapi import Request, WebSocket
from pydantic import BaseModel, Field
from starlette.responses import Response, StreamingResponse

from gateway.dialects.dependencies import Services
from gateway.edge.bodies import read_fields
from gateway.edge.operations import Error, dialect_router
from gateway.edge.sockets import serve
from gateway.usecases.speech import MEDIA_TYPES, NoSpeech
from gateway.values import Words, parse

router = dialect_router(tag="agent")
_AUDIO: dict[int | str, dict[str, Any]] = {200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}}}


class SpokenText(BaseModel):
    """What is to be said. A voice that nobody here knows is the default one."""

    text: Words = Field(min_length=1, max_length=MAX_SPOKEN)
    voice_id: Words = Field("", max_length=200)
    speed: float = Field(1.0, ge=0.5, le=2.0)
    language: Words = Field("en", min_length=2, max_length=35)

    def line(self) -> SpeakAsk:
        """The same for the voice."""
        return SpeakAsk(text=self.text, voice=self.voice_id, speed=self.speed, language=self.language, format="mp3")


def _form() -> dict[str, Any]:
    schema = SpokenText.model_json_schema()
    kinds = ("multipart/form-data", "application/x-www-form-urlencoded", "application/json")
    return {"requestBody": {"required": False, "content": {kind: {"schema": schema} for kind in kinds}}}


async def recognise_speech() -> Error:
    """Turn a recording into text."""
    raise NoSpeech


async def recognition(task_id: str) -> Error:
    """Look at what became of a recording."""
    raise NoSpeech


async def speak(request: Request, services: Services) -> Response:
    """Turn text into speech."""
    audio = await services.speech.speak(await _wanted(request, services))
    return Response(audio.data, media_type=audio.media_type)


async def stream_speech(request: Request, services: Services) -> StreamingResponse:
    """Turn text into speech that begins before all of it is there."""
    media_type, pieces = await services.speech.stream(await _wanted(request, services))
    return StreamingResponse(pieces, media_type=media_type)


async def _wanted(request: Request, services: Services) -> SpeakAsk:
    await services.speech.must_speak()
    return parse(SpokenText, await read_fields(request, services.settings.max_body_kb * 1024)).line()


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
    for _path, _says in (("text-to-speech", speak), ("text-to-speech/stream", stream_speech)):
        router.post(f"{_prefix}/{_path}", response_class=Response, responses=_AUDIO, openapi_extra=_form())(_says)
router.get("/speech/task/{task_id}", status_code=503)(recognition)
