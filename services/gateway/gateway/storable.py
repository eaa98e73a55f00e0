"""Refuses text that cannot be stored, wherever a request brings it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from gateway.errors import Problem
from gateway.identity.fields import encodable, unstorable


def must_be_storable(fields: Any) -> None:
    """Look at the fields of a body or a form. Raises Problem 400 that names the one."""
    found = unstorable(fields)
    if found is not None:
        raise Problem(400, found)


def address_must_be_storable(path: str, query: bytes) -> None:
    """The same for the path and the query. Raises Problem 400."""
    if not encodable(path):
        raise Problem(400, "The address contains characters that cannot be stored.")
    if b"%00" in query or b"\x00" in query:
        must_be_storable(dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)))
