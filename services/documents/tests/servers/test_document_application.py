"""An upload from the event to what is kept: over a real broker, a real database and real reading processes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import psutil
import pytest
import pytest_asyncio
from contracts import Event, Payload
from contracts.documents.asks import (
    BriefAsk,
    ChunksAsk,
    DeleteAsk,
    DocumentTextAsk,
    DocumentViewAsk,
    GapsAsk,
    RegisterAsk,
)
from contracts.documents.events import DocumentFailed, DocumentProcessed
from contracts.documents.live import DocumentProgress
from contracts.documents.understanding import Understanding
from contracts.gateway.events import DocumentUploaded
from contracts.vocabulary.document import DocumentKind
from devkit.fake_openai import OpenAIServer, Reply, Status
from devkit.processes import children_running
from document_helpers import AsOwner, a_document, upload_of
from documents.application import Documents
from documents.embeddings import EmbeddingFailed
from documents.janitor import MOST_TO_READ, Janitor
from documents.parsing import Unreadable
from documents.refining import PROMPTS, Refiner
from documents.store import DocumentStore, StoredDocument
from documents.understood import Understood
from documents.views import Views
from documents.workers import Workers, WorkFailed
from models import Models, ModelSettings, PromptLibrary
from nats.aio.client import Client
from runtime.objects import DOCUMENT_BUCKET, NatsObjectStore, ObjectNotFound, document_key

ANNE, BEN, EVE = uuid4(), uuid4(), uuid4()
RESUME = """Anne Example
anne@example.org, +49 30 1234567

Experience

Backend Developer, Acme
March 2019 - Present
- Built a payment service in Go on Postgres for 900 requests a second.
- Moved forty services to Kubernetes and halved their costs.

Skills
Go, PostgreSQL, Kubernetes, Docker
"""
JOB = """Backend Engineer

Requirements
- At least 3 years of experience with Go
- Experience with Kafka
"""


@dataclass
class Outbox:
    """A publisher that remembers."""

    published: list[Event[Payload]] = field(default_factory=list)

    async def publish(self, event: Event[Payload], *, attempt: int = 0) -> None:
        self.published.append(event)


class Counting:
    """An embedder that counts the texts it is paid for."""

    model = "counting"

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.fails = False

    async def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        if self.fails:
            raise EmbeddingFailed("away")
        self.texts += texts
        return [[float(len(text)), 1.0] for text in texts]

    async def aclose(self) -> None:
        """Nothing to close."""


class Away:
    """A scanner that cannot be reached."""

    async def scan(self, data: bytes) -> None:
        raise ConnectionError("clamd cannot be reached")


class Refusing:
    """A scanner that finds something."""

    async def scan(self, data: bytes) -> None:
        raise Unreadable("rejected", "The file was refused.")


@dataclass
class Service:
    """The parts of the service, and what they said."""

    store: DocumentStore
    objects: NatsObjectStore
    workers: Workers
    embedder: Counting = field(default_factory=Counting)
    outbox: Outbox = field(default_factory=Outbox)
    shown: list[DocumentProgress] = field(default_factory=list)
    noted: list[UUID] = field(default_factory=list)

    async def note_erased(self, document_id: UUID) -> None:
        self.noted.append(document_id)

    async def show(self, _: UUID, progress: DocumentProgress) -> None:
        self.shown.append(progress)

    def documents(self, **changes: Any) -> Documents:
        parts: dict[str, Any] = {
            "store": self.store, "objects": self.objects, "workers": self.workers, "scanner": None,
            "embedder": self.embedder, "refine": None, "publisher": self.outbox, "show": self.show,
            "now": lambda: datetime.now(UTC), "note_erased": self.note_erased,
        }  # fmt: skip
        return Documents(**{**parts, **changes})

    @property
    def views(self) -> Views:
        return Views(self.store, self.workers)

    async def uploaded(self, text: str, user_id: UUID | None = ANNE, kind: DocumentKind = "resume") -> Event[Any]:
        """Register and store a file as the gateway does; what it then publishes."""
        ask = upload_of(user_id, text, kind=kind).model_copy(update={"filename": "cv.txt"})
        registered = await self.documents().register(ask)
        assert registered.document_id
        await self.objects.put(document_key(registered.document_id), text.encode())
        return event_of(ask, registered.document_id)

    async def read(self, text: str, user_id: UUID | None = ANNE, kind: DocumentKind = "resume") -> UUID:
        """Upload and process; the document's id."""
        event = await self.uploaded(text, user_id, kind)
        await self.documents().handle(event)
        return event.subject_id


def event_of(ask: RegisterAsk, document_id: UUID) -> Event[Any]:
    upload = DocumentUploaded(kind=ask.kind, size=ask.size, sha256=ask.sha256, key=document_key(document_id))
    return Event(
        id=uuid4(), type=upload.TYPE, schema_version=upload.SCHEMA_VERSION, subject_id=document_id,
        user_id=ask.user_id, correlation_id=uuid4(), occurred_at=datetime.now(UTC), data=upload,
    )  # fmt: skip


@pytest_asyncio.fixture
async def service(store: DocumentStore, broker_connection: Client) -> AsyncIterator[Service]:
    async with Workers(1, seconds=20) as workers:
        yield Service(store, NatsObjectStore(broker_connection.jetstream, DOCUMENT_BUCKET), workers)


async def test_an_upload_is_read_understood_and_indexed(service: Service) -> None:
    event = await service.uploaded(RESUME)
    await service.documents().handle(event)
    [said] = service.outbox.published
    assert isinstance(said.data, DocumentProcessed)
    assert (said.subject_id, said.user_id, said.causation_id) == (event.subject_id, ANNE, event.id)
    assert (said.data.media_type, said.data.language, said.data.embedded) == ("text", "en", True)
    view = (await service.views.view(DocumentViewAsk(document_id=event.subject_id, user_id=ANNE))).document
    assert view and view.status == "completed" and view.understanding and view.embedded
    assert {"Go", "PostgreSQL", "Kubernetes"} <= {skill.name for skill in view.understanding.skills}
    assert view.understanding.title == "Backend Developer"
    stages = [progress.stage for progress in service.shown]
    assert stages == ["received", "reading", "understanding", "indexing"]
    assert [progress.percent for progress in service.shown] == sorted(progress.percent for progress in service.shown)


async def test_contact_data_is_kept_apart(service: Service) -> None:
    document_id = await service.read(RESUME)
    whole = await service.views.text(DocumentTextAsk(document_id=document_id, user_id=ANNE, contact=True))
    bare = await service.views.text(DocumentTextAsk(document_id=document_id, user_id=ANNE))
    brief = await service.views.brief(BriefAsk(document_id=document_id, user_id=ANNE))
    chunks = await service.views.chunks(ChunksAsk(document_id=document_id, user_id=ANNE))
    assert "anne@example.org" in whole.text and "Anne Example" in whole.text
    told = [bare.text, brief.model_dump_json(), chunks.model_dump_json(), *service.embedder.texts]
    for secret in ("anne@example.org", "1234567", "Anne"):
        assert not any(secret in text for text in told)


async def test_the_same_event_twice_is_one_document_and_the_same_outcome(service: Service, owner: AsOwner) -> None:
    event = await service.uploaded(RESUME)
    documents = service.documents()
    await asyncio.gather(documents.handle(event), documents.handle(event))
    await documents.handle(event)
    assert len({said.id for said in service.outbox.published}) == 1 and len(service.outbox.published) == 3
    assert await owner.count("documents") == 1
    indices = [row["chunk_index"] for row in await owner("SELECT chunk_index FROM documents.chunks ORDER BY 1")]
    assert indices == list(range(len(indices)))


async def test_the_same_words_are_never_paid_for_twice(service: Service, owner: AsOwner) -> None:
    await service.read(RESUME)
    paid = len(service.embedder.texts)
    assert paid == await owner.count("vectors")
    await service.read(RESUME + "\n")
    assert len(service.embedder.texts) == paid
    await service.read(RESUME.replace("halved their costs", "doubled their speed"))
    assert len(service.embedder.texts) == paid + 1
    await service.read(RESUME, BEN)
    assert len(service.embedder.texts) == 2 * paid + 1, "what one person paid for is nobody else's"


@pytest.mark.parametrize("upload", ["", "\n \t\n", "%PDF-1.7\nnothing of it"], ids=["empty", "blank", "broken"])
async def test_what_cannot_be_read_fails_with_a_sentence(service: Service, upload: str) -> None:
    document_id = await service.read(upload or " ")
    [said] = service.outbox.published
    assert isinstance(said.data, DocumentFailed) and said.data.code in ("empty", "broken")
    view = (await service.views.view(DocumentViewAsk(document_id=document_id, user_id=ANNE))).document
    assert view and (view.status, view.error_code, view.error) == ("error", said.data.code, said.data.message)
    assert view.error and view.error.endswith(".")
    assert not (await service.views.text(DocumentTextAsk(document_id=document_id, user_id=ANNE))).found


async def test_a_file_that_the_scan_refuses_is_not_read(service: Service) -> None:
    event = await service.uploaded(RESUME)
    await service.documents(scanner=Refusing(), workers=None).handle(event)
    [said] = service.outbox.published
    assert isinstance(said.data, DocumentFailed) and said.data.code == "rejected"
    assert [progress.stage for progress in service.shown] == ["received", "scanning"]


@pytest.mark.parametrize("stored", [None, b"other bytes"], ids=["gone", "other"])
async def test_a_file_that_did_not_arrive_is_lost(service: Service, stored: bytes | None) -> None:
    event = await service.uploaded(RESUME)
    await service.objects.delete(document_key(event.subject_id))
    if stored:
        await service.objects.put(document_key(event.subject_id), stored)
    await service.documents().handle(event)
    [said] = service.outbox.published
    assert isinstance(said.data, DocumentFailed) and said.data.code == "lost"
    again = await service.uploaded(RESUME)
    assert again.subject_id == event.subject_id
    await service.documents().handle(again)
    assert isinstance(service.outbox.published[-1].data, DocumentProcessed)


async def test_a_lost_document_is_read_when_its_file_is_there_after_all(service: Service) -> None:
    event = await service.uploaded(RESUME)
    document = await service.store.find(event.subject_id, ANNE)
    assert document and await service.store.fail(document, "lost", "It is gone.")
    await service.documents().handle(event)
    [said] = service.outbox.published
    assert isinstance(said.data, DocumentProcessed)
    await service.documents().handle(event)
    assert service.outbox.published[1].data == said.data


def workers() -> list[psutil.Process]:
    return children_running("documents.workers.worker")


INTRICATE = "Python and R or Go, " * 9_500
"""Read in milliseconds; understanding its 190 kB takes seconds."""


async def test_a_text_that_is_not_understood_in_time_fails_with_a_sentence_and_its_file_stays(service: Service) -> None:
    async with Workers(1, seconds=0.5) as workers:
        event = await service.uploaded(INTRICATE)
        await service.documents(workers=workers).handle(event)
        [said] = service.outbox.published
        assert isinstance(said.data, DocumentFailed) and said.data.code == "too_complex"
        assert "could be read" in said.data.message
        assert [progress.stage for progress in service.shown] == ["received", "reading", "understanding"]
        assert await service.objects.get(document_key(event.subject_id)) == INTRICATE.encode()
    await service.documents().handle(await service.uploaded(INTRICATE))
    assert isinstance(service.outbox.published[-1].data, DocumentProcessed), "with more time the same upload is read"


async def test_a_text_that_kills_its_readers_in_understanding_fails_with_a_sentence(service: Service) -> None:
    async def show(_: UUID, progress: DocumentProgress) -> None:
        if progress.stage == "understanding":
            for worker in workers():
                worker.kill()

    await service.documents(show=show).handle(await service.uploaded(INTRICATE))
    [said] = service.outbox.published
    assert isinstance(said.data, DocumentFailed) and said.data.code == "broken" and "could be read" in said.data.message
    await service.read(RESUME)
    assert isinstance(service.outbox.published[-1].data, DocumentProcessed)


HEAVY = (
    "parsing.readers.parsed_from",
    "parsing.sniffing.decoded",
    "understanding.document.without_contact",
    "understanding.refine.without",
    "understanding.comparing.mentions_in",
)


async def test_the_service_itself_reads_understands_and_compares_nothing(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even in a thread: it could not be stopped there, and holds up everything else."""

    def refuse(*_: Any) -> None:
        raise AssertionError("this is for a worker to do")

    for name in HEAVY:
        monkeypatch.setattr(f"documents.{name}", refuse)
    resume, job = await service.read(RESUME), await service.read(JOB, kind="job_description")
    assert [type(said.data) for said in service.outbox.published] == [DocumentProcessed] * 2
    ask = GapsAsk(resume_id=resume, job_description_id=job, user_id=ANNE)
    assert (await service.views.gaps(ask)).analysis.gaps


@pytest.mark.parametrize("character", ["\x00", "\ud800"], ids=["zero", "half"])
async def test_characters_that_postgres_has_none_of_fail_the_document(
    service: Service, monkeypatch: pytest.MonkeyPatch, character: str
) -> None:
    async def with_it(*given: Any, **named: Any) -> Understood:
        understood = await Workers.read(service.workers, *given, **named)
        return understood.model_copy(update={"body": understood.body + character})

    monkeypatch.setattr(service.workers, "read", with_it)
    await service.read(RESUME)
    [said] = service.outbox.published
    assert isinstance(said.data, DocumentFailed) and said.data.code == "broken"


@pytest.mark.parametrize("failure", [asyncpg.DataError(), WorkFailed("it takes too long", at_limit=True)])
async def test_what_fails_about_a_models_words_leaves_the_document_as_it_was_read(
    service: Service, failure: Exception
) -> None:
    async def refine(*_: Any) -> Any:
        raise failure

    event = await service.uploaded(RESUME)
    await service.documents(refine=refine).handle(event)
    [said] = service.outbox.published
    assert isinstance(said.data, DocumentProcessed)


async def test_a_document_deleted_meanwhile_leaves_no_file(service: Service) -> None:
    event = await service.uploaded(RESUME)
    assert (await service.documents().delete(DeleteAsk(document_id=event.subject_id, user_id=ANNE))).found
    await service.objects.put(document_key(event.subject_id), RESUME.encode())
    await service.documents().handle(event)
    assert service.outbox.published == []
    with pytest.raises(ObjectNotFound):
        await service.objects.get(document_key(event.subject_id))


async def test_a_document_deleted_while_it_is_read_stays_deleted(service: Service, owner: AsOwner) -> None:
    event = await service.uploaded(RESUME)

    async def refine(document: StoredDocument, found: Understood) -> Understanding:
        assert (await service.documents().delete(DeleteAsk(document_id=document.id, user_id=ANNE))).found
        return found.understanding

    await service.documents(refine=refine).handle(event)
    assert service.outbox.published == []
    assert [await owner.count(table) for table in ("documents", "chunks", "vectors")] == [0, 0, 0]


async def test_a_reader_killed_in_the_middle_is_replaced_and_the_document_read_once(
    service: Service, owner: AsOwner
) -> None:
    await service.read(JOB, kind="job_description")
    [reader] = workers()
    event = await service.uploaded(RESUME)
    reader.suspend()
    handling = asyncio.create_task(service.documents().handle(event))
    done, _ = await asyncio.wait({handling}, timeout=0.5)
    assert not done and service.shown[-1].stage == "reading"
    reader.kill()
    await handling
    assert [type(said.data) for said in service.outbox.published] == [DocumentProcessed] * 2
    assert await owner.count("documents") == 2
    assert len(await service.store.chunks(event.subject_id, ANNE)) > 3


async def test_vectors_that_could_not_be_had_come_later(service: Service) -> None:
    service.embedder.fails = True
    document_id = await service.read(RESUME)
    [said] = service.outbox.published
    assert isinstance(said.data, DocumentProcessed) and not said.data.embedded
    assert await service.documents().index_missing() == 0
    service.embedder.fails = False
    assert await service.documents().index_missing() == 1
    assert await service.documents().index_missing() == 0
    view = (await service.views.view(DocumentViewAsk(document_id=document_id, user_id=ANNE))).document
    assert view and view.embedded


class Picky(Counting):
    """Has no vectors for one text."""

    async def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        if any("impossible" in text for text in texts):
            raise EmbeddingFailed("not this one")
        return await super().embed(texts)


async def test_a_document_that_gets_no_vectors_holds_up_no_other(service: Service) -> None:
    picky = Picky()
    bad = [await a_document(service.store, BEN, [f"This is impossible, {number}."]) for number in range(2)]
    for number in range(5):
        await a_document(service.store, ANNE, [f"This is fine, {number}."])
    assert await service.documents(embedder=picky).index_missing() == 5
    assert {each.id for each in await service.store.not_embedded(picky.model)} == {each.id for each in bad}


async def test_where_no_document_gets_vectors_not_all_are_tried(service: Service) -> None:
    class Never(Counting):
        async def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
            self.texts += texts
            raise EmbeddingFailed("away")

    for number in range(5):
        await a_document(service.store, ANNE, [f"This is fine, {number}."])
    never = Never()
    assert await service.documents(embedder=never).index_missing() == 0 and len(never.texts) == 3


SAID = {
    "title": "Chief Wizard",
    "summary_points": ["Backend developer who built payment services in Go.", "Won 3 prizes."],
    "key_skills": ["payment service", "Cobol"],
    "experience_highlights": [],
    "requirements": [],
}


async def test_a_model_adds_what_the_text_bears_out_and_is_asked_once_for_the_same_text(service: Service) -> None:
    async with OpenAIServer(Reply(json.dumps(SAID))) as server:
        models = Models.from_settings(ModelSettings(openai_base_url=server.url, model_attempt_timeout=5))
        chain = models.chain("documents")
        assert chain
        refine = Refiner(service.store, service.workers, chain, PromptLibrary(PROMPTS)).refine
        found = []
        for text in (RESUME, RESUME.replace("Anne Example", "Anna Example"), RESUME + "\nRust\n"):
            event = await service.uploaded(text)
            await service.documents(refine=refine).handle(event)
            view = (await service.views.view(DocumentViewAsk(document_id=event.subject_id, user_id=ANNE))).document
            assert view and view.understanding
            found.append(view.understanding)
        assert len(server.bodies()) == 2
        assert "anne@example.org" not in json.dumps(server.bodies())
        await models.aclose()
    assert found[0].title == "Backend Developer" and found[0] == found[1]
    assert "Backend developer who built payment services in Go." in found[0].summary.summary_points
    assert "payment service" in found[0].summary.key_skills
    assert not {"Won 3 prizes.", "Cobol"} & {*found[0].summary.summary_points, *found[0].summary.key_skills}


async def test_a_model_that_is_away_changes_nothing_and_is_asked_again(service: Service) -> None:
    async with OpenAIServer(Status(500)) as server:
        settings = ModelSettings(openai_base_url=server.url, model_attempt_timeout=0.3)
        models = Models.from_settings(settings)
        chain = models.chain("documents")
        assert chain
        refine = Refiner(service.store, service.workers, chain, PromptLibrary(PROMPTS)).refine
        event = await service.uploaded(RESUME)
        await service.documents(refine=refine).handle(event)
        asked = len(server.bodies())
        document = await service.store.find(event.subject_id, ANNE, understanding=True)
        assert document and document.status == "completed" and asked
        found = await service.workers.read(
            RESUME.encode(), filename="cv.txt", kind="resume", today=datetime.now(UTC).date()
        )
        assert await refine(document, found) == found.understanding == document.view.understanding
        assert len(server.bodies()) > asked
        await models.aclose()


async def test_without_embeddings_nothing_is_missing(service: Service) -> None:
    event = await service.uploaded(RESUME)
    documents = service.documents(embedder=None)
    await documents.handle(event)
    assert isinstance(service.outbox.published[0].data, DocumentProcessed)
    assert await documents.index_missing() == 0


async def test_a_resume_is_compared_with_a_job_description_of_ones_own(service: Service) -> None:
    resume, job = await service.read(RESUME), await service.read(JOB, kind="job_description")
    answer = await service.views.gaps(GapsAsk(resume_id=resume, job_description_id=job, user_id=ANNE))
    assert answer.found
    covered = {gap.coverage: gap for gap in answer.analysis.gaps}
    assert "Go" in covered["covered"].requirement and covered["covered"].evidence in RESUME
    assert "Kafka" in covered["missing"].requirement and covered["missing"].source in JOB
    for ask in (
        GapsAsk(resume_id=resume, job_description_id=job, user_id=EVE),
        GapsAsk(resume_id=job, job_description_id=resume, user_id=ANNE),
        GapsAsk(resume_id=resume, job_description_id=uuid4(), user_id=ANNE),
    ):
        assert not (await service.views.gaps(ask)).found


async def test_many_pieces_come_in_parts(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("documents.views.MAX_ANSWER_BYTES", 600)
    document_id = await service.read(RESUME)
    found, following = [], 0
    while following is not None:
        part = await service.views.chunks(ChunksAsk(document_id=document_id, user_id=ANNE, from_index=following))
        assert part.chunks
        found += [chunk.chunk_index for chunk in part.chunks]
        following = part.next_index
    assert found == list(range(len(found))) and len(found) > 3
    assert not (await service.views.chunks(ChunksAsk(document_id=document_id, user_id=EVE))).found


async def test_a_deletion_forgets_the_file_the_rows_and_the_vectors(service: Service, owner: AsOwner) -> None:
    document_id = await service.read(RESUME)
    assert not (await service.documents().delete(DeleteAsk(document_id=document_id, user_id=EVE))).found
    assert (await service.documents().delete(DeleteAsk(document_id=document_id, user_id=ANNE))).found
    assert not (await service.documents().delete(DeleteAsk(document_id=document_id, user_id=ANNE))).found
    with pytest.raises(ObjectNotFound):
        await service.objects.get(document_key(document_id))
    assert [await owner.count(table) for table in ("documents", "chunks", "vectors")] == [0, 0, 0]
    assert service.noted == [document_id]  # so that no backup brings it back


class Dies:
    """An object store that is away for a while."""

    async def delete(self, key: str) -> None:
        raise ConnectionError(key)


async def test_the_janitor_ends_what_was_left(service: Service, owner: AsOwner) -> None:
    gone, stuck, expired, fine = (
        await service.read(RESUME),
        (await service.uploaded(JOB)).subject_id,
        await service.read(RESUME, None),
        await service.read(RESUME, BEN),
    )
    await service.objects.delete(document_key(stuck))
    interrupted = service.documents(objects=Dies())
    with pytest.raises(ConnectionError):
        await interrupted.delete(DeleteAsk(document_id=gone, user_id=ANNE))
    await owner("UPDATE documents.documents SET updated_at = now() - interval '1 hour'")
    await owner("UPDATE documents.documents SET created_at = now() - interval '31 days' WHERE id = $1", expired)
    janitor = Janitor(service.store, service.objects, service.documents(), timeout=600, days=30)
    await janitor.round()
    assert await service.store.find(expired, None) is None
    lost = await service.store.find(stuck, ANNE)
    assert lost and lost.view.error_code == "lost"
    rows = {row["id"] for row in await owner("SELECT id FROM documents.documents")}
    assert rows == {stuck, expired, fine}, "what expired just now goes in the next round"
    await owner("UPDATE documents.documents SET updated_at = now() - interval '1 hour'")
    await asyncio.gather(janitor.round(), janitor.round())
    assert {row["id"] for row in await owner("SELECT id FROM documents.documents")} == {stuck, fine}
    for document_id in (gone, expired):
        with pytest.raises(ObjectNotFound):
            await service.objects.get(document_key(document_id))
    assert await service.objects.get(document_key(fine)) == RESUME.encode()


AN_HOUR_AGO = "UPDATE documents.documents SET updated_at = now() - interval '1 hour'"


def janitor_of(service: Service, documents: Documents | None = None, objects: Any = None) -> Janitor:
    return Janitor(service.store, objects or service.objects, documents or service.documents(), timeout=600, days=30)


async def test_an_outage_costs_no_document(service: Service, owner: AsOwner) -> None:
    event = await service.uploaded(RESUME)
    stopped = service.documents(scanner=Away())
    for _ in range(8):
        with pytest.raises(ConnectionError):
            await stopped.handle(event)
    await owner(AN_HOUR_AGO)
    await janitor_of(service, stopped).round()
    waiting = await service.store.find(event.subject_id, ANNE)
    assert waiting and waiting.status == "processing" and service.outbox.published == []
    await service.documents().handle(event)
    assert isinstance(service.outbox.published[-1].data, DocumentProcessed)


async def test_a_document_whose_event_was_never_published_is_read(service: Service, owner: AsOwner) -> None:
    event = await service.uploaded(RESUME, None)
    await owner(AN_HOUR_AGO)
    await asyncio.gather(janitor_of(service).round(), janitor_of(service).round())
    [said] = service.outbox.published
    assert isinstance(said.data, DocumentProcessed) and (said.subject_id, said.user_id) == (event.subject_id, None)
    await service.documents().handle(event)
    assert service.outbox.published[-1].data == said.data


async def test_documents_that_are_not_read_hide_no_deletion(service: Service, owner: AsOwner) -> None:
    for number in range(101):
        await service.store.register(upload_of(ANNE, str(number)))
    gone = await service.read(RESUME, BEN)
    await service.store.begin_deleting(gone, BEN)
    await owner(AN_HOUR_AGO)
    await janitor_of(service).round()
    assert await owner("SELECT FROM documents.documents WHERE id = $1", gone) == []
    lost = await owner("SELECT FROM documents.documents WHERE error_code = 'lost'")
    assert len(lost) == MOST_TO_READ, "the rest is for the next rounds"


async def test_a_deletion_that_fails_holds_up_no_other(service: Service, owner: AsOwner) -> None:
    documents = [(await service.uploaded(text)).subject_id for text in (RESUME, JOB, "a word")]
    for document_id in documents:
        await service.store.begin_deleting(document_id, ANNE)
    stays = document_key(documents[0])

    class Holds:
        async def delete(self, key: str) -> None:
            if key == stays:
                raise ConnectionError(key)
            await service.objects.delete(key)

        async def sweep(self, seconds: float) -> int:
            return 0

    await owner(AN_HOUR_AGO)
    late = (await service.uploaded(RESUME, BEN)).subject_id
    await owner(AN_HOUR_AGO)
    await janitor_of(service, objects=Holds()).round()
    assert {row["id"] for row in await owner("SELECT id FROM documents.documents")} == {documents[0], late}
    read = await service.store.find(late, BEN)
    assert read and read.status == "completed", "the rest of the round took place"


async def test_leftovers_of_uploads_are_swept_now_and_then(service: Service) -> None:
    class Swept:
        times: list[float] = []

        async def sweep(self, seconds: float) -> int:
            self.times.append(seconds)
            return 1

    swept = Swept()
    janitor = janitor_of(service, objects=swept)
    await janitor.round()
    await janitor.round()
    assert swept.times == [3600]
