"""The agent API's upload of a résumé: `/files`."""

from __future__ import annotations

from fastapi import Request

from gateway.dialects.agent.shapes import ResumeText
from gateway.dialects.dependencies import Uploader
from gateway.dialects.uploads import FORM, STILL_READING, Library, read, take
from gateway.edge.operations import dialect_router, errors

router = dialect_router(prefix="/files", tag="agent")


@router.post("/upload-resume", openapi_extra=FORM, responses=errors(404, 409))
async def upload_resume(request: Request, caller: Uploader, library: Library) -> ResumeText:
    """Upload a résumé and get its text. The text is null, and to be asked for later, where reading takes longer than 30
    seconds."""
    uploaded, filename = await take(request, caller, library, "resume")
    view = await read(caller, library, uploaded)
    completed = view.status == "completed"
    return ResumeText(
        filename=filename,
        resume_text=await library.text(caller, uploaded.document_id) if completed else None,
        message="File processed successfully." if completed else STILL_READING,
        resume_id=str(uploaded.document_id),
    )
