"""The résumé-grounded API: `/api/v1/interviews`."""

from __future__ import annotations

from typing import Any

from contracts.vocabulary.limits import MAX_JOB_ROLE
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from gateway.auth.deps import CurrentUser
from gateway.dialects.dependencies import CurrentCaller, Services, created
from gateway.edge.bodies import documented, read_json
from gateway.problems import Problem
from gateway.values import present

router = APIRouter(prefix="/api/v1/interviews", tags=["resume interview"])
QUESTIONS = 10
"""After the introduction, where nothing else is asked for."""


class ResumeInterview(BaseModel):
    """Which résumé, for which job; anything else of a session's configuration may be there too."""

    resume_id: str
    job_role: str = Field("", max_length=MAX_JOB_ROLE)


@router.post("/start", openapi_extra=documented(ResumeInterview, required=True))
async def start(request: Request, user: CurrentUser, caller: CurrentCaller, services: Services) -> dict[str, Any]:
    """Begin an interview about a résumé: the welcome, which asks whether the candidate is ready."""
    fields = await read_json(request)
    if present(str(fields.get("resume_id") or "")) is None:
        raise Problem(400, "resume_id: field required.")
    defaults = {"target_question_count": QUESTIONS, "ask_consent": True}
    wanted = await services.configuring.wanted(caller, defaults | fields)
    session_id = await created(services, caller, wanted)
    welcome = await services.interviews.start(caller, session_id)
    return {"session_id": str(session_id), "message": welcome.content, "type": "welcome"}
