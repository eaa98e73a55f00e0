"""Ours, on top of the dialects: working on an interview. Other words, corrections, further attempts, better answers,
the report and its versions, and how interviews compare."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Request
from starlette.responses import HTMLResponse, Response

from gateway.auth.deps import CurrentUser
from gateway.dialects.dependencies import CurrentCaller, PathSession, Reads, Services, UseCases
from gateway.dialects.messages import InterviewerMessage, feedback_entries, interviewer_message
from gateway.dialects.ours.own_report import OwnReport
from gateway.dialects.ours.practice_shapes import AnswerText, BetterAnswer, ReportBegun, SessionFeedback, TurnChanged
from gateway.dialects.ours.progress_shapes import ProgressPage, progress_document
from gateway.dialects.ours.report_pages import PAGE_POLICY, as_html, as_markdown
from gateway.dialects.report_shapes import report_document
from gateway.edge.bodies import documented, read_json
from gateway.edge.negotiation import preferred
from gateway.edge.operations import dialect_router, errors
from gateway.problems import Problem
from gateway.values import parse

router = dialect_router(prefix="/api/v1", tag="ours: practice")
ReportForm = Literal["json", "html", "markdown"]
_FORMS: dict[ReportForm, str] = {"json": "application/json", "html": "text/html", "markdown": "text/markdown"}
_PAGES: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {"schema": {"type": "string"}} for kind in (_FORMS["html"], _FORMS["markdown"])}}
}
_TEXT = documented(AnswerText, required=True)


@router.get("/progress")
async def progress(user: CurrentUser, reads: Reads) -> ProgressPage:
    """Compare your interviews. Those that have a report, oldest first, and the trend of each criterion."""
    return progress_document(await reads.progress(user.id))


@router.post("/sessions/{session_id}/rephrase", responses=errors(409, 504))
async def rephrase(caller: CurrentCaller, session_id: PathSession, use: UseCases) -> InterviewerMessage:
    """Ask for the current question in other words."""
    return interviewer_message(await use.rephrase(caller, session_id))


@router.get("/sessions/{session_id}/feedback")
async def feedback(caller: CurrentCaller, session_id: PathSession, reads: Reads) -> SessionFeedback:
    """Read all feedback so far, with the level of each criterion and the words that support it."""
    return SessionFeedback(feedback=feedback_entries(await reads.view(caller, session_id, feedback=True)))


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
async def better_answer(caller: CurrentCaller, session_id: PathSession, turn: int, reads: Reads) -> BetterAnswer:
    """Get a better answer, sketched from what you said yourself."""
    return BetterAnswer.of(turn, await reads.sketch(caller, session_id, _turn(turn)))


@router.get("/sessions/{session_id}/report", response_model=OwnReport, responses=_PAGES)
async def report(
    request: Request,
    response: Response,
    caller: CurrentCaller,
    session_id: PathSession,
    services: Services,
    version: int | None = None,
    form: Annotated[ReportForm | None, Query(alias="format")] = None,
) -> Response | OwnReport:
    """Read the report, the newest version by default. One that is being written is waited for. Each question shows
    what a good answer covers, as far as that is known.

    As JSON, as Markdown, or as a page to print: by `format`, or else by the `Accept` header."""
    view = await services.judgements.report(caller, session_id)
    assert view.session is not None
    answer = await services.queries.report(caller, session_id, version)
    if answer.report is None:
        raise Problem(404, "There is no such version of the report.")
    items = await services.queries.reported(caller, session_id, answer.version)
    document = OwnReport.of(
        report_document(view.session, answer, items), await services.queries.expected(caller, session_id)
    )
    wanted = _FORMS[form] if form else preferred(request.headers.get("accept", ""), tuple(_FORMS.values()))
    headers = {"Vary": "Accept"}
    if wanted == _FORMS["html"]:
        return HTMLResponse(as_html(document), headers=headers | {"Content-Security-Policy": PAGE_POLICY})
    if wanted == _FORMS["markdown"]:
        return Response(as_markdown(document), media_type=wanted, headers=headers)
    response.headers.update(headers)
    return document


@router.post("/sessions/{session_id}/report", status_code=202, responses=errors(409, 504))
async def report_anew(caller: CurrentCaller, session_id: PathSession, use: UseCases) -> ReportBegun:
    """Have the report written anew, as a further version."""
    version = await use.report_anew(caller, session_id)
    return ReportBegun(message="The report is being written anew.", version=version)


async def _with_text(request: Request) -> dict[str, Any]:
    """The body; `answer` and `message` are other names of `text`."""
    fields = await read_json(request)
    return {"text": fields.get("text") or fields.get("answer") or fields.get("message"), **fields}


def _turn(turn: int) -> int:
    if not 0 <= turn < 10_000:
        raise Problem(400, "There is no answer in that turn.")
    return turn
