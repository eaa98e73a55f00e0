"""The turn API: `/session`. An interview goes by the client's own id for it."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from contracts.session.asks import Message
from contracts.vocabulary.limits import MAX_ANSWER
from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from gateway.bus.commands import Caller
from gateway.container import Container
from gateway.dialects.dependencies import CurrentCaller, Services
from gateway.dialects.messages import SessionBody, audio_url, recording_urls
from gateway.dialects.turns.shapes import Ended, SessionState, TurnAnswer, session_state, turn_answer
from gateway.edge.bodies import documented, media_type, read_fields, read_json
from gateway.edge.forms import open_form
from gateway.edge.operations import dialect_router, errors
from gateway.problems import Problem
from gateway.values import must_be_storable

router = dialect_router(prefix="/session", tag="turns")
_ALIAS = re.compile(r"[A-Za-z0-9._~-]{1,128}", re.ASCII)
_FORM = "multipart/form-data"
_TEXT = {"type": "string", "minLength": 1, "maxLength": MAX_ANSWER}
_TURN: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            _FORM: {
                "schema": {
                    "type": "object",
                    "properties": {"text": _TEXT, "audio": {"type": "string", "format": "binary"}},
                }
            },
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "properties": {"text": _TEXT}, "required": ["text"]}
            },
            "application/json": {"schema": {"type": "object", "properties": {"text": _TEXT}, "required": ["text"]}},
        },
    }
}
"""The body of a turn, for the description."""


async def checked(interview_id: str) -> str:
    """The client's own id for an interview. Raises Problem 400 for what cannot be one."""
    if not _ALIAS.fullmatch(interview_id):
        raise Problem(400, "interview_id: at most 128 letters, digits, and signs of - . _ ~ are taken.")
    return interview_id


InterviewId = Annotated[str, Depends(checked)]


@router.post("/start/{interview_id}", openapi_extra=documented(SessionBody), responses=errors(404, 409, 504))
async def start(request: Request, caller: CurrentCaller, interview_id: InterviewId, services: Services) -> TurnAnswer:
    """Begin an interview under an id of your own. The answer is the introduction, or the current question of one that
    runs. Where the last one is over, a new one begins."""
    fields = await read_json(request)
    configure = partial(services.configuring.wanted, caller, fields, "turns")
    session_id = await services.named.begin(caller, interview_id, configure)
    await services.activity.touch(session_id)
    said = await services.interviews.start(caller, session_id)
    return await _answered(request, services, caller, interview_id, session_id, said)


@router.post("/turn/{interview_id}", openapi_extra=_TURN, responses=errors(404, 409, 504))
async def turn(request: Request, caller: CurrentCaller, interview_id: InterviewId, services: Services) -> TurnAnswer:
    """Answer the current question. The answer to that is the interviewer's reply."""
    session_id = await services.named.find(caller, interview_id)
    said = await _said(request, services, session_id, caller)
    reply = await services.interviews.answer(caller, session_id, said)
    if reply.turn < 0:
        raise Problem(409, "This interview is over. Start it again for a new one.")
    await services.activity.touch(session_id)
    return await _answered(request, services, caller, interview_id, session_id, reply)


@router.get("/state/{interview_id}", responses=errors(404))
async def state(request: Request, caller: CurrentCaller, interview_id: InterviewId, services: Services) -> SessionState:
    """Read all of an interview: what was said, what it was about, what the answers show. It stays after the end."""
    return await _state(request, services, caller, interview_id, await services.named.find(caller, interview_id))


@router.delete("/state/{interview_id}", responses=errors(404, 409, 504))
async def end(request: Request, caller: CurrentCaller, interview_id: InterviewId, services: Services) -> Ended:
    """End an interview and have it evaluated. Nothing is deleted; a second time changes nothing."""
    session_id = await services.named.find(caller, interview_id)
    await services.interviews.end(caller, session_id)
    return Ended(
        message="The interview is over. Its evaluation will appear in the state.",
        interview_id=interview_id,
        session_state=await _state(request, services, caller, interview_id, session_id),
    )


async def _answered(
    request: Request, services: Container, caller: Caller, interview_id: str, session_id: UUID, said: Message
) -> TurnAnswer:
    view = await services.queries.view(caller, session_id, messages=True, feedback=True)
    recordings = recording_urls(request, services, view)
    return turn_answer(interview_id, view, said, await audio_url(request, services, view, said), recordings)


async def _state(
    request: Request, services: Container, caller: Caller, interview_id: str, session_id: UUID
) -> SessionState:
    view = await services.queries.view(caller, session_id, messages=True, feedback=True)
    return session_state(interview_id, view, recording_urls(request, services, view))


async def _said(request: Request, services: Container, session_id: UUID, caller: Caller) -> str | bytes:
    """What the candidate says: words, or else a recording. Raises Problem 400 for nothing and for too much, NoSpeech
    for a recording that nobody here would understand."""
    settings = services.settings
    if media_type(request) == _FORM:
        async with open_form(request, settings.max_audio_mb * 1024 * 1024) as opened:
            fields = _written(opened.form)
            audio = opened.form.get("audio")
            if not fields["text"] and isinstance(audio, UploadFile):
                await services.speech.must_hear(await services.queries.language(caller, session_id))
                if recording := await audio.read():
                    return recording
                raise Problem(400, "audio: there is nothing in this recording.")
    else:
        fields = await read_fields(request, settings.max_body_kb * 1024)
    text = fields.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Problem(400, "text: please say something, in words.")
    if len(text.strip()) > MAX_ANSWER:
        raise Problem(400, f"text: at most {MAX_ANSWER} characters.")
    return text.strip()


def _written(form: FormData) -> dict[str, str]:
    text = form.get("text")
    fields = {"text": text.strip() if isinstance(text, str) else ""}
    must_be_storable(fields)
    return fields
