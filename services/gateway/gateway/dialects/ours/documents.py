"""Résumés and job descriptions: the uploads of the dialects, and ours on top, `/api/v1/documents`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator, Mapping
from typing import IO, Annotated, Any
from uuid import UUID

import nats.errors
from contracts.documents.asks import DocumentView
from contracts.documents.live import DocumentProgress
from contracts.documents.understanding import Chunk
from contracts.subjects import live_subject
from contracts.vocabulary.document import DocumentKind
from contracts.vocabulary.limits import MAX_JOB_ROLE
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from gateway.auth.deps import CurrentUser
from gateway.auth.logins import LOGIN_OVER, Login
from gateway.bus.commands import POLL_SECONDS, Caller
from gateway.bus.subscriptions import Subscriptions
from gateway.container import container_of
from gateway.dialects.dependencies import CurrentCaller, Services, event_listener
from gateway.dialects.ours.document_shapes import MEDIA_TYPES, attachment, detail, summary
from gateway.edge.forms import open_form
from gateway.edge.sse import RETRY, STILL_HERE, error, frame, streamed
from gateway.problems import Problem
from gateway.usecases.documents import Documents, NewFile, Uploaded, parse_document_id
from gateway.values import encodable, present

router = APIRouter(tags=["documents"])
_OTHER: dict[DocumentKind, DocumentKind] = {"resume": "job_description", "job_description": "resume"}
_MOST_SKIPPED = 1_000_000
_PIECE = 256 * 1024
_FILE_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "job_role": {"type": "string", "maxLength": MAX_JOB_ROLE},
                        "replaces": {"type": "string", "format": "uuid"},
                    },
                    "required": ["file"],
                }
            }
        },
    }
}
RECEIVED = "The file was received and is being read."
KNOWN = "This file was uploaded before."
STILL_READING = "The file was received and is still being read."


def _library(services: Services) -> Documents:
    return services.documents


async def _document_id(document_id: str) -> UUID:
    return parse_document_id(document_id)


Library = Annotated[Documents, Depends(_library)]
PathDocument = Annotated[UUID, Depends(_document_id)]


@router.post("/files/upload-resume", openapi_extra=_FILE_FORM)
async def upload_and_read(request: Request, caller: CurrentCaller, library: Library) -> dict[str, Any]:
    """The text of a résumé; null, and to be asked for later, where reading takes longer than 30 seconds."""
    uploaded, filename = await _upload(request, caller, library, "resume")
    view = await _read(caller, library, uploaded)
    text = await library.text(caller, uploaded.document_id) if view.status == "completed" else None
    return {
        "filename": filename,
        "resume_text": text,
        "message": "File processed successfully." if view.status == "completed" else STILL_READING,
        "resume_id": str(uploaded.document_id),
    }


@router.post("/api/v1/resumes/upload", openapi_extra=_FILE_FORM)
async def upload_resume(
    request: Request, user: CurrentUser, caller: CurrentCaller, library: Library, job_role: str | None = None
) -> dict[str, Any]:
    """Keep a résumé, and say which skills it shows; null where reading takes longer than 30 seconds."""
    uploaded, _ = await _upload(request, caller, library, "resume", job_role)
    view = await _read(caller, library, uploaded)
    known = "This resume was uploaded before." if uploaded.duplicate else "Resume processed successfully"
    return {
        "resume_id": str(uploaded.document_id),
        "message": known if view.status == "completed" else STILL_READING,
        "skills": [skill.name for skill in view.understanding.skills] if view.understanding else None,
        "duplicate": uploaded.duplicate,
    }


@router.post("/api/v1/documents/upload/jd", openapi_extra=_FILE_FORM)
async def upload_job_description(
    request: Request, caller: CurrentCaller, library: Library, job_role: str | None = None
) -> dict[str, Any]:
    """Take a job description. It is read afterwards: ask for the document, or listen to its events."""
    return _accepted(*await _upload(request, caller, library, "job_description", job_role))


@router.post("/api/v1/documents/upload/resume", openapi_extra=_FILE_FORM)
async def upload_resume_later(
    request: Request, caller: CurrentCaller, library: Library, job_role: str | None = None
) -> dict[str, Any]:
    """Take a résumé. It is read afterwards: ask for the document, or listen to its events."""
    return _accepted(*await _upload(request, caller, library, "resume", job_role))


@router.get("/api/v1/documents")
async def list_documents(
    user: CurrentUser,
    library: Library,
    kind: DocumentKind | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    offset: Annotated[int, Query(ge=0, le=_MOST_SKIPPED)] = 0,
) -> dict[str, Any]:
    """One's documents, newest first."""
    return {"documents": [summary(view) for view in await library.of_user(user.id, kind, limit, offset)]}


@router.get("/api/v1/documents/{document_id}")
async def show(
    caller: CurrentCaller, document_id: PathDocument, library: Library, against: str | None = None
) -> dict[str, Any]:
    """A document, what was found in it, and how it compares with another: the newest of the other kind by default."""
    view = await library.view(caller, document_id)
    if present(against):
        other: UUID | None = (await library.view(caller, parse_document_id(against))).document_id
    else:
        other = await _newest_other(caller, library, view)
    analysis = await _compared(caller, library, view, other) if other else None
    if present(against) and analysis is None and view.status == "completed":
        raise Problem(409, "A resume can be compared with a job description, once both are read.")
    return detail(view, other, analysis)


@router.get("/api/v1/documents/{document_id}/text")
async def text(
    caller: CurrentCaller, document_id: PathDocument, library: Library, contact: bool = True
) -> dict[str, Any]:
    """The words of a document; `contact=false` leaves out contact data, as interviews do."""
    view = await library.view(caller, document_id)
    if view.status != "completed":
        raise Problem(409, view.error or STILL_READING)
    return {"document_id": str(document_id), "text": await library.text(caller, document_id, contact=contact)}


@router.get("/api/v1/documents/{document_id}/chunks")
async def chunks(caller: CurrentCaller, document_id: PathDocument, library: Library) -> dict[str, list[Chunk]]:
    """The pieces of a document that questions refer to."""
    return {"chunks": await library.chunks(caller, document_id)}


@router.get("/api/v1/documents/{document_id}/versions")
async def versions(
    user: CurrentUser, caller: CurrentCaller, document_id: PathDocument, library: Library
) -> dict[str, Any]:
    """The documents that replaced one another, newest first."""
    view = await library.view(caller, document_id)
    found = await library.of_user(user.id, None, 100, 0, view.series_id)
    return {"versions": [summary(each) for each in found]}


@router.get("/api/v1/documents/{document_id}/file", response_class=Response)
async def download(caller: CurrentCaller, document_id: PathDocument, library: Library) -> Response:
    """The file as it was uploaded."""
    async with library.uploading():
        view, raw = await library.file(caller, document_id)
        size, content = len(raw), await asyncio.to_thread(_on_disk, raw)
    # Never shown in the browser under our address: it is a stranger's file.
    headers = {"Content-Disposition": attachment(view.filename), "X-Content-Type-Options": "nosniff"}
    headers |= {"Content-Security-Policy": "sandbox", "Cache-Control": "private, no-store"}
    headers["Content-Length"] = str(size)
    media_type = MEDIA_TYPES.get(view.media_type or "", "application/octet-stream")
    return StreamingResponse(_pieces(content), media_type=media_type, headers=headers)


def _on_disk(raw: bytes) -> IO[bytes]:
    """In an unnamed temporary file, so that a slow reader does not keep it in memory."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (it is closed by whoever reads it)
    file.write(raw)
    file.seek(0)
    return file


async def _pieces(content: IO[bytes]) -> AsyncIterator[bytes]:
    with content:
        while piece := await asyncio.to_thread(content.read, _PIECE):
            yield piece


@router.delete("/api/v1/documents/{document_id}")
async def delete(caller: CurrentCaller, document_id: PathDocument, library: Library) -> dict[str, str]:
    """Forget a document. Interviews that began with it keep what they were told."""
    await library.delete(caller, document_id)
    return {"message": "The document was deleted.", "document_id": str(document_id)}


@router.get("/api/v1/documents/{document_id}/events")
async def events(
    request: Request, document_id: PathDocument, library: Library, services: Services
) -> StreamingResponse:
    """Server-sent events while a document is read: `progress`, and at the end `completed` or `error`."""
    caller, login = await event_listener(request)
    view = await library.view(caller, document_id)
    return streamed(_lines(services.subscriptions, library, caller, view, login))


async def _lines(
    subscriptions: Subscriptions, library: Documents, caller: Caller, view: DocumentView, login: Login
) -> AsyncIterator[str]:
    """Progress as it comes, and the end, which a look now and then does not miss; all that while the login is good."""
    yield RETRY
    document_id = view.document_id
    with contextlib.suppress(nats.errors.Error, OSError, Problem):
        async with subscriptions.progress(document_id) as queue:
            while (view := await library.view(caller, document_id)).status == "processing":
                with contextlib.suppress(TimeoutError):
                    while not await login.is_over():
                        message = await asyncio.wait_for(queue.get(), POLL_SECONDS)
                        if message.subject != live_subject(document_id, "progress"):
                            break
                        shown = DocumentProgress.model_validate_json(message.data)
                        yield frame("progress", shown.model_dump_json())
                    else:
                        yield error(LOGIN_OVER)
                        return
                    continue
                yield STILL_HERE
        yield frame(view.status, json.dumps(summary(view)))


async def _upload(
    request: Request, caller: Caller, library: Documents, kind: DocumentKind, job_role: str | None = None
) -> tuple[Uploaded, str]:
    """Take the file of a form; the document, and the file's name. Raises Problem."""
    most = container_of(request).settings.max_upload_mb * 1024 * 1024
    # The slot is for what is in memory; a slow client must not hold one.
    async with open_form(request, most) as opened, library.uploading():
        form = await opened.read()
        filename = form.filename.replace("\\", "/").rpartition("/")[2].strip() or "document"
        role = present(str(form.fields.get("job_role") or job_role or ""))
        if role and len(role) > MAX_JOB_ROLE:
            raise Problem(400, f"job_role: at most {MAX_JOB_ROLE} characters.")
        for name, value in (("file", filename), ("job_role", role)):
            if value and not encodable(value):
                raise Problem(400, f"{name}: the name contains characters that cannot be stored.")
        replaces = _replaced(form.fields)
        file = NewFile(kind, form.raw, filename, role, replaces)
        return await library.upload(caller, file), filename


def _replaced(fields: Mapping[str, Any]) -> UUID | None:
    value = present(str(fields.get("replaces") or ""))
    return parse_document_id(value) if value else None


async def _read(caller: Caller, library: Documents, uploaded: Uploaded) -> DocumentView:
    """The document once it is read, or after 30 seconds as it stands. Raises Problem 400 or 413 for one that cannot be;
    nobody would ask for it again, so it is forgotten."""
    view = await library.settled(caller, uploaded.document_id)
    if view.status == "error":
        if not uploaded.duplicate:
            await library.delete(caller, uploaded.document_id)
        raise Problem(413 if view.error_code == "too_large" else 400, view.error or "The file could not be read.")
    return view


def _accepted(uploaded: Uploaded, filename: str) -> dict[str, Any]:
    document_id = str(uploaded.document_id)
    return {
        "message": KNOWN if uploaded.duplicate else RECEIVED,
        "filename": filename,
        "stored_path": f"document:{document_id}",
        "task_id": document_id,
        "document_id": document_id,
        "duplicate": uploaded.duplicate,
    }


async def _newest_other(caller: Caller, library: Documents, view: DocumentView) -> UUID | None:
    if caller.user_id is None or view.status != "completed":
        return None
    others = await library.of_user(caller.user_id, _OTHER[view.kind], 20, 0)
    return next((other.document_id for other in others if other.status == "completed"), None)


async def _compared(caller: Caller, library: Documents, view: DocumentView, other: UUID) -> Any:
    pair = (view.document_id, other) if view.kind == "resume" else (other, view.document_id)
    return await library.gaps(caller, *pair)
