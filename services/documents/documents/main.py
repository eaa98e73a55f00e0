"""Wires the documents service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from contracts.documents.live import DocumentProgress
from contracts.subjects import live_subject
from contracts.topology import consumer
from models import Models, PromptLibrary
from nats.js import JetStreamContext
from runtime.broker import jetstream_of
from runtime.database import Database
from runtime.leases import SharedLeases
from runtime.objects import DOCUMENT_BUCKET, make_object_store
from runtime.publish import EventPublisher, note_erased
from runtime.service import Service, new_service, run

from documents.application import Documents
from documents.embeddings import Embedder, HostEmbedder, make_embedder
from documents.encoding import Encoding, InstalledEncoder
from documents.janitor import Janitor
from documents.parsing import scanner_from
from documents.refining import PROMPTS, Refiner
from documents.search import Searcher
from documents.settings import DocumentsSettings
from documents.store import DocumentStore
from documents.subscribers import NAME, subscribe
from documents.views import Views
from documents.workers import Workers

_SOME_TEXT = b"Five years as a developer of payment services in Python."
BESIDE = 4
"""Files that are fetched, indexed or waiting while another is with a worker."""


def build(settings: DocumentsSettings) -> Service:
    """The service, wired but not running."""
    service = new_service(NAME, settings)
    broker = service.broker
    database = Database(settings, "SELECT FROM documents.documents LIMIT 0")
    leases = SharedLeases(broker)
    models = Models.from_settings(settings, leases=leases)
    encoder = InstalledEncoder(settings.models_directory, settings.encoder_cores)
    encoding = Encoding(lambda: encoder.model)
    found = encoder.found if settings.local_encoder else None
    embedder = make_embedder(settings, HostEmbedder(encoding, found.id) if found else None)
    workers = Workers(
        settings.document_workers,
        seconds=settings.document_seconds,
        megabytes=settings.document_megabytes,
        parser=settings.document_parser,
    )

    def js() -> JetStreamContext:
        return jetstream_of(broker)

    async def show(document_id: UUID, progress: DocumentProgress) -> None:
        await broker.publish(progress.model_dump_json().encode(), live_subject(document_id, "progress"))

    store = DocumentStore(database, settings.quotas)
    objects = make_object_store(settings, DOCUMENT_BUCKET, js)
    chain = models.chain("documents")
    documents = Documents(
        store,
        objects,
        workers,
        scanner_from(settings.document_scan),
        embedder,
        Refiner(store, workers, chain, PromptLibrary(PROMPTS)).refine if chain else None,
        EventPublisher(broker, NAME),
        show,
        lambda: datetime.now(UTC),
        lambda document_id: note_erased(js(), document_id),
    )
    searcher = Searcher(database, embedder, settings.search_timeout)
    # Fewer where each takes long: who waits for a worker is under way as well, and may be for so many seconds only.
    beside = max(1, min(BESIDE, int(consumer(NAME).hard_timeout // settings.document_seconds) - 1))
    views = Views(store, workers)
    subscribe(broker, documents, views, searcher, encoding, workers=settings.document_workers * beside)
    service.durables = (*service.durables, NAME)
    service.checks["database"] = database.check()
    service.resources += [database.open(), workers, _closing(models, leases, embedder, encoding), _warm(workers)]
    janitor = Janitor(store, objects, documents, settings.document_deadline, settings.document_days)
    service.tasks += [janitor.run, models.probe_forever, encoding.run]
    if settings.local_encoder:
        service.tasks.append(encoder.run)
    return service


@asynccontextmanager
async def _closing(
    models: Models, leases: SharedLeases, embedder: Embedder | None, encoding: Encoding
) -> AsyncIterator[None]:
    try:
        yield
    finally:
        encoding.close()
        await models.aclose()
        await leases.aclose()
        if embedder is not None:
            await embedder.aclose()


@asynccontextmanager
async def _warm(workers: Workers) -> AsyncIterator[None]:
    """A worker with its word lists and language models is there before the first document waits for it."""
    await workers.read(_SOME_TEXT, filename="", kind="resume", today=datetime.now(UTC).date())
    yield


def main() -> None:
    """Run the service until it is told to stop."""
    run(build(DocumentsSettings()))
