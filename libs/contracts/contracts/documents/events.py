"""What becomes of an uploaded document."""

from __future__ import annotations

from pydantic import Field

from contracts.envelope import Payload
from contracts.registry import event
from contracts.vocabulary.document import DocumentKind, FailureCode, MediaType


@event("documents.processed")
class DocumentProcessed(Payload):
    """A document can be used. Its words are asked for, never sent."""

    kind: DocumentKind
    media_type: MediaType
    pages: int = Field(ge=0)
    words: int = Field(ge=0)
    chunks: int = Field(ge=0)
    embedded: bool = False
    """Its chunks have vectors, so that it can be searched by meaning."""
    language: str | None = None


@event("documents.failed")
class DocumentFailed(Payload):
    """A document cannot be used. `message` is a sentence for whoever uploaded it."""

    kind: DocumentKind
    code: FailureCode
    message: str
