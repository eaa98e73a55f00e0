"""Documents as clients see them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote
from uuid import UUID

from contracts.documents.asks import DocumentView
from contracts.documents.understanding import DocumentSummary, GapAnalysis, Understanding

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "rtf": "application/rtf",
    "html": "text/html",
    "markdown": "text/markdown",
    "text": "text/plain",
}
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\"\\]")


def summary(view: DocumentView) -> dict[str, Any]:
    """A document in a list."""
    shown = view.model_dump(mode="json", exclude={"understanding", "error_code"})
    return shown | {"id": shown["document_id"], "error_code": view.error_code}


def detail(view: DocumentView, against: UUID | None, analysis: GapAnalysis | None) -> dict[str, Any]:
    """A document with what was found in it; `against` is the document that the analysis compares it with."""
    found = view.understanding or Understanding(summary=DocumentSummary())
    shown = summary(view) | found.model_dump(mode="json") | {"task_id": str(view.document_id), "gaps": None}
    if analysis is not None:
        shown["gaps"] = {"against": str(against), **analysis.model_dump(mode="json")}
    return shown


def attachment(filename: str) -> str:
    """The Content-Disposition of a download: the file's name in letters that every client reads, and in its own."""
    own_name = _UNPRINTABLE.sub("_", filename.rpartition("/")[2]) or "document"
    plain_name = own_name.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(own_name, safe='')}"
