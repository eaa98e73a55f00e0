"""Reading a file that a request brings: as its body, or as the field `file` of a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.types import Message

from gateway.banks.files import MAX_FILE_BYTES, Format
from gateway.errors import Problem

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_FORMATS: dict[str, Format] = {
    "application/yaml": "yaml",
    "application/x-yaml": "yaml",
    "text/yaml": "yaml",
    "text/x-yaml": "yaml",
    "text/csv": "csv",
}
_AROUND = 16 * 1024
"""What a form may hold beside its file, in bytes."""
_MAX_FIELDS = 20


@dataclass(frozen=True)
class Upload:
    """A file, its format where the request names it, and the other fields of its form."""

    raw: bytes
    format: Format | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


async def read_upload(request: Request) -> Upload:
    """The file. Raises Problem 400, or 413 for one that is too large."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in _FORMS:
        return await _from_form(request, await _body(request, MAX_FILE_BYTES + _AROUND))
    if media_type not in _FORMATS:
        raise Problem(400, "Please send the questions as application/yaml or text/csv, or as the file of a form.")
    return Upload(await _body(request, MAX_FILE_BYTES), _FORMATS[media_type])


async def _body(request: Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Problem(413, f"The file is larger than {MAX_FILE_BYTES // 1024} KiB.")
    return bytes(body)


async def _from_form(request: Request, body: bytes) -> Upload:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    # A second request over the bytes we limited: the parser wants a stream of its own.
    again = Request(request.scope, receive)
    try:
        async with again.form(max_files=1, max_fields=_MAX_FIELDS, max_part_size=MAX_FILE_BYTES) as form:
            file = form.get("file")
            raw = await file.read() if isinstance(file, UploadFile) else file
            fields = {name: value for name, value in form.items() if isinstance(value, str) and name != "file"}
    except (HTTPException, MultiPartException, ValueError, LookupError):
        raise Problem(400, "The form could not be read.") from None
    if raw is None:
        raise Problem(400, "The form has no field named file.")
    return Upload(raw.encode() if isinstance(raw, str) else raw, None, fields)
