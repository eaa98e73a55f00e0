"""Ours, on top of the dialects: what can be spoken and understood here, and what was."""

from __future__ import annotations

from typing import Any

from contracts.session.asks import Message
from contracts.speech.asks import MAX_SPOKEN, AudioFormat, SpeakAsk
from fastapi import Request
from pydantic import BaseModel
from runtime.objects import ObjectNotFound
from starlette.responses import Response

from gateway.auth.audio_links import NOT_PLAYED, PATH
from gateway.container import Container
from gateway.dialects.dependencies import Services
from gateway.edge.operations import dialect_router, errors
from gateway.edge.ranges import ranged
from gateway.problems import Problem
from gateway.usecases.speech import MEDIA_TYPES

router = dialect_router(prefix="/api/v1/speech", tag="ours: speech")
audio_router = dialect_router(prefix=PATH.rstrip("/"), tag="ours: speech")
_SOUND: dict[str, Any] = {"content": {kind: {} for kind in MEDIA_TYPES.values()}}
PRIVATE = {"Cache-Control": "private, max-age=3600"}
_AUDIO: dict[int | str, dict[str, Any]] = {
    200: {"description": "The sound.", **_SOUND},
    206: {"description": "A part of it.", **_SOUND},
}


class Voice(BaseModel):
    """Something that speaks. `languages` are codes, none for any language; `available`: it answered the last time."""

    provider: str
    model: str
    voices: list[str]
    default_voice: str
    languages: list[str]
    formats: list[AudioFormat]
    available: bool


class Recogniser(BaseModel):
    """Something that understands speech. `languages` are codes, none for any language; `quality` says by language how
    well, where that was measured; `streams`: also while somebody speaks; `available`: it answered the last time."""

    provider: str
    model: str
    languages: list[str]
    streams: bool
    quality: dict[str, str]
    available: bool


class SpeechPage(BaseModel):
    """What speaks and what understands speech, each in the order in which it is asked."""

    speaks: bool
    listens: bool
    voices: list[Voice]
    recognisers: list[Recogniser]


@audio_router.get("/{audio_token}", response_class=Response, responses=_AUDIO | errors(404, 416))
async def play(audio_token: str, request: Request, services: Services) -> Response:
    """Play a message of the interviewer, or the recording of an answer. The address alone opens it, and expires."""
    session_id, seq = services.audio_links.opened(audio_token)
    caller = await services.queries.owner(session_id)
    view = await services.queries.view(caller, session_id, messages=True)
    said = next((each for each in view.messages if each.seq == seq), None)
    if said is None or view.session is None:
        raise Problem(404, NOT_PLAYED)
    if said.role == "user":
        return ranged(*await _recorded(services, said), request.headers.get("range"), PRIVATE)
    line = SpeakAsk(text=said.content[:MAX_SPOKEN], language=view.session.config.language, format="mp3")
    audio = await services.speech.speak(line, session_id)
    return ranged(audio.data, audio.media_type, request.headers.get("range"), PRIVATE)


async def _recorded(services: Container, said: Message) -> tuple[bytes, str]:
    """A recording and its media type. Raises Problem 404 for an answer that was written, and for one that is kept no
    longer."""
    try:
        return await services.speech.recording(str((said.metadata.get("spoken") or {})["recording"]))
    except (KeyError, ObjectNotFound):
        raise Problem(404, NOT_PLAYED) from None


@router.get("")
async def speech(services: Services) -> SpeechPage:
    """Read what can be spoken and understood here, by whom and in which languages."""
    found = await services.speech.capabilities()
    voices = [Voice(provider=each.name, **each.model_dump(exclude={"name"})) for each in found.voices]
    recognisers = [Recogniser(provider=each.name, **each.model_dump(exclude={"name"})) for each in found.recognisers]
    return SpeechPage(speaks=bool(voices), listens=bool(recognisers), voices=voices, recognisers=recognisers)
