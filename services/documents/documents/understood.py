"""A document as it is handed on once it is read and understood, before a model is asked and anything is kept."""

from __future__ import annotations

from contracts.documents.understanding import Chunk, Understanding
from contracts.envelope import Contract
from contracts.vocabulary.document import MediaType


class Understood(Contract):
    """A file's text and all that is found in it. `body_for_models` is the part of it that a model may read."""

    media_type: MediaType
    pages: int
    words: int
    truncated: bool
    body: str
    body_without_contact: str
    body_for_models: str
    chunks: tuple[Chunk, ...]
    understanding: Understanding
    language: str | None
