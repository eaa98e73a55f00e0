"""Taking a résumé or a job description that a form brings; several dialects have routes for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from contracts.documents.asks import DocumentView
from contracts.text import storable
from contracts.vocabulary.document import DocumentKind
from contracts.vocabulary.limits import MAX_JOB_ROLE
from fastapi import Depends, Request

from gateway.bus.commands import Caller
from gateway.container import container_of
from gateway.dialects.dependencies import Services
from gateway.edge.forms import open_form
from gateway.problems import Problem
from gateway.usecases.documents import Documents, NewFile, Uploaded, parse_document_id
from gateway.values import present

STILL_READING = "The file was received and is still being read."
FORM: dict[str, Any] = {
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
"""The body of those routes, for the description."""


async def _documents(services: Services) -> Documents:
    return services.documents


Library = Annotated[Documents, Depends(_documents)]


async def take(
    request: Request, caller: Caller, library: Documents, kind: DocumentKind, job_role: str | None = None
) -> tuple[Uploaded, str]:
    """The document that the file of a form becomes, and the file's name. Raises Problem."""
    most = container_of(request).settings.max_upload_mb * 1024 * 1024
    # The slot is for what is in memory; a slow client must not hold one.
    async with open_form(request, most) as opened, library.uploading():
        form = await opened.read()
        filename = form.filename.replace("\\", "/").rpartition("/")[2].strip() or "document"
        role = present(str(form.fields.get("job_role") or job_role or ""))
        if role and len(role) > MAX_JOB_ROLE:
            raise Problem(400, f"job_role: at most {MAX_JOB_ROLE} characters.")
        for name, value in (("file", filename), ("job_role", role)):
            if value and not storable(value):
                raise Problem(400, f"{name}: the name contains characters that cannot be stored.")
        file = NewFile(kind, form.raw, filename, role, _replaced(form.fields))
        return await library.upload(caller, file), filename


def _replaced(fields: Mapping[str, Any]) -> UUID | None:
    value = present(str(fields.get("replaces") or ""))
    return parse_document_id(value) if value else None


async def read(caller: Caller, library: Documents, uploaded: Uploaded) -> DocumentView:
    """The document once it is read, or after 30 seconds as it stands. Raises Problem 400 or 413 for one that cannot be;
    nobody would ask for it again, so it is forgotten."""
    view = await library.settled(caller, uploaded.document_id)
    if view.status == "error":
        if not uploaded.duplicate:
            await library.delete(caller, uploaded.document_id)
        raise Problem(413 if view.error_code == "too_large" else 400, view.error or "The file could not be read.")
    return view
