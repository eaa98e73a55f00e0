"""The interviews API: `/interviews`. An interview is created first, and goes by a whole number."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from contracts.session.asks import SessionView
from fastapi import Query, Request

from gateway.auth.deps import CurrentUser
from gateway.bus.commands import ENDED
from gateway.dialects.dependencies import CurrentCaller, Services
from gateway.dialects.interviews.dependencies import PathInterview
from gateway.dialects.interviews.mapping import (
    Put,
    interview,
    interview_status,
    put_question,
    results,
    standing_question,
    workflow_state,
)
from gateway.dialects.interviews.sessions import spoken
from gateway.dialects.interviews.shapes import (
    Begun,
    Interview,
    InterviewBody,
    InterviewDeleted,
    InterviewResults,
    InterviewStatus,
)
from gateway.edge.bodies import documented, read_json
from gateway.edge.operations import dialect_router, errors
from gateway.problems import NoSuchSession, Problem
from gateway.usecases.numbered_interviews import number_of
from gateway.values import parse

router = dialect_router(prefix="/interviews", tag="interviews")
MOST_LISTED = 1000
_OVER = "This interview is over. Create another one."
_NOT_OVER = "The results are there when the interview is over."


@router.post("", openapi_extra=documented(InterviewBody, required=True), responses=errors(404, 409, 504))
async def create(request: Request, user: CurrentUser, caller: CurrentCaller, services: Services) -> Interview:
    """Create an interview. It begins when it is started."""
    fields = await read_json(request)
    asked = parse(InterviewBody, fields).configuration()
    wanted = await services.configuring.wanted(caller, fields | asked, "interviews")
    session_id = await services.numbered.create(caller, wanted)
    await services.activity.touch(session_id)
    return interview(await _session(services, caller, session_id))


@router.get("")
async def interviews(
    user: CurrentUser,
    services: Services,
    skip: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = MOST_LISTED,
) -> list[Interview]:
    """List your interviews, newest first."""
    found = await services.queries.sessions(user.id, limit=limit, offset=skip, dialect="interviews")
    return [interview(each) for each in found.sessions]


@router.get("/{interview_id}")
async def read(caller: CurrentCaller, session_id: PathInterview, services: Services) -> Interview:
    """Read an interview."""
    session = await _session(services, caller, session_id)
    if session.dialect != "interviews":
        await services.numbered.remember(caller, session_id)
    return interview(session)


@router.put("/{interview_id}", openapi_extra=documented(InterviewBody), responses=errors(409, 504))
async def update(request: Request, caller: CurrentCaller, session_id: PathInterview, services: Services) -> Interview:
    """Change an interview that has not begun. What is left out stays."""
    fields = await read_json(request)
    session = await _session(services, caller, session_id)
    body = parse(InterviewBody, {"position": session.config.job_role, **fields})
    wanted = await services.configuring.wanted(caller, fields | body.changes())
    await services.interviews.reconfigure(caller, session_id, wanted)
    return interview(await _session(services, caller, session_id))


@router.delete("/{interview_id}", responses=errors(409, 504))
async def delete(caller: CurrentCaller, session_id: PathInterview, services: Services) -> InterviewDeleted:
    """Erase an interview, with everything said in it."""
    await services.interviews.erase(caller, session_id)
    return InterviewDeleted(message="The interview was erased.", id=number_of(session_id))


@router.post("/{interview_id}/start", responses=errors(409, 504))
async def start(user: CurrentUser, caller: CurrentCaller, session_id: PathInterview, services: Services) -> Begun:
    """Start an interview. One that was started before goes on, also from a pause, with the question that stands."""
    before = await services.queries.must_exist(caller, session_id)
    if before.status == "paused":
        await services.interviews.resume(caller, session_id)
    first, began = await services.interviews.begin(caller, session_id)
    token = await services.session_tokens.issue(user.id, session_id)
    view = await services.queries.view(caller, session_id, messages=True, feedback=True)
    assert view.session is not None
    question = put_question(Put(first, first.content), view.session.config) if began else standing_question(view)
    if question is None:
        raise Problem(409, _OVER)
    return Begun(
        session_token=token,
        first_question=question,
        audio_data=await spoken(services, view, question.question),
        is_resumed=not began,
        workflow_state=workflow_state(view, token),
    )


@router.get("/{interview_id}/active-session")
async def active_session(
    user: CurrentUser, caller: CurrentCaller, session_id: PathInterview, services: Services
) -> InterviewStatus:
    """Find the session of an interview that goes on, with its token. 404 where none does."""
    status = (await services.queries.must_exist(caller, session_id)).status
    if status == "created" or status in ENDED:
        raise NoSuchSession
    token = await services.session_tokens.issue(user.id, session_id)
    return interview_status(await services.queries.view(caller, session_id, messages=True, feedback=True), token)


@router.get("/{interview_id}/results")
async def read_results(caller: CurrentCaller, session_id: PathInterview, services: Services) -> InterviewResults:
    """Read how an interview went, once it is over. A report that is being written is waited for, up to 30 seconds."""
    if (await services.queries.must_exist(caller, session_id)).status not in ENDED:
        raise Problem(400, _NOT_OVER)
    await services.judgements.settled(caller, session_id)
    return results(await services.queries.view(caller, session_id, messages=True, feedback=True))


async def _session(services: Services, caller: CurrentCaller, session_id: UUID) -> SessionView:
    session = (await services.queries.view(caller, session_id)).session
    assert session is not None
    return session
