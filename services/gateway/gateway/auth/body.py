"""Reading a request's fields, JSON or form, whatever the client calls it."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Message

from gateway.auth.errors import InputTooLarge, InvalidInput
from gateway.values import unstorable

MAX_BYTES = 64 * 1024
MAX_FIELDS = 50
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


async def read_fields(request: Request) -> Mapping[str, Any]:
    """The body's fields; empty when there is no body. Raises InvalidInput, InputTooLarge."""
    body = await _limited(request)
    if not body.strip():
        return {}
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # No form begins so, but JSON sent by `curl -d` is labelled as one.
    is_form = media_type in _FORMS and not body.lstrip().startswith(b"{")
    fields = await _form(request, body) if is_form else _json(body)
    found = unstorable(fields)
    if found is not None:
        raise InvalidInput(found)
    return fields


async def _limited(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise InputTooLarge
    return bytes(body)


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidInput("The request body is not valid JSON.") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInput("The request body must be a JSON object.")
    return value


async def _form(request: Request, body: bytes) -> Mapping[str, Any]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    # A second request over the bytes we limited: the parser wants a stream of its own.
    again = Request(request.scope, receive)
    try:
        async with again.form(max_files=0, max_fields=MAX_FIELDS, max_part_size=MAX_BYTES) as form:
            return dict(form)
    except (HTTPException, MultiPartException, ValueError, LookupError):
        raise InvalidInput("The form could not be read.") from None
