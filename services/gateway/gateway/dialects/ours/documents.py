"""Ours, on top of the dialects: résumés and job descriptions, `/api/v1/documents`."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from typing import IO, Annotated, Any
from uuid import UUID

import nats.errors
from contracts.documents.asks import DocumentView
from contracts.documents.live import DocumentProgress
from contracts.documents.understanding import GapAnalysis
from contracts.subjects import live_subject
from contracts.vocabulary.document import DocumentKind
from fastapi import Depends, Query
from fastapi.responses import StreamingResponse

from gateway.auth.deps import CurrentUser
from gateway.auth.logins import LOGIN_OVER, Login
from gateway.bus.commands import POLL_SECONDS, Caller
from gateway.bus.subscriptions import Subscriptions
from gateway.dialects.dependencies import CurrentCaller, Listener, Services
from gateway.dialects.ours.document_shapes import (
    MEDIA_TYPES,
    UNKNOWN,
    DocumentChunks,
    DocumentDeleted,
    DocumentDetail,
    DocumentPage,
    DocumentVersions,
    DocumentWords,
    ListedDocument,
    attachment,
)
from gateway.dialects.uploads import STILL_READING, Library
from gateway.edge.operations import dialect_router, errors, refuses
from gateway.edge.sse import EVENT_STREAM, RETRY, STILL_HERE, error, frame, streamed
from gateway.problems import Problem
from gateway.usecases.documents import Documents, parse_document_id
from gateway.values import present

router = dialect_router(prefix="/api/v1/documents", tag="ours: documents")
_OTHER: dict[DocumentKind, DocumentKind] = {"resume": "job_description", "job_description": "resume"}
_MOST_SKIPPED = 1_000_000
_PIECE = 256 * 1024
_FILES: dict[int | str, dict[str, Any]] = {200: {"content": {each: {} for each in (*MEDIA_TYPES.values(), UNKNOWN)}}}


@refuses(404)
async def _document_id(document_id: str) -> UUID:
    return parse_document_id(document_id)


PathDocument = Annotated[UUID, Depends(_document_id)]


@router.get("")
async def list_documents(
    user: CurrentUser,
    library: Library,
    kind: DocumentKind | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    offset: Annotated[int, Query(ge=0, le=_MOST_SKIPPED)] = 0,
) -> DocumentPage:
    """List your documents, newest first."""
    found = await library.of_user(user.id, kind, limit, offset)
    return DocumentPage(documents=[ListedDocument.of(view) for view in found])


@router.get("/{document_id}", responses=errors(409))
async def show(
    caller: CurrentCaller, document_id: PathDocument, library: Library, against: str | None = None
) -> DocumentDetail:
    """Read a document. The answer has what was found in it, and how it compares with the document `against`: without
    that, with the newest of the other kind."""
    view = await library.view(caller, document_id)
    if present(against):
        other: UUID | None = (await library.view(caller, parse_document_id(against))).document_id
    else:
        other = await _newest_other(caller, library, view)
    analysis = await _compared(caller, library, view, other) if other else None
    if present(against) and analysis is None and view.status == "completed":
        raise Problem(409, "A resume can be compared with a job description, once both are read.")
    return DocumentDetail.found(view, other, analysis)


@router.get("/{document_id}/text", responses=errors(409))
async def text(
    caller: CurrentCaller, document_id: PathDocument, library: Library, contact: bool = True
) -> DocumentWords:
    """Read the words of a document. `contact=false` leaves out contact data, as interviews do."""
    view = await library.view(caller, document_id)
    if view.status != "completed":
        raise Problem(409, view.error or STILL_READING)
    words = await library.text(caller, document_id, contact=contact)
    return DocumentWords(document_id=document_id, text=words)


@router.get("/{document_id}/chunks")
async def chunks(caller: CurrentCaller, document_id: PathDocument, library: Library) -> DocumentChunks:
    """Read the pieces of a document that questions refer to."""
    return DocumentChunks(chunks=await library.chunks(caller, document_id))


@router.get("/{document_id}/versions")
async def versions(
    user: CurrentUser, caller: CurrentCaller, document_id: PathDocument, library: Library
) -> DocumentVersions:
    """List the documents that replaced one another, newest first."""
    view = await library.view(caller, document_id)
    found = await library.of_user(user.id, None, 100, 0, view.series_id)
    return DocumentVersions(versions=[ListedDocument.of(each) for each in found])


@router.get("/{document_id}/file", response_class=StreamingResponse, responses=_FILES)
async def download(caller: CurrentCaller, document_id: PathDocument, library: Library) -> StreamingResponse:
    """Download the file as it was uploaded."""
    async with library.uploading():
        view, raw = await library.file(caller, document_id)
        size, content = len(raw), await asyncio.to_thread(_on_disk, raw)
    # Never shown in the browser under our address: it is a stranger's file.
    headers = {"Content-Disposition": attachment(view.filename), "X-Content-Type-Options": "nosniff"}
    headers |= {"Content-Security-Policy": "sandbox", "Cache-Control": "private, no-store"}
    headers["Content-Length"] = str(size)
    media_type = MEDIA_TYPES.get(view.media_type or "", UNKNOWN)
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


@router.delete("/{document_id}")
async def delete(caller: CurrentCaller, document_id: PathDocument, library: Library) -> DocumentDeleted:
    """Delete a document. Interviews that began with it keep what they were told."""
    await library.delete(caller, document_id)
    return DocumentDeleted(message="The document was deleted.", document_id=document_id)


@router.get("/{document_id}/events", response_class=StreamingResponse, responses=EVENT_STREAM)
async def events(
    listener: Listener, document_id: PathDocument, library: Library, services: Services
) -> StreamingResponse:
    """Listen while a document is read. Server-sent events: `progress`, and at the end `completed` or `error`."""
    caller, login = listener
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
        yield frame(view.status, ListedDocument.of(view).model_dump_json())


async def _newest_other(caller: Caller, library: Documents, view: DocumentView) -> UUID | None:
    if caller.user_id is None or view.status != "completed":
        return None
    others = await library.of_user(caller.user_id, _OTHER[view.kind], 20, 0)
    return next((other.document_id for other in others if other.status == "completed"), None)


async def _compared(caller: Caller, library: Documents, view: DocumentView, other: UUID) -> GapAnalysis | None:
    pair = (view.document_id, other) if view.kind == "resume" else (other, view.document_id)
    return await library.gaps(caller, *pair)
