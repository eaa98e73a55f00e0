"""Answers that clients ask for again and again: sent once, and "not modified" until they change."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from fastapi import Request, Response
from pydantic_core import to_json

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "It is what `If-None-Match` names."}}
_TAGS = re.compile(r'(?:W/)?"([^"]*)"')
_HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Authorization, X-Session-ID"}
"""A browser may keep it for its own user, and has to ask each time."""


def unless_known(request: Request, content: Any) -> Response:
    """The content as JSON; 304 without it where the client says by `If-None-Match` that it has the same."""
    body = to_json(content)  # as FastAPI writes what a route returns
    tag = hashlib.sha256(body).hexdigest()[:32]
    headers = {**_HEADERS, "ETag": f'W/"{tag}"'}
    known = request.headers.get("if-none-match", "")
    if known.strip() == "*" or tag in _TAGS.findall(known):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
