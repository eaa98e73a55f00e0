"""What happens to an uploaded file: registered, fetched, scanned, read, understood, indexed, and deleted; each once,
however often it is said."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from contracts import Event, Payload, derived_id, follow_up
from contracts.documents.asks import DeleteAsk, Deleted, RegisterAsk, Registered
from contracts.documents.events import DocumentFailed, DocumentProcessed
from contracts.documents.live import DocumentProgress, Stage
from contracts.documents.understanding import Chunk, Understanding
from contracts.gateway.events import DocumentUploaded
from prometheus_client import Histogram
from runtime.objects import ObjectNotFound, ObjectStore, document_key
from runtime.publish import Publisher
from runtime.telemetry import failure, observe, session_tag

from documents.embeddings import Embedder, EmbeddingFailed
from documents.parsing import Scanner, Unreadable
from documents.parsing.errors import not_understood
from documents.store import DocumentStore, Reading, StoredDocument, Vector, content_hash
from documents.understood import Understood
from documents.workers import Workers, WorkFailed

log = structlog.get_logger()
READ = Histogram(
    "parley_document_seconds",
    "Time from an upload until its document can be used or is refused, in seconds; `result` is ok or the reason.",
    ["result"],
    buckets=(0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600),
)
READ.labels("ok")
Show = Callable[[UUID, DocumentProgress], Awaitable[None]]
Refine = Callable[[StoredDocument, Understood], Awaitable[Understanding]]
LOST = "The file did not arrive completely. Please upload it again."
FAILURES_IN_A_ROW = 3
"""So many, and it is not for the documents: the rest is for another time."""
_OURS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    asyncpg.DataError,
)
"""What a mistake in our code raises: the same each time, where away services raise OSError and the like."""
_PERCENT: dict[Stage, int] = {"received": 5, "scanning": 10, "reading": 20, "understanding": 60, "indexing": 80}


class Documents:
    """The use cases of the documents service. `scanner`, `embedder` and `refine` are None where there is none."""

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
        note_erased: Callable[[UUID], Awaitable[None]],
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
        self._note_erased = note_erased

    async def register(self, ask: RegisterAsk) -> Registered:
        """Take down an upload."""
        return await self._store.register(ask)

    async def delete(self, ask: DeleteAsk) -> Deleted:
        """Forget a document. If the process dies in between, the janitor goes on."""
        if not await self._store.begin_deleting(ask.document_id, ask.user_id):
            return Deleted(found=False)
        await self._note_erased(ask.document_id)
        await self._objects.delete(document_key(ask.document_id))
        await self._store.delete(ask.document_id)
        return Deleted(found=True)

    async def handle(self, event: Event[Any]) -> None:
        """Process an upload and say how it ended. A transient error is raised, and the event comes again."""
        upload = event.data
        if not isinstance(upload, DocumentUploaded):
            return
        document = await self._store.find(event.subject_id, event.user_id)
        if document is None:  # deleted in the meantime: its file must not stay
            await self._objects.delete(upload.key)
            return
        if document.status == "processing" or await self._arrived_after_all(document, upload):
            await self._settle(document, upload)
            document = await self._store.find(event.subject_id, event.user_id)
            result = "deleted" if document is None else document.view.error_code or "ok"
            observe(READ.labels(result), max(0.0, (self._now() - event.occurred_at).total_seconds()))
        if document is not None:
            await self._publisher.publish(follow_up(event, outcome(document), self._now()))

    async def catch_up(self, document: StoredDocument) -> None:
        """Process a document that waits for long: perhaps its event was never published. `handle` may do so as well."""
        upload = DocumentUploaded(
            kind=document.kind, size=document.view.size, sha256=document.sha256, key=document_key(document.id)
        )
        await self.handle(
            Event(
                id=derived_id(document.id, upload.TYPE),
                type=upload.TYPE,
                schema_version=upload.SCHEMA_VERSION,
                subject_id=document.id,
                user_id=document.user_id,
                correlation_id=document.id,
                occurred_at=self._now(),
                data=upload,
            )
        )

    async def index_missing(self) -> int:
        """Give vectors to documents that were read while there were none to have; how many."""
        if self._embedder is None:
            return 0
        done = failed = 0
        for document in await self._store.not_embedded(self._embedder.model):
            chunks = await self._store.chunks(document.id, document.user_id)
            vectors = await self._vectors(document, chunks)
            if vectors is not None:
                await self._store.embed(document, self._embedder.model, vectors)
                done, failed = done + 1, 0
                continue
            failed += 1
            if failed == FAILURES_IN_A_ROW:
                break
        return done

    async def _arrived_after_all(self, document: StoredDocument, upload: DocumentUploaded) -> bool:
        """A dead letter that is replayed, say, of a document that was given up as lost in the meantime."""
        if document.view.error_code != "lost":
            return False
        try:
            await self._fetched(upload)
        except Unreadable:
            return False
        return await self._store.reopen(document)

    async def _settle(self, document: StoredDocument, upload: DocumentUploaded) -> None:
        try:
            await self._complete(document, await self._read(document, upload))
        except Unreadable as error:
            await self._store.fail(document, error.code, str(error))
            log.info("document refused", document=session_tag(document.id), code=error.code)

    async def _complete(self, document: StoredDocument, reading: Reading) -> None:
        try:
            await self._store.complete(document, reading)
        except (asyncpg.DataError, UnicodeError) as error:
            # Postgres keeps no zero bytes and no half characters. The text of the error may quote the document.
            log.error("document not kept", document=session_tag(document.id), **failure(error))
            raise not_understood() from None

    async def _read(self, document: StoredDocument, upload: DocumentUploaded) -> Reading:
        await self._tell(document, "received")
        data = await self._fetched(upload)
        if self._scanner:
            await self._tell(document, "scanning")
            await self._scanner.scan(data)
        await self._tell(document, "reading")
        understood = await self._workers.read(
            data,
            filename=document.view.filename,
            kind=document.kind,
            today=self._now().date(),
            on_read=partial(self._tell, document, "understanding"),
        )
        understanding = await self._refined(document, understood)
        await self._tell(document, "indexing")
        vectors = await self._vectors(document, understood.chunks)
        return Reading(
            media_type=understood.media_type,
            body=understood.body,
            body_without_contact=understood.body_without_contact,
            chunks=understood.chunks,
            understanding=understanding,
            pages=understood.pages,
            words=understood.words,
            truncated=understood.truncated,
            language=understood.language,
            embedded_by=self._embedder.model if self._embedder and vectors is not None else None,
            vectors=vectors,
        )

    async def _refined(self, document: StoredDocument, understood: Understood) -> Understanding:
        if self._refine is None:
            return understood.understanding
        try:
            return await self._refine(document, understood)
        except (WorkFailed, *_OURS) as error:  # an understanding without a model is better than none
            log.error("document not refined", document=session_tag(document.id), **failure(error))
            return understood.understanding

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
            log.warning("document without vectors", document=session_tag(document.id), **failure(error))
            return None
        return dict(zip(missing, vectors, strict=True))

    async def _tell(self, document: StoredDocument, stage: Stage) -> None:
        await self._show(document.id, DocumentProgress(stage=stage, percent=_PERCENT[stage]))


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
