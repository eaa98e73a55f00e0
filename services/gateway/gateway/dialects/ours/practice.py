"""Ours, on top of the dialects: working on an interview. Other words, corrections, further attempts, better answers,
the report and its versions, and how interviews compare."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any
from uuid import UUID

from contracts.session.asks import View
from fastapi import Request

from gateway.auth.deps import CurrentUser
from gateway.bus.commands import ENDED, POLL_SECONDS, Caller
from gateway.bus.subscriptions import Subscriptions
from gateway.dialects.dependencies import CurrentCaller, PathSession, Services, UseCases
from gateway.dialects.messages import Said, feedback_entries, said
from gateway.dialects.ours.practice_shapes import AnswerText, BetterAnswer, ReportBegun, SessionFeedback, TurnChanged
from gateway.dialects.ours.progress_shapes import ProgressPage, progress_document
from gateway.dialects.ours.report_shapes import SessionReport, report_document
from gateway.edge.bodies import documented, read_json
from gateway.edge.operations import dialect_router, errors
from gateway.problems import Problem
from gateway.usecases.interviews import Interviews
from gateway.values import parse

router = dialect_router(prefix="/api/v1", tag="ours: practice")
REPORT_SECONDS = 30.0
_TEXT = documented(AnswerText, required=True)
_TOO_EARLY = "The report is written when the interview is over."
_NOT_YET = "The report is being written. Please ask again in a moment."


@router.get("/progress")
async def progress(user: CurrentUser, use: UseCases) -> ProgressPage:
    """Compare your interviews. Those that have a report, oldest first, and the trend of each criterion."""
    return progress_document(await use.progress(user.id))


@router.post("/sessions/{session_id}/rephrase", responses=errors(409, 504))
async def rephrase(caller: CurrentCaller, session_id: PathSession, use: UseCases) -> Said:
    """Ask for the current question in other words."""
    return said(await use.rephrase(caller, session_id))


@router.get("/sessions/{session_id}/feedback")
async def feedback(caller: CurrentCaller, session_id: PathSession, use: UseCases) -> SessionFeedback:
    """Read all feedback so far, with the level of each criterion and the words that support it."""
    return SessionFeedback(feedback=feedback_entries(await use.view(caller, session_id, feedback=True)))


@router.post("/sessions/{session_id}/turns/{turn}/correction", openapi_extra=_TEXT, responses=errors(409, 504))
async def correct(
    request: Request, caller: CurrentCaller, session_id: PathSession, turn: int, use: UseCases
) -> TurnChanged:
    """Correct what the record says you answered. The answer is judged anew."""
    body = parse(AnswerText, await _with_text(request))
    await use.correct(caller, session_id, _turn(turn), body.text)
    return TurnChanged(message="The record was corrected. The answer is being judged anew.", turn=turn)


@router.post("/sessions/{session_id}/turns/{turn}/retry", openapi_extra=_TEXT, responses=errors(409, 504))
async def retry(
    request: Request, caller: CurrentCaller, session_id: PathSession, turn: int, use: UseCases
) -> TurnChanged:
    """Answer a question again. The attempt before stays in the history."""
    body = parse(AnswerText, await _with_text(request))
    await use.retry(caller, session_id, _turn(turn), body.text)
    return TurnChanged(message="Your new attempt is being judged.", turn=turn)


@router.post("/sessions/{session_id}/turns/{turn}/better-answer")
async def better_answer(caller: CurrentCaller, session_id: PathSession, turn: int, use: UseCases) -> BetterAnswer:
    """Get a better answer, sketched from what you said yourself."""
    return BetterAnswer.of(turn, await use.sketch(caller, session_id, _turn(turn)))


@router.get("/sessions/{session_id}/report")
async def report(
    caller: CurrentCaller, session_id: PathSession, services: Services, version: int | None = None
) -> SessionReport:
    """Read the report, the newest version by default. One that is being written is waited for."""
    use = services.interviews
    view = await _reported(use, services.subscriptions, caller, session_id)
    assert view.session is not None
    answer = await use.report(caller, session_id, version)
    if answer.report is None:
        raise Problem(404, "There is no such version of the report.")
    return report_document(view.session, answer, view.feedback)


@router.post("/sessions/{session_id}/report", status_code=202, responses=errors(409, 504))
async def report_anew(caller: CurrentCaller, session_id: PathSession, use: UseCases) -> ReportBegun:
    """Have the report written anew, as a further version."""
    version = await use.report_anew(caller, session_id)
    return ReportBegun(message="The report is being written anew.", version=version)


async def _reported(use: Interviews, subscriptions: Subscriptions, caller: Caller, session_id: UUID) -> View:
    """The session once its report is there. Raises Problem 400 before the end, 503 when it is late or was given up."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + REPORT_SECONDS
    async with subscriptions.events(session_id) as queue:
        while not _has_report(await use.view(caller, session_id)):
            left = deadline - loop.time()
            if left <= 0:
                raise Problem(503, _NOT_YET, {"Retry-After": "5"})
            with contextlib.suppress(TimeoutError):  # whatever happens is a reason to look, and so is a long silence
                await asyncio.wait_for(queue.get(), min(left, POLL_SECONDS))
    return await use.view(caller, session_id, feedback=True)


def _has_report(view: View) -> bool:
    """Whether it is there. Raises Problem where it cannot be."""
    session = view.session
    assert session is not None
    if session.status not in ENDED:
        raise Problem(400, _TOO_EARLY)
    if session.report is None and (session.status == "cancelled" or session.report_status == "error"):
        raise Problem(404, session.report_error or "The interview was called off; there is no report.")
    return session.report is not None


async def _with_text(request: Request) -> dict[str, Any]:
    """The body; `answer` and `message` are other names of `text`."""
    fields = await read_json(request)
    return {"text": fields.get("text") or fields.get("answer") or fields.get("message"), **fields}


def _turn(turn: int) -> int:
    if not 0 <= turn < 10_000:
        raise Problem(400, "There is no answer in that turn.")
    return turn
