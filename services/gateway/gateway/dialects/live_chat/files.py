"""The live chat API's uploads: `/api/v1/documents/upload`."""

from __future__ import annotations

from fastapi import Request

from gateway.dialects.dependencies import Uploader
from gateway.dialects.live_chat.shapes import Accepted
from gateway.dialects.uploads import FORM, Library, take
from gateway.edge.operations import dialect_router, errors
from gateway.usecases.documents import Uploaded

router = dialect_router(prefix="/api/v1/documents/upload", tag="live chat")
RECEIVED = "The file was received and is being read."
KNOWN = "This file was uploaded before."


@router.post("/jd", openapi_extra=FORM, responses=errors(404, 409))
async def upload_job_description(
    request: Request, caller: Uploader, library: Library, job_role: str | None = None
) -> Accepted:
    """Upload a job description. It is read afterwards: ask for the document, or listen to its events."""
    return _accepted(*await take(request, caller, library, "job_description", job_role))


@router.post("/resume", openapi_extra=FORM, responses=errors(404, 409))
async def upload_resume(request: Request, caller: Uploader, library: Library, job_role: str | None = None) -> Accepted:
    """Upload a résumé. It is read afterwards: ask for the document, or listen to its events."""
    return _accepted(*await take(request, caller, library, "resume", job_role))


def _accepted(uploaded: Uploaded, filename: str) -> Accepted:
    document_id = str(uploaded.document_id)
    return Accepted(
        message=KNOWN if uploaded.duplicate else RECEIVED,
        filename=filename,
        stored_path=f"document:{document_id}",
        task_id=document_id,
        document_id=document_id,
        duplicate=uploaded.duplicate,
    )
