"""Ours, on top of the dialects: everything that is kept about a person or an interview, as a ZIP file."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

from fastapi.responses import StreamingResponse

from gateway.auth.answers import UserAnswer
from gateway.auth.deps import CurrentUser
from gateway.container import Container
from gateway.dialects.dependencies import CurrentCaller, PathSession, Reads, Services
from gateway.dialects.ours.export_files import Export, ExportedAccount, ExportedLogin, owned
from gateway.edge.archive import MEDIA_TYPE, Load, zipped
from gateway.edge.operations import dialect_router

router = dialect_router(prefix="/api/v1", tag="ours: your data")
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"description": "The archive.", "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
}
_HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


@router.get("/sessions/{session_id}/export", response_class=StreamingResponse, responses=_ZIP)
async def export_session(
    caller: CurrentCaller, session_id: PathSession, reads: Reads, services: Services
) -> StreamingResponse:
    """Export an interview. A ZIP file with what was said, the feedback, the report, the recordings, and the documents
    that the interview was told of. `README.txt` says what is what, and `MISSING.txt` what could not be read."""
    view = await reads.view(caller, session_id, messages=True, feedback=True)
    now = datetime.now(UTC)
    files = Export(services, caller, now).of_interview(view)
    return _archive(services, f"parley-interview-{str(session_id)[:8]}.zip", files)


@router.get("/me/export", response_class=StreamingResponse, responses=_ZIP)
async def export_account(user: CurrentUser, caller: CurrentCaller, services: Services) -> StreamingResponse:
    """Export everything that is kept about you. A ZIP file with your account, interviews, recordings, documents and
    question banks. `README.txt` says what is what, and `MISSING.txt` what could not be read."""
    now = datetime.now(UTC)
    logins = [
        ExportedLogin(device=each.device, created_at=each.created_at, last_used_at=each.last_used_at)
        for each in await services.own_logins.listed(user.id)
    ]
    found = await owned(services, user.id, ExportedAccount(account=UserAnswer.of(user), logins=logins))
    return _archive(services, f"parley-{now:%Y-%m-%d}.zip", Export(services, caller, now).of_account(found))


def _archive(services: Container, name: str, files: AsyncGenerator[Load, None]) -> StreamingResponse:
    headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(zipped(files, services.documents.uploading()), media_type=MEDIA_TYPE, headers=headers)
