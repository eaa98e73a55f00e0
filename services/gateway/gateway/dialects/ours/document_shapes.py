"""Documents as clients see them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote
from uuid import UUID

from contracts.documents.asks import DocumentView
from contracts.documents.understanding import Chunk, GapAnalysis, Understanding
from contracts.vocabulary.document import DocumentKind, DocumentStatus, FailureCode, MediaType
from pydantic import BaseModel

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "rtf": "application/rtf",
    "html": "text/html",
    "markdown": "text/markdown",
    "text": "text/plain",
}
UNKNOWN = "application/octet-stream"
"""The media type of a file that was not looked into, or could not be."""
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\"\\]")


class ListedDocument(BaseModel):
    """A document without what was found in it. `version` counts from 1 along the documents that replaced one another,
    of which `latest` is the newest."""

    id: UUID
    document_id: UUID
    kind: DocumentKind
    filename: str
    media_type: MediaType | None
    size: int
    status: DocumentStatus
    error_code: FailureCode | None
    error: str | None
    job_role: str | None
    language: str | None
    pages: int
    words: int
    chunks: int
    truncated: bool
    embedded: bool
    version: int
    series_id: UUID
    latest: bool
    created_at: datetime
    processed_at: datetime | None

    @classmethod
    def of(cls, view: DocumentView) -> Self:
        """The entry of a document."""
        return cls(id=view.document_id, **_fields(view, "understanding"))


class Comparison(GapAnalysis):
    """How a résumé meets a job description; `against` is the other document of the two."""

    against: UUID


class DocumentDetail(ListedDocument, Understanding):
    """A document with what was found in it; all of that is empty until it is read. `task_id` is its id once more."""

    task_id: UUID
    gaps: Comparison | None

    @classmethod
    def found(cls, view: DocumentView, against: UUID | None, analysis: GapAnalysis | None) -> DocumentDetail:
        """Of a document; `against` is the document that the analysis compares it with."""
        gaps = Comparison(against=against, **_fields(analysis)) if analysis and against else None
        found = _fields(view.understanding or Understanding())
        about = _fields(view, "understanding")
        return cls(id=view.document_id, task_id=view.document_id, gaps=gaps, **about, **found)


class DocumentPage(BaseModel):
    """Some of a person's documents."""

    documents: list[ListedDocument]


class DocumentVersions(BaseModel):
    """Documents that replaced one another."""

    versions: list[ListedDocument]


class DocumentWords(BaseModel):
    """The words of a document, as they were read."""

    document_id: UUID
    text: str


class DocumentChunks(BaseModel):
    """The pieces of a document, in reading order."""

    chunks: list[Chunk]


class DocumentDeleted(BaseModel):
    """Which document was deleted."""

    message: str
    document_id: UUID


def _fields(model: BaseModel, *without: str) -> dict[str, Any]:
    return {name: getattr(model, name) for name in type(model).model_fields if name not in without}


def attachment(filename: str) -> str:
    """The Content-Disposition of a download: the file's name in letters that every client reads, and in its own."""
    own_name = _UNPRINTABLE.sub("_", filename.rpartition("/")[2]) or "document"
    plain_name = own_name.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(own_name, safe='')}"
