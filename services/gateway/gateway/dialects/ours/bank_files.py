"""Reading a bank that a request brings: as its body, or as the field `file` of a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from gateway.banks.files import MAX_FILE_BYTES, Format
from gateway.edge.bodies import FORMS, media_type, read_bytes
from gateway.edge.forms import read_form
from gateway.problems import Problem

_FORMATS: dict[str, Format] = {
    "application/yaml": "yaml",
    "application/x-yaml": "yaml",
    "text/yaml": "yaml",
    "text/x-yaml": "yaml",
    "text/csv": "csv",
}


@dataclass(frozen=True)
class Upload:
    """A file, its format where the request names it, and the other fields of its form."""

    raw: bytes
    format: Format | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


async def read_upload(request: Request) -> Upload:
    """The file. Raises Problem 400, or 413 for one that is too large."""
    kind = media_type(request)
    if kind in FORMS:
        form = await read_form(request, MAX_FILE_BYTES)
        return Upload(form.raw, None, form.fields)
    if kind not in _FORMATS:
        raise Problem(400, "Please send the questions as application/yaml or text/csv, or as the file of a form.")
    return Upload(await read_bytes(request, MAX_FILE_BYTES), _FORMATS[kind])
