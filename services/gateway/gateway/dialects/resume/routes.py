"""The résumé-grounded API: `/api/v1/resumes`, `/api/v1/interviews` and the answers of `/api/v1/sessions`."""

from __future__ import annotations

import asyncio
from uuid import UUID

from fastapi import Request
from parley_text.questions import question_of

from gateway.auth.deps import CurrentUser
from gateway.bus.commands import Caller
from gateway.container import Container
from gateway.dialects.dependencies import CurrentCaller, PathSession, Services, created
from gateway.dialects.report_shapes import SessionReport, report_document
from gateway.dialects.resume.shapes import AnswerBody, Answered, ResumeInterview, ResumeKept, Welcome, evaluation
from gateway.dialects.rounds import Evaluation, next_question
from gateway.dialects.uploads import FORM, STILL_READING, Library, read, take
from gateway.edge.bodies import documented, read_json
from gateway.edge.operations import dialect_router, errors
from gateway.problems import Problem
from gateway.values import parse, present

router = dialect_router(prefix="/api/v1", tag="resume")
QUESTIONS = 10
"""After the introduction, where nothing else is asked for."""


@router.post("/resumes/upload", openapi_extra=FORM, responses=errors(404, 409))
async def upload_resume(
    request: Request, user: CurrentUser, caller: CurrentCaller, library: Library, job_role: str | None = None
) -> ResumeKept:
    """Keep a résumé and get the skills that it shows. They are null where reading takes longer than 30 seconds."""
    uploaded, _ = await take(request, caller, library, "resume", job_role)
    view = await read(caller, library, uploaded)
    known = "This resume was uploaded before." if uploaded.duplicate else "Resume processed successfully"
    return ResumeKept(
        resume_id=str(uploaded.document_id),
        message=known if view.status == "completed" else STILL_READING,
        skills=[skill.name for skill in view.understanding.skills] if view.understanding else None,
        duplicate=uploaded.duplicate,
    )


@router.post(
    "/interviews/start", openapi_extra=documented(ResumeInterview, required=True), responses=errors(404, 409, 504)
)
async def start(request: Request, user: CurrentUser, caller: CurrentCaller, services: Services) -> Welcome:
    """Begin an interview about a résumé. The answer is the welcome, which asks whether the candidate is ready."""
    fields = await read_json(request)
    if present(str(fields.get("resume_id") or "")) is None:
        raise Problem(400, "resume_id: field required.")
    defaults = {"target_question_count": QUESTIONS, "ask_consent": True}
    wanted = await services.configuring.wanted(caller, defaults | fields, "resume")
    session_id = await created(services, caller, wanted)
    welcome = await services.interviews.start(caller, session_id)
    return Welcome(session_id=str(session_id), message=welcome.content)


@router.post(
    "/sessions/{session_id}/answer", openapi_extra=documented(AnswerBody, required=True), responses=errors(409, 504)
)
async def answer(request: Request, caller: CurrentCaller, session_id: PathSession, services: Services) -> Answered:
    """Answer the current question. What comes of it is the feedback and the next question; after the last one, the
    report. Both are waited for, up to 30 seconds."""
    body = parse(AnswerBody, await read_json(request))
    reply = await services.interviews.answer(caller, session_id, body.answer)
    if reply.turn < 0:  # the interview was over before
        return Answered(
            message=reply.content,
            evaluation=None,
            next_question=None,
            report=await _report(services, caller, session_id),
        )
    question, over = next_question(reply), reply.response_type == "closing"
    if question is None and not over:  # it is not judged, and the same question stands
        return Answered(message=reply.content, evaluation=None, next_question=None)
    evaluating = _evaluated(services, caller, session_id, reply.turn - 1)
    if over:  # both take their time, and the candidate waits once
        (judged, _), report = await asyncio.gather(evaluating, _report(services, caller, session_id))
        return Answered(message=reply.content, evaluation=judged, next_question=None, report=report)
    judged, was_welcome = await evaluating
    return Answered(message=_thanks(reply.content) if was_welcome else None, evaluation=judged, next_question=question)


def _thanks(text: str) -> str:
    """What is said before the first question, in the language of the interview."""
    return text.removesuffix(question_of(text)).strip() or text


async def _evaluated(
    services: Container, caller: Caller, session_id: UUID, turn: int
) -> tuple[Evaluation | None, bool]:
    """How the answer of a turn did, and whether it was that to the welcome, which is not judged."""
    view = await services.queries.view(caller, session_id, messages=True)
    asked = next((each for each in view.messages if each.turn == turn and each.role == "assistant"), None)
    if asked is not None and asked.metadata["phase"] == "welcome":
        return None, True
    item = await services.judgements.feedback(caller, session_id, turn)
    return evaluation(asked, item, withheld=bool(view.session and view.session.config.mode == "realistic")), False


async def _report(services: Container, caller: Caller, session_id: UUID) -> SessionReport | None:
    """The report; None where it is late, or there will be none."""
    try:
        view = await services.judgements.report(caller, session_id)
    except Problem:
        return None
    assert view.session is not None
    return report_document(view.session, await services.queries.report(caller, session_id), view.feedback)
