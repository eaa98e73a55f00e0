"""Reading a form that brings a file, within limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.types import Message

from gateway.edge.bodies import read_json
from gateway.edge.limits import CALLER
from gateway.problems import Problem
from gateway.values import must_be_storable

LARGE_JSON = 256 * 1024
"""Bytes of a JSON body from which on it needs a place, as a file does."""
MOST_JSON, JSON_OF_UNKNOWN_SIZE = 256 * 1024 * 1024, 16
"""Bytes of all of them that are being read, in memory; so many of those may not say how large they are."""
SECONDS = 120.0
"""Within which a form has to be here: enough for 10 MB over a bad mobile connection."""
FORMS_AT_ONCE = 64
"""Each takes up to 1 MB of memory, and the rest of its file on disk."""
FORMS_OF_ONE_CALLER = 4
"""More would let one caller, who sends slowly, keep everybody else's files out."""
TIMEOUT = 5.0
"""Seconds that a further form of the same caller waits for its turn."""
_AROUND = 16 * 1024
"""What a form may hold beside its file, in bytes."""
_MAX_FIELDS = 20
_PART_TOO_LARGE = "exceeded maximum size"
_NO_FORM = "The form could not be read."
_TOO_MANY = "Too many files are being uploaded just now. Please try again."
_LATER = {"Retry-After": "5"}
_open_forms = 0
_json_bytes = 0
_places: dict[str, tuple[asyncio.Semaphore, int]] = {}
"""The places of each caller, and how many forms have one or wait for it."""


class TooLong(Exception):
    """More was sent than is taken."""


@dataclass(frozen=True)
class Form:
    """A file, its name, and the other fields of the form."""

    raw: bytes
    filename: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class OpenForm:
    """A form that is here, with its file not in memory yet."""

    form: FormData
    most: int

    async def read(self) -> Form:
        """The form with its file: the field `file`, or the only file in it. Raises Problem 400 and 413."""
        form = self.form
        file = form.get("file") or next((each for each in form.values() if isinstance(each, UploadFile)), None)
        fields = {name: value for name, value in form.items() if isinstance(value, str) and name != "file"}
        if isinstance(file, UploadFile):
            raw, filename = await file.read(), file.filename or ""
        elif isinstance(file, str):
            raw, filename = file.encode(), ""
        else:
            raise Problem(400, "The form has no field named file.")
        if len(raw) > self.most:
            raise _too_large(self.most)
        must_be_storable({**fields, "file": filename})
        return Form(raw, filename, fields)


async def read_form(request: Request, most: int) -> Form:
    """The form with its file, of at most so many bytes. Raises Problem as below."""
    async with open_form(request, most) as form:
        return await form.read()


async def read_large_json(request: Request) -> dict[str, Any]:
    """The fields of a JSON object that may hold a recording. Raises Problem as `open_form` does, but for 413,
    which the edge says."""
    declared = int(request.headers.get("content-length") or MOST_JSON // JSON_OF_UNKNOWN_SIZE)
    if declared < LARGE_JSON:
        return await read_json(request)
    async with _place_of(str(request.scope.get(CALLER, ""))):
        with _room_for(declared):
            return await read_json(request)


@asynccontextmanager
async def open_form(request: Request, most: int) -> AsyncIterator[OpenForm]:
    """The form once all of it is here.

    Raises Problem 400, 408 for one that takes too long, 413 for one that is too large, 429 where the caller's
    others are in the way, 503 where everybody's are.
    """
    async with _place_of(str(request.scope.get(CALLER, ""))):
        with _one_of_all():
            form = await _received(request, most)
            try:
                yield OpenForm(form, most)
            finally:
                await form.close()


@contextmanager
def _one_of_all() -> Iterator[None]:
    global _open_forms
    if _open_forms >= FORMS_AT_ONCE:
        raise Problem(503, _TOO_MANY, _LATER)
    _open_forms += 1
    try:
        yield
    finally:
        _open_forms -= 1


@contextmanager
def _room_for(size: int) -> Iterator[None]:
    global _json_bytes
    if _json_bytes + size > MOST_JSON:
        raise Problem(503, _TOO_MANY, _LATER)
    _json_bytes += size
    try:
        yield
    finally:
        _json_bytes -= size


@asynccontextmanager
async def _place_of(caller: str) -> AsyncIterator[None]:
    """One of the caller's places. Who waits for one sends nothing meanwhile: the body stays unread."""
    places, users = _places.get(caller, (asyncio.Semaphore(FORMS_OF_ONE_CALLER), 0))
    _places[caller] = (places, users + 1)
    try:
        await _take_place(places)
        try:
            yield
        finally:
            places.release()
    finally:
        users = _places[caller][1] - 1
        _places[caller] = (places, users)
        if not users:
            del _places[caller]


async def _take_place(places: asyncio.Semaphore) -> None:
    try:
        async with asyncio.timeout(TIMEOUT):
            await places.acquire()
    except TimeoutError:
        raise Problem(429, "You are uploading several files already. Please wait for them.", _LATER) from None


async def _received(request: Request, most: int) -> FormData:
    again = Request(_in_utf8(request.scope), _Counted(request, most + _AROUND).receive)
    try:
        async with asyncio.timeout(SECONDS):
            return await again.form(max_files=1, max_fields=_MAX_FIELDS, max_part_size=most)
    except TooLong:
        raise _too_large(most) from None
    except TimeoutError:
        raise Problem(408, "The upload took too long. Please try again.", {"Connection": "close"}) from None
    except (HTTPException, MultiPartException, ValueError, LookupError) as error:
        too_large = _PART_TOO_LARGE in str(error)
        raise (_too_large(most) if too_large else Problem(400, _NO_FORM)) from None


def _in_utf8(scope: Mapping[str, Any]) -> dict[str, Any]:
    """The request without the charset that it names: some of those that Python knows take minutes to decode."""
    headers = []
    for name, value in scope["headers"]:
        if name == b"content-type":
            kind, options = parse_options_header(value)
            boundary = options.get(b"boundary")
            value = kind + (b'; boundary="' + boundary + b'"' if boundary else b"")
        headers.append((name, value))
    return {**scope, "headers": headers}


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


def _too_large(most: int) -> Problem:
    return Problem(413, f"The file is larger than {_size(most)}.")


def _size(count: int) -> str:
    megabytes = count / 1024 / 1024
    return f"{megabytes:g} MB" if megabytes >= 1 else f"{count // 1024} KiB"
