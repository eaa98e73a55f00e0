"""The agent API's speech, under `/api` and `/speech`: recordings to text, text to sound."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from contracts.speech.asks import MAX_SPOKEN, SpeakAsk
from contracts.vocabulary.hearing import HeardWord
from fastapi import Header, Request, WebSocket
from pydantic import BaseModel, Field
from starlette.responses import Response, StreamingResponse

from gateway.dialects.agent.listening import error_message, linked
from gateway.dialects.agent.listening import listen as _listen
from gateway.dialects.dependencies import Anyone, Services
from gateway.edge.bodies import read_fields
from gateway.edge.forms import open_form
from gateway.edge.operations import dialect_router, errors
from gateway.edge.sockets import serve
from gateway.problems import Problem
from gateway.usecases.speech import MEDIA_TYPES
from gateway.usecases.speech_tasks import NoSuchTask
from gateway.values import Words, parse

router = dialect_router(tag="agent")
SessionHeader = Annotated[
    str | None, Header(alias="X-Session-ID", description="The interview that this belongs to, if any.")
]
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


class Started(BaseModel):
    """A recording is being understood: ask for the task's status."""

    task_id: str
    status: Literal["processing"] = "processing"
    message: str = "Transcription started"


class RecognisedText(BaseModel):
    """What is said in a recording. `confidence` is 0 to 1, `duration` seconds; `words` are empty where the recogniser
    gives no times."""

    text: str
    confidence: float
    language: str
    duration: float
    words: list[HeardWord]


class TaskStatus(BaseModel):
    """How a task stands. `transcript` is the text of the result; `error` a sentence."""

    task_id: str
    status: Literal["processing", "completed", "error"]
    result: RecognisedText | None
    transcript: str | None
    progress: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    error: str | None


_RECORDING: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "audio_file": {"type": "string", "format": "binary"},
                        "language": {"type": "string", "minLength": 2, "maxLength": 35, "default": "en-US"},
                    },
                    "required": ["audio_file"],
                }
            }
        },
    }
}


async def recognise_speech(
    request: Request,
    caller: Anyone,
    services: Services,
    x_session_id: SessionHeader = None,
) -> Started:
    """Turn a recording into text. What kind of file it is, its content tells."""
    await services.speech.must_hear()
    await services.speech.must_have_room()
    async with open_form(request, services.settings.max_audio_mb * 1024 * 1024) as opened:
        form = await opened.read()
    language = str(form.fields.get("language") or "en-US")
    if not 2 <= len(language) <= 35:
        raise Problem(400, "language: a code such as en-US is expected.")
    await services.speech.must_hear(language)
    if not form.raw:
        raise Problem(400, "audio_file: there is nothing in this recording.")
    task_id = await services.speech_tasks.recognise(caller, form.raw, language, linked(x_session_id))
    return Started(task_id=str(task_id))


async def recognition(task_id: str, services: Services) -> TaskStatus:
    """Look at what became of a recording."""
    try:
        row = await services.speech_tasks.find(UUID(task_id))
    except (ValueError, NoSuchTask):
        await services.speech.must_hear()
        raise NoSuchTask from None
    result = RecognisedText.model_validate(row.result) if row.result is not None else None
    return TaskStatus(
        task_id=task_id,
        status=row.status,
        result=result,
        transcript=result.text if result else None,
        progress=row.progress,
        created_at=row.created_at,
        updated_at=row.updated_at,
        error=row.error,
    )


async def speak(request: Request, caller: Anyone, services: Services, x_session_id: SessionHeader = None) -> Response:
    """Turn text into speech."""
    wanted = await _wanted(request, services)
    audio = await services.speech.speak(wanted, linked(x_session_id))
    result = {"characters": len(wanted.text), "voice": wanted.voice, "media_type": audio.media_type}
    await services.speech_tasks.note(caller.user_id, linked(x_session_id), "tts", result)
    return Response(audio.data, media_type=audio.media_type)


async def stream_speech(request: Request, services: Services, x_session_id: SessionHeader = None) -> StreamingResponse:
    """Turn text into speech that begins before all of it is there."""
    media_type, pieces = await services.speech.stream(await _wanted(request, services), linked(x_session_id))
    return StreamingResponse(pieces, media_type=media_type)


async def _wanted(request: Request, services: Services) -> SpeakAsk:
    await services.speech.must_speak()
    return parse(SpokenText, await read_fields(request, services.settings.max_body_kb * 1024)).line()


async def listen(socket: WebSocket) -> None:
    """Turn speech into text while it is spoken."""
    await serve(socket, _listen(socket), error_message)


for _prefix in ("/api", "/speech"):
    router.post(f"{_prefix}/speech-to-text", openapi_extra=_RECORDING)(recognise_speech)
    router.get(f"{_prefix}/speech-to-text/status/{{task_id}}", responses=errors(404))(recognition)
    router.websocket(f"{_prefix}/speech-to-text/stream")(listen)
    for _path, _says in (("text-to-speech", speak), ("text-to-speech/stream", stream_speech)):
        router.post(f"{_prefix}/{_path}", response_class=Response, responses=_AUDIO, openapi_extra=_form())(_says)
router.get("/speech/task/{task_id}", responses=errors(404))(recognition)
