"""Reading the bodies of requests, as forgiving as the API promises. Forms that bring a file: `edge.forms`."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.types import Message

from gateway.problems import Problem
from gateway.values import must_be_storable

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_MOST_FIELDS = 50


async def read_json(request: Request) -> dict[str, Any]:
    """The fields of a JSON object. An empty body and `null` count as no fields, whatever the content type;
    a field that is null counts as absent. Raises Problem 400."""
    return _fields(_object(await request.body()))


async def read_fields(request: Request, most: int) -> dict[str, Any]:
    """The same of a form or of JSON, of at most so many bytes. Raises Problem 400 and 413."""
    body = await read_bytes(request, most)
    # No form begins so, but JSON sent by `curl -d` is labelled as one.
    is_form = media_type(request) in FORMS and not body.lstrip().startswith(b"{")
    return _fields(await _form(request, body) if is_form and body.strip() else _object(body))


async def read_bytes(request: Request, most: int) -> bytes:
    """The body as it is. Raises Problem 413 for more than so many bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Problem(413, f"More than {most // 1024} KiB were sent, which is more than is taken here.")
    return bytes(body)


def media_type(request: Request) -> str:
    """What the body is labelled as; empty where it is not."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _object(raw: bytes) -> dict[str, Any]:
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Problem(400, "The request body is not valid JSON.") from None
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise Problem(400, "The request body must be a JSON object.")
    return body


def _fields(body: dict[str, Any]) -> dict[str, Any]:
    must_be_storable(body)
    return {name: value for name, value in body.items() if value is not None}


async def _form(request: Request, body: bytes) -> dict[str, Any]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    # A second request over the bytes that are here: the parser wants a stream of its own.
    again = Request(request.scope, receive)
    try:
        async with again.form(max_files=0, max_fields=_MOST_FIELDS, max_part_size=len(body)) as form:
            return dict(form)
    except (HTTPException, MultiPartException, ValueError, LookupError):
        raise Problem(400, "The form could not be read.") from None


def documented(model: type[BaseModel], *, required: bool = False) -> dict[str, Any]:
    """How the description shows a body that `read_json` reads: null counts as absent."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    needed = schema.get("required", ())
    schema["properties"] = {
        name: field if name in needed else _or_null(field) for name, field in schema.get("properties", {}).items()
    }
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    alternatives = schema.get("anyOf", ())
    if {"type": "null"} in alternatives:
        return schema
    about: dict[str, Any] = {name: schema[name] for name in ("title", "description", "default") if name in schema}
    bare = {name: value for name, value in schema.items() if name not in about}
    return {**about, "anyOf": [bare, {"type": "null"}]}
