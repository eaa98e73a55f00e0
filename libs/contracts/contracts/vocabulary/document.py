"""A document that somebody uploaded, and places in it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.envelope import Contract

DocumentKind = Literal["resume", "job_description"]
DocumentStatus = Literal["processing", "completed", "error"]
MediaType = Literal["pdf", "docx", "odt", "rtf", "html", "markdown", "text"]
FailureCode = Literal[
    "empty",
    "encrypted",
    "scanned",
    "broken",
    "unsupported",
    "too_large",
    "too_many_pages",
    "too_complex",
    "rejected",
    "lost",
]
"""Why a document could not be read: `scanned` has pictures but no text, `too_complex` took too much time, memory or
space, `rejected` was refused by the configured scan, `lost` means that the stored file is gone."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class SourceRef(Contract):
    """Where in a document something stands."""

    document_id: UUID
    chunk_index: int = Field(ge=0)
