"""Ours, on top of the dialects: what can be spoken here."""

from __future__ import annotations

from typing import Any

from contracts.speech.asks import MAX_SPOKEN, AudioFormat, SpeakAsk
from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from gateway.auth.audio_links import NOT_PLAYED, PATH
from gateway.dialects.dependencies import Services
from gateway.edge.operations import dialect_router, errors
from gateway.edge.ranges import ranged
from gateway.problems import Problem
from gateway.usecases.speech import MEDIA_TYPES

router = dialect_router(prefix="/api/v1/speech", tag="ours: speech")
audio_router = dialect_router(prefix=PATH.rstrip("/"), tag="ours: speech")
_SOUND: dict[str, Any] = {"content": {kind: {} for kind in MEDIA_TYPES.values()}}
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


class SpeechPage(BaseModel):
    """What speaks, in the order in which it is asked, and whether anybody listens."""

    speaks: bool
    listens: bool
    voices: list[Voice]


@audio_router.get("/{audio_token}", response_class=Response, responses=_AUDIO | errors(404, 416))
async def play(audio_token: str, request: Request, services: Services) -> Response:
    """Play a message of the interviewer. The address alone opens it, and expires."""
    session_id, seq = services.audio_links.opened(audio_token)
    caller = await services.queries.owner(session_id)
    view = await services.queries.view(caller, session_id, messages=True)
    said = next((each for each in view.messages if each.seq == seq and each.role == "assistant"), None)
    if said is None or view.session is None:
        raise Problem(404, NOT_PLAYED)
    line = SpeakAsk(text=said.content[:MAX_SPOKEN], language=view.session.config.language, format="mp3")
    audio = await services.speech.speak(line)
    headers = {"Cache-Control": "private, max-age=3600"}
    return ranged(audio.data, audio.media_type, request.headers.get("range"), headers)


@router.get("")
async def speech(services: Services) -> SpeechPage:
    """Read what can be spoken here, by which voices and in which languages."""
    found = (await services.speech.capabilities()).voices
    voices = [Voice(provider=each.name, **each.model_dump(exclude={"name"})) for each in found]
    return SpeechPage(speaks=bool(voices), listens=False, voices=voices)
