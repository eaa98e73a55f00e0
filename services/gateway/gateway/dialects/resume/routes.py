"""The résumé-grounded API: `/api/v1/resumes` and `/api/v1/interviews`."""

from __future__ import annotations

from fastapi import Request

from gateway.auth.deps import CurrentUser
from gateway.dialects.dependencies import CurrentCaller, Services, created
from gateway.dialects.resume.shapes import ResumeInterview, ResumeKept, Welcome
from gateway.dialects.uploads import FORM, STILL_READING, Library, read, take
from gateway.edge.bodies import documented, read_json
from gateway.edge.operations import dialect_router, errors
from gateway.problems import Problem
from gateway.values import present

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
    wanted = await services.configuring.wanted(caller, defaults | fields)
    session_id = await created(services, caller, wanted)
    welcome = await services.interviews.start(caller, session_id)
    return Welcome(session_id=str(session_id), message=welcome.content)
