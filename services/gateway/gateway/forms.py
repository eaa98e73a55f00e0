"""Reading a form that brings a file, within limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.types import Message

from gateway.errors import Problem

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_AROUND = 16 * 1024
"""What a form may hold beside its file, in bytes."""
_MAX_FIELDS = 20


class TooLong(Exception):
    """More was sent than is taken."""


@dataclass(frozen=True)
class Form:
    """A file, its name, and the other fields of the form."""

    raw: bytes
    filename: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


async def read_form(request: Request, most: int) -> Form:
    """The form whose file is its field `file`, or the only file in it. `most` is the size of the file in bytes.

    Raises Problem 400, and 413 for a file that is too large.
    """
    try:
        return await _read(request, most)
    except TooLong:
        raise Problem(413, f"The file is larger than {_size(most)}.") from None
    except (HTTPException, MultiPartException, ValueError, LookupError) as error:
        if isinstance(error, Problem):
            raise
        raise Problem(400, "The form could not be read.") from None


async def _read(request: Request, most: int) -> Form:
    again = Request(request.scope, _Counted(request, most + _AROUND).receive)
    async with again.form(max_files=1, max_fields=_MAX_FIELDS, max_part_size=most) as form:
        file = form.get("file") or next((each for each in form.values() if isinstance(each, UploadFile)), None)
        fields = {name: value for name, value in form.items() if isinstance(value, str) and name != "file"}
        if isinstance(file, UploadFile):
            raw, filename = await file.read(), file.filename or ""
        elif isinstance(file, str):
            raw, filename = file.encode(), ""
        else:
            raise Problem(400, "The form has no field named file.")
    if len(raw) > most:
        raise TooLong
    return Form(raw, filename, fields)


class _Counted:
    """A request's body as it comes, up to a limit: large files go to a temporary one while they are read."""

    def __init__(self, request: Request, most: int) -> None:
        self._request = request
        self._left = most

    async def receive(self) -> Message:
        """The next piece. Raises TooLong."""
        message = await self._request.receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise TooLong
        return message


def _size(count: int) -> str:
    megabytes = count / 1024 / 1024
    return f"{megabytes:g} MB" if megabytes >= 1 else f"{count // 1024} KiB"
