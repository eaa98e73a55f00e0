"""What happens to an uploaded file: fetched, scanned, read, understood, indexed; once, however often it is said."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import structlog
from contracts import Event, Payload, follow_up
from contracts.document_asks import DocumentProgress, Stage
from contracts.documents import Chunk, DocumentFailed, DocumentKind, DocumentProcessed, Understanding
from contracts.gateway import DocumentUploaded
from runtime.objects import ObjectNotFound, ObjectStore
from runtime.publish import Publisher
from runtime.telemetry import session_tag

from documents.embeddings import Embedder, EmbeddingFailed
from documents.language import language_of
from documents.parsed import Parsed
from documents.parsing import Scanner, Unreadable, Workers, sniff
from documents.store import DocumentStore, Reading, StoredDocument, Vector, content_hash
from documents.understanding import chunks_of, understand, without_contact

log = structlog.get_logger()
Show = Callable[[UUID, DocumentProgress], Awaitable[None]]
Refine = Callable[[StoredDocument, Understanding, str], Awaitable[Understanding]]
LOST = "The file did not arrive completely. Please upload it again."
_PERCENT: dict[Stage, int] = {"received": 5, "scanning": 10, "reading": 20, "understanding": 60, "indexing": 80}
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Understood:
    """What a text came to, before anything is kept."""

    body: str
    body_without_contact: str
    chunks: tuple[Chunk, ...]
    understanding: Understanding
    language: str | None


class Processing:
    """Reads what was uploaded. `embedder` and `refine` are None where nothing is configured for them."""

    def __init__(
        self,
        store: DocumentStore,
        objects: ObjectStore,
        workers: Workers,
        scanner: Scanner | None,
        embedder: Embedder | None,
        refine: Refine | None,
        publisher: Publisher,
        show: Show,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._objects = objects
        self._workers = workers
        self._scanner = scanner
        self._embedder = embedder
        self._refine = refine
        self._publisher = publisher
        self._show = show
        self._now = now

    async def handle(self, event: Event[Any]) -> None:
        """Process an upload and say how it ended. A transient error is raised, and the event comes again."""
        upload = event.data
        if not isinstance(upload, DocumentUploaded):
            return
        document = await self._store.find(event.subject_id, event.user_id)
        if document is None:  # deleted in the meantime: its file must not stay
            await self._objects.delete(upload.key)
            return
        if document.status == "processing":
            try:
                reading = await self._read(document, upload)
            except Unreadable as error:
                await self._store.fail(document, error.code, str(error))
                log.info("document refused", document=session_tag(document.id), code=error.code)
            else:
                await self._store.complete(document, reading)
            document = await self._store.find(event.subject_id, event.user_id)
        if document is not None:
            await self._publisher.publish(follow_up(event, outcome(document), self._now()))

    async def index_missing(self) -> int:
        """Give vectors to documents that were read while there were none to have; how many."""
        if self._embedder is None:
            return 0
        documents = await self._store.not_embedded(self._embedder.model)
        for document in documents:
            chunks = await self._store.chunks(document.id, document.user_id)
            vectors = await self._vectors(document, chunks)
            if vectors is None:
                return 0
            await self._store.embed(document, self._embedder.model, vectors)
        return len(documents)

    async def _read(self, document: StoredDocument, upload: DocumentUploaded) -> Reading:
        await self._tell(document, "received")
        data = await self._fetched(upload)
        if self._scanner:
            await self._tell(document, "scanning")
            await self._scanner.scan(data)
        await self._tell(document, "reading")
        media_type = await asyncio.to_thread(sniff, data, document.view.filename)
        parsed = await self._workers.parse(data, media_type)
        await self._tell(document, "understanding")
        understood = await asyncio.to_thread(understood_from, parsed, document.kind, self._now().date())
        understanding = understood.understanding
        if self._refine:
            understanding = await self._refine(document, understanding, understood.body_without_contact)
        await self._tell(document, "indexing")
        vectors = await self._vectors(document, understood.chunks)
        return Reading(
            media_type=parsed.media_type,
            body=understood.body,
            body_without_contact=understood.body_without_contact,
            chunks=understood.chunks,
            understanding=understanding,
            pages=parsed.pages,
            words=len(_WORD.findall(understood.body)),
            truncated=parsed.truncated,
            language=understood.language,
            embedded_by=self._embedder.model if self._embedder and vectors is not None else None,
            vectors=vectors,
        )

    async def _fetched(self, upload: DocumentUploaded) -> bytes:
        try:
            data = await self._objects.get(upload.key)
        except ObjectNotFound:
            raise Unreadable("lost", LOST) from None
        if hashlib.sha256(data).hexdigest() != upload.sha256:
            raise Unreadable("lost", LOST)
        return data

    async def _vectors(self, document: StoredDocument, chunks: Sequence[Chunk]) -> dict[str, Vector] | None:
        """By content hash, only those that the owner does not have yet; None where they cannot be had now."""
        if self._embedder is None:
            return None
        texts = {content_hash(chunk.text): chunk.text for chunk in chunks}
        known = await self._store.vectors(document, self._embedder.model, list(texts))
        missing = {hashed: text for hashed, text in texts.items() if hashed not in known}
        if not missing:
            return {}
        try:
            vectors = await self._embedder.embed(list(missing.values()))
        except EmbeddingFailed as error:
            log.warning("document without vectors", document=session_tag(document.id), error=type(error).__name__)
            return None
        return dict(zip(missing, vectors, strict=True))

    async def _tell(self, document: StoredDocument, stage: Stage) -> None:
        await self._show(document.id, DocumentProgress(stage=stage, percent=_PERCENT[stage]))


def understood_from(parsed: Parsed, kind: DocumentKind, today: date) -> Understood:
    """All that is found in a document without asking anybody."""
    anonymous = without_contact(parsed, kind)
    language = language_of(anonymous.text)
    chunks = chunks_of(anonymous, kind)
    return Understood(
        body=parsed.text,
        body_without_contact=anonymous.text,
        chunks=chunks,
        understanding=understand(anonymous, kind, today, language, chunks),
        language=language,
    )


def outcome(document: StoredDocument) -> Payload:
    """How the processing of a document ended, as an event."""
    view = document.view
    if view.status == "error":
        return DocumentFailed(kind=view.kind, code=view.error_code or "broken", message=view.error or LOST)
    return DocumentProcessed(
        kind=view.kind,
        media_type=view.media_type or "text",
        pages=view.pages,
        words=view.words,
        chunks=view.chunks,
        embedded=view.embedded,
        language=view.language,
    )
