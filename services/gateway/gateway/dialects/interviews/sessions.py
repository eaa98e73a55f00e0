"""The interviews API: `/interviews/session`. What is done with the token that opens one interview."""

from __future__ import annotations

from base64 import b64decode

from contracts.session.asks import View
from fastapi import Request

from gateway.auth.deps import OptionalUser
from gateway.bus.commands import ENDED
from gateway.container import Container
from gateway.dialects.dependencies import KeyHeader, Services
from gateway.dialects.interviews.dependencies import OpenInterview, PathToken, opened
from gateway.dialects.interviews.mapping import (
    Put,
    evaluation,
    interview_status,
    put_question,
    standing_question,
    workflow_state,
)
from gateway.dialects.interviews.shapes import (
    AudioData,
    InterviewStatus,
    Rephrased,
    SessionChanged,
    SubmitBody,
    Submitted,
)
from gateway.dialects.rounds import PUT
from gateway.edge.bodies import documented
from gateway.edge.forms import read_large_json
from gateway.edge.operations import dialect_router, errors
from gateway.problems import Problem
from gateway.usecases.interviews import NotUnderstood
from gateway.values import parse

router = dialect_router(prefix="/interviews/session", tag="interviews")
WAS_OVER = "The interview was over already. Nothing changed."
NOTHING_SAID = "response_text: please say something, in words or as audio_data."


@router.post("/submit", openapi_extra=documented(SubmitBody, required=True), responses=errors(404, 409, 504))
async def submit(request: Request, user: OptionalUser, services: Services, key: KeyHeader = None) -> Submitted:
    """Answer the question that stands. What comes of it is how the answer did, which is waited for up to 30 seconds,
    and the next question."""
    body = parse(SubmitBody, await read_large_json(request))
    held = await opened(services, body.session_token, user, key)
    language = await services.queries.language(held.caller, held.session_id) if body.audio_data else ""
    answer = await said(services, body.response_text, body.audio_data, language)
    await services.activity.touch(held.session_id)
    try:
        reply = await services.interviews.answer(held.caller, held.session_id, answer)
    except NotUnderstood as problem:
        return await _once_more(services, held, problem.detail)
    if reply.turn < 0:  # the interview was over before
        state = await _state(services, held)
        return Submitted(
            evaluation=None, next_question=None, is_completed=True, feedback=reply.content, message=reply.content,
            audio_data=None, workflow_state=state.workflow_state,
        )  # fmt: skip
    over, goes_on = reply.response_type == "closing", reply.response_type in PUT
    judged = over or goes_on
    item = await services.judgements.feedback(held.caller, held.session_id, reply.turn - 1) if judged else None
    view = await services.queries.view(held.caller, held.session_id, messages=True, feedback=True)
    assert view.session is not None
    question = put_question(Put(reply, reply.content), view.session.config) if goes_on else standing_question(view)
    found = evaluation(view, item) if judged else None
    return Submitted(
        evaluation=found,
        next_question=None if over else question,
        is_completed=over,
        feedback=found.feedback if found else reply.content,
        message=None if goes_on else reply.content,
        audio_data=None if over else await spoken(services, view, reply.content),
        workflow_state=workflow_state(view, held.token),
    )


@router.post("/{session_token}/retry-question", responses=errors(409, 504))
async def rephrase(held: PathToken, services: Services) -> Rephrased:
    """Ask for the question that stands in other words."""
    reply = await services.interviews.rephrase(held.caller, held.session_id)
    about = reply.metadata
    view = await services.queries.view(held.caller, held.session_id)
    return Rephrased(
        rephrased_question=reply.content,
        audio_data=await spoken(services, view, reply.content),
        engine=about["engine"],
        model=about.get("model"),
        degraded=about.get("degraded", False),
    )


@router.post("/{session_token}/pause", responses=errors(409, 504))
async def pause(held: PathToken, services: Services) -> SessionChanged:
    """Pause the interview. Its clock stops."""
    await services.interviews.pause(held.caller, held.session_id)
    return await _changed(services, held, "The interview is paused.")


@router.post("/{session_token}/resume", responses=errors(409, 504))
async def resume(held: PathToken, services: Services) -> SessionChanged:
    """Resume a paused interview, with the question that stands."""
    await services.interviews.resume(held.caller, held.session_id)
    return await _changed(services, held, "The interview goes on.")


@router.get("/{session_token}/status")
async def status(held: PathToken, services: Services) -> InterviewStatus:
    """Read how the interview stands."""
    return await _state(services, held)


@router.delete("/{session_token}", responses=errors(409, 504))
async def cancel(held: PathToken, services: Services) -> SessionChanged:
    """Call the interview off. Nothing is erased, and there will be no report."""
    before = await services.queries.must_exist(held.caller, held.session_id)
    await services.interviews.end(held.caller, held.session_id, cancel=True)
    was_over = before.status in ENDED and before.status != "cancelled"
    return await _changed(services, held, WAS_OVER if was_over else "The interview was called off.")


async def _once_more(services: Container, held: OpenInterview, sentence: str) -> Submitted:
    """The question that stands, since nothing was understood of the answer."""
    view = await services.queries.view(held.caller, held.session_id, messages=True, feedback=True)
    question = standing_question(view)
    return Submitted(
        evaluation=None,
        next_question=question,
        is_completed=False,
        feedback=sentence,
        message=sentence,
        audio_data=await spoken(services, view, f"{sentence} {question.question}" if question else sentence),
        workflow_state=workflow_state(view, held.token),
    )


async def said(services: Container, text: str, recording: str, language: str) -> str | bytes:
    """What was said: the text, or else a recording. Raises Problem 400 for neither, NoSpeech where nobody here would
    understand it."""
    if not text and not recording:
        raise Problem(400, NOTHING_SAID)
    if text:
        return text
    if not (found := decoded(recording)):
        raise Problem(400, NOTHING_SAID)
    await services.speech.must_hear(language)
    return found


def decoded(recording: str) -> bytes:
    """A recording from base64, with or without the prefix of a data URL. Raises Problem 400."""
    try:
        return b64decode(recording.rpartition(",")[2], validate=True)
    except ValueError:
        raise Problem(400, "audio_data: this is not base64.") from None


async def _state(services: Container, held: OpenInterview) -> InterviewStatus:
    view = await services.queries.view(held.caller, held.session_id, messages=True, feedback=True)
    return interview_status(view, held.token)


async def _changed(services: Container, held: OpenInterview, sentence: str) -> SessionChanged:
    view = await services.queries.view(held.caller, held.session_id, messages=True, feedback=True)
    state = interview_status(view, held.token)
    return SessionChanged(
        message=sentence,
        status=state.status,
        question=state.question,
        audio_data=await spoken(services, view, state.question.question) if state.question else None,
        workflow_state=state.workflow_state,
    )


async def spoken(services: Container, view: View, text: str) -> AudioData:
    """A text in the language of its interview."""
    assert view.session is not None
    return AudioData.of(await services.speech.say(text, view.session.config.language, view.session.session_id))
