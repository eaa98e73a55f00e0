"""What the résumé-grounded API takes and answers."""

from __future__ import annotations

from typing import Literal

from contracts.vocabulary.limits import MAX_JOB_ROLE
from pydantic import BaseModel, Field


class ResumeInterview(BaseModel):
    """Which résumé, for which job; anything else of a session's configuration may be there too."""

    resume_id: str
    job_role: str = Field("", max_length=MAX_JOB_ROLE)


class Welcome(BaseModel):
    """The first message of an interview, which asks whether the candidate is ready."""

    session_id: str
    message: str
    type: Literal["welcome"] = "welcome"


class ResumeKept(BaseModel):
    """A résumé that is kept. `skills` is null while it is being read; `duplicate`: the same file was there before."""

    resume_id: str
    message: str
    skills: list[str] | None
    duplicate: bool
