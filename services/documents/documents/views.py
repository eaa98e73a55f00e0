"""Answers to what other services ask about documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from contracts.documents.asks import (
    Brief,
    BriefAsk,
    Chunks,
    ChunksAsk,
    DocumentAnswer,
    DocumentList,
    DocumentListAsk,
    DocumentText,
    DocumentTextAsk,
    DocumentViewAsk,
    Gaps,
    GapsAsk,
)
from contracts.documents.understanding import Chunk
from contracts.vocabulary.document import DocumentKind
from contracts.vocabulary.limits import MAX_RESUME

from documents.store import DocumentStore, StoredDocument
from documents.workers import Workers

MAX_ANSWER_BYTES = 256 * 1024
MAX_TEXT_BYTES = 600 * 1024
"""With its quoting as JSON the text still fits into a message."""


class Views:
    """Read side of the documents service."""

    def __init__(self, store: DocumentStore, workers: Workers) -> None:
        self._store = store
        self._workers = workers

    async def view(self, ask: DocumentViewAsk) -> DocumentAnswer:
        """One document."""
        found = await self._store.find(ask.document_id, ask.user_id, understanding=ask.understanding)
        return DocumentAnswer(document=found.view if found else None)

    async def list(self, ask: DocumentListAsk) -> DocumentList:
        """A user's documents."""
        return DocumentList(documents=await self._store.of_user(ask))

    async def text(self, ask: DocumentTextAsk) -> DocumentText:
        """The words of a document."""
        body = await self._store.text(ask.document_id, ask.user_id, contact=ask.contact)
        return DocumentText(found=body is not None, text=_cut(body or ""))

    async def chunks(self, ask: ChunksAsk) -> Chunks:
        """The pieces of a document."""
        if await self._store.find(ask.document_id, ask.user_id) is None:
            return Chunks(found=False)
        chunks = await self._store.chunks(ask.document_id, ask.user_id, ask.from_index)
        part = tuple(_first(chunks))
        after = part[-1].chunk_index + 1 if len(part) < len(chunks) else None
        return Chunks(found=True, chunks=part, next_index=after)

    async def brief(self, ask: BriefAsk) -> Brief:
        """What an interview needs of a document."""
        found = await self._store.find(ask.document_id, ask.user_id, understanding=True)
        if found is None:
            return Brief()
        text = await self._store.text(ask.document_id, ask.user_id, contact=False)
        return Brief(document=found.view, text=(text or "")[:MAX_RESUME])

    async def gaps(self, ask: GapsAsk) -> Gaps:
        """A résumé against a job description. Raises WorkFailed where that takes too long."""
        resume = await self._read(ask.resume_id, ask.user_id, "resume")
        job = await self._read(ask.job_description_id, ask.user_id, "job_description")
        if resume is None or job is None or not resume.view.understanding or not job.view.understanding:
            return Gaps(found=False)
        chunks = await self._store.chunks(resume.id, ask.user_id)
        analysis = await self._workers.compare(resume.view.understanding, chunks, job.view.understanding)
        return Gaps(found=True, analysis=analysis)

    async def _read(self, document_id: UUID, user_id: UUID | None, kind: DocumentKind) -> StoredDocument | None:
        found = await self._store.find(document_id, user_id, understanding=True)
        return found if found and found.kind == kind and found.status == "completed" else None


def _first(chunks: Sequence[Chunk]) -> Iterator[Chunk]:
    """As many as fit into one answer, one at least."""
    size = 0
    for chunk in chunks:
        size += len(chunk.model_dump_json())
        if size > MAX_ANSWER_BYTES and chunk is not chunks[0]:
            return
        yield chunk


def _cut(text: str) -> str:
    raw = text.encode()
    return text if len(raw) <= MAX_TEXT_BYTES else raw[:MAX_TEXT_BYTES].decode(errors="ignore")
