"""What is kept of documents, and who may reach it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg
import pytest
from contracts.documents.asks import DocumentListAsk, RegisterAsk
from contracts.documents.understanding import Skill, Understanding
from devkit.fixtures import TestDatabase
from document_helpers import AsOwner, a_document, reading_of, upload_of
from documents.quotas import Quotas
from documents.store import DocumentStore, StoredDocument, content_hash
from documents.tenant import Tenant
from runtime.database import Database
from runtime.sql.tenants import as_tenant

ANNE, BEN, EVE = uuid4(), uuid4(), uuid4()
LINES = ("Built a payment service in Go.", "Ran forty Postgres servers.")


async def uploaded(store: DocumentStore, ask: RegisterAsk) -> StoredDocument:
    registered = await store.register(ask)
    assert registered.document_id
    found = await store.find(registered.document_id, ask.user_id)
    assert found
    return found


async def test_a_document_is_found_as_it_was_registered_and_read(store: DocumentStore) -> None:
    ask = upload_of(ANNE, job_role="Engineer")
    document = await uploaded(store, ask)
    assert (document.id, document.status, document.view.job_role) == (ask.document_id, "processing", "Engineer")
    assert document.view.latest and document.view.version == 1 and document.view.series_id == ask.document_id
    assert await store.text(document.id, ANNE, contact=True) is None
    reading = reading_of(LINES, understanding=Understanding(title="Engineer", years=4.5))
    assert await store.complete(document, reading)
    found = await store.find(document.id, ANNE, understanding=True)
    assert found and found.view.understanding == reading.understanding
    assert (found.view.status, found.view.chunks, found.view.pages, found.view.words) == ("completed", 2, 1, 10)
    assert found.view.processed_at and found.view.media_type == "pdf" and not found.view.embedded
    assert await store.chunks(document.id, ANNE) == reading.chunks
    assert await store.chunks(document.id, ANNE, 1) == reading.chunks[1:]
    assert await store.text(document.id, ANNE, contact=True) == reading.body
    assert await store.text(document.id, ANNE, contact=False) == reading.body_without_contact


async def test_the_same_file_of_the_same_person_is_one_document(store: DocumentStore) -> None:
    first = upload_of(ANNE, job_role="Engineer")
    assert await store.register(first) == (await store.register(first)).model_copy(update={"duplicate": False})
    again = upload_of(ANNE, job_role="Architect")
    registered = await store.register(again)
    assert (registered.document_id, registered.duplicate, registered.wanted) == (first.document_id, True, True)
    document = await store.find(first.document_id, ANNE)
    assert document and document.view.job_role == "Architect"
    await store.complete(document, reading_of(LINES))
    known = await store.register(upload_of(ANNE))
    assert known.duplicate and not known.wanted
    other_kind = await store.register(upload_of(ANNE, kind="job_description"))
    assert not other_kind.duplicate


async def test_a_document_that_failed_is_wanted_again(store: DocumentStore) -> None:
    document = await uploaded(store, upload_of(ANNE))
    assert await store.fail(document, "lost", "It is gone.")
    failed = await store.find(document.id, ANNE)
    assert failed and (failed.view.error_code, failed.view.error) == ("lost", "It is gone.")
    registered = await store.register(upload_of(ANNE))
    assert registered.wanted and registered.duplicate
    again = await store.find(document.id, ANNE)
    assert again and (again.status, again.view.error) == ("processing", None)


async def test_a_repeat_of_an_anonymous_upload_is_the_same_document(store: DocumentStore) -> None:
    ask = upload_of(None)
    first, second = await store.register(ask), await store.register(ask)
    assert first == second and first.document_id == ask.document_id
    assert (await store.register(upload_of(None))).document_id != ask.document_id
    other = upload_of(None, "another file", document_id=ask.document_id)
    assert (await store.register(other)).document_id is None


async def test_the_same_upload_twice_at_once_is_one_document(store: DocumentStore) -> None:
    found = await asyncio.gather(*(store.register(upload_of(ANNE)) for _ in range(8)))
    assert len({each.document_id for each in found}) == 1
    assert [each.duplicate for each in found].count(False) == 1


async def test_two_people_with_the_same_file_share_nothing(store: DocumentStore, owner: AsOwner) -> None:
    model, vectors = "m", [[1.0, 0.0], [0.0, 1.0]]
    annes = await a_document(store, ANNE, LINES, model=model, vectors=vectors)
    bens = await a_document(store, BEN, LINES, model=model, vectors=vectors)
    assert annes.id != bens.id and annes.sha256 == bens.sha256
    for document, stranger in ((annes, BEN), (annes, EVE), (annes, None), (bens, ANNE), (bens, EVE), (bens, None)):
        assert await store.find(document.id, stranger) is None
        assert await store.text(document.id, stranger, contact=False) is None
        assert await store.chunks(document.id, stranger) == ()
        assert not await store.begin_deleting(document.id, stranger)
    assert await owner.count("vectors") == 4
    assert await store.begin_deleting(annes.id, ANNE)
    await store.delete(annes.id)
    assert await store.chunks(bens.id, BEN) != ()
    assert {row["owner"] for row in await owner("SELECT owner FROM documents.vectors")} == {BEN}


async def test_only_who_holds_the_id_of_a_document_without_account_reaches_it(store: DocumentStore) -> None:
    document = await a_document(store, None, LINES)
    assert await store.find(document.id, None) and await store.find(document.id, ANNE)
    assert await store.find(uuid4(), None) is None
    assert await store.of_user(DocumentListAsk(user_id=ANNE)) == ()


async def test_row_level_security_holds_whatever_the_statement_says(opened: Database, store: DocumentStore) -> None:
    document = await a_document(store, ANNE, LINES, model="m", vectors=[[1.0], [0.5]])
    held = Tenant(EVE, (document.id,))
    async with as_tenant(opened, held) as connection:
        for table in ("documents", "chunks", "vectors", "refinements"):
            assert await connection.fetch(f"SELECT * FROM documents.{table}") == []
        assert await connection.execute("DELETE FROM documents.documents") == "DELETE 0"
        assert await connection.execute("UPDATE documents.chunks SET body = 'x'") == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with as_tenant(opened, held) as connection:
            await connection.execute(
                "INSERT INTO documents.documents (id, user_id, kind, filename, size, sha256, series_id)"
                " VALUES (gen_random_uuid(), $1, 'resume', 'x', 1, 'x', gen_random_uuid())",
                ANNE,
            )


async def test_without_a_tenant_nothing_is_reached(database: TestDatabase, store: DocumentStore) -> None:
    await a_document(store, ANNE, LINES)
    connection = await asyncpg.connect(database.url("documents"))
    assert await connection.fetch("SELECT * FROM documents.documents") == []
    await connection.close()


async def test_versions_are_a_series(store: DocumentStore) -> None:
    first = await uploaded(store, upload_of(ANNE, "one"))
    second = await uploaded(store, upload_of(ANNE, "two", replaces=first.id))
    third = await uploaded(store, upload_of(ANNE, "three", replaces=first.id))
    assert [each.view.version for each in (first, second, third)] == [1, 2, 3]
    listed = await store.of_user(DocumentListAsk(user_id=ANNE, series_id=first.id))
    assert [(view.version, view.latest) for view in listed] == [(3, True), (2, False), (1, False)]
    for stranger, replaced in ((EVE, first.id), (ANNE, uuid4()), (None, first.id)):
        assert (await store.register(upload_of(stranger, "x", replaces=replaced))).document_id is None
    wrong_kind = upload_of(ANNE, "x", kind="job_description", replaces=first.id)
    assert (await store.register(wrong_kind)).document_id is None
    await store.begin_deleting(third.id, ANNE)
    second_again = await store.find(second.id, ANNE)
    assert second_again and second_again.view.latest


async def test_versions_uploaded_at_once_get_numbers_of_their_own(store: DocumentStore) -> None:
    first = await uploaded(store, upload_of(ANNE, "one"))
    asks = [upload_of(ANNE, f"version {number}", replaces=first.id) for number in range(3)]
    await asyncio.gather(*map(store.register, asks))
    listed = await store.of_user(DocumentListAsk(user_id=ANNE, series_id=first.id))
    assert [view.version for view in listed] == [4, 3, 2, 1]


async def test_a_document_without_account_is_replaced_again_and_again(store: DocumentStore) -> None:
    first = await uploaded(store, upload_of(None, "one"))
    asks = [upload_of(None, f"version {number}", replaces=first.id) for number in range(4)]
    later = [await uploaded(store, ask) for ask in asks[:2]]
    await asyncio.gather(*map(store.register, asks[2:]))
    later += [found for ask in asks[2:] if (found := await store.find(ask.document_id, None))]
    assert sorted(each.view.version for each in later) == [2, 3, 4, 5]
    assert {each.view.series_id for each in later} == {first.id}
    views = [each.view for each in [await store.find(ask.document_id, None) for ask in asks] if each]
    assert sorted(view.version for view in views if view.latest) == [5]
    replaced = await store.find(first.id, None)
    assert replaced and not replaced.view.latest
    repeated = await store.register(asks[0])
    assert repeated.document_id == asks[0].document_id


async def test_a_user_replaces_a_document_without_account_that_was_replaced_before(store: DocumentStore) -> None:
    first = await uploaded(store, upload_of(None, "one"))
    await uploaded(store, upload_of(None, "two", replaces=first.id))
    annes = await uploaded(store, upload_of(ANNE, "three", replaces=first.id))
    bens = await uploaded(store, upload_of(BEN, "four", replaces=first.id))
    assert annes.view.version < bens.view.version
    for document, user in ((annes, ANNE), (bens, BEN)):
        found = await store.find(document.id, user)
        assert found and found.view.latest, "what others did to the document is nothing to a user's own"
    assert await store.find(annes.id, BEN) is None and await store.find(annes.id, None) is None


async def test_an_older_version_uploaded_again_is_the_newest_from_then_on(store: DocumentStore) -> None:
    first = await uploaded(store, upload_of(ANNE, "one"))
    second = await uploaded(store, upload_of(ANNE, "two", replaces=first.id))
    await store.complete(first, reading_of(LINES))
    again = upload_of(ANNE, "one", replaces=second.id)
    for _ in range(2):
        registered = await store.register(again)
        assert (registered.document_id, registered.duplicate, registered.wanted) == (first.id, True, False)
    listed = await store.of_user(DocumentListAsk(user_id=ANNE, series_id=first.id))
    assert [(view.document_id, view.version, view.latest) for view in listed] == [
        (first.id, 3, True),
        (second.id, 2, False),
    ]
    other = await uploaded(store, upload_of(ANNE, "other"))
    assert (await store.register(upload_of(ANNE, "other", replaces=first.id))).document_id == other.id
    joined = await store.find(other.id, ANNE)
    assert joined and (joined.view.version, joined.view.series_id) == (4, first.id)
    assert (await store.register(upload_of(ANNE, "other"))).document_id == other.id
    kept = await store.find(other.id, ANNE)
    assert kept and (kept.view.version, kept.view.series_id) == (4, first.id)


async def test_versions_moved_and_uploaded_at_once_get_numbers_of_their_own(store: DocumentStore) -> None:
    one, two = [await uploaded(store, upload_of(ANNE, content)) for content in ("one", "two")]
    asks = [
        upload_of(ANNE, "one", replaces=two.id),
        upload_of(ANNE, "two", replaces=one.id),
        *(upload_of(ANNE, f"new {number}", replaces=each.id) for number in range(3) for each in (one, two)),
    ]
    await asyncio.gather(*map(store.register, asks))
    views = await store.of_user(DocumentListAsk(user_id=ANNE))
    assert len({(view.series_id, view.version) for view in views}) == len(views) == 5


async def test_documents_are_listed_newest_first_and_in_pages(store: DocumentStore) -> None:
    ids: list[UUID] = []
    for content in ("a", "b", "c"):
        ids.insert(0, (await uploaded(store, upload_of(ANNE, content))).id)
    job = await uploaded(store, upload_of(ANNE, kind="job_description"))
    await uploaded(store, upload_of(BEN))
    listed = await store.of_user(DocumentListAsk(user_id=ANNE, kind="resume"))
    assert [view.document_id for view in listed] == ids
    page = await store.of_user(DocumentListAsk(user_id=ANNE, limit=2, offset=1))
    assert [view.document_id for view in page] == ids[:2]
    assert [
        view.document_id for view in await store.of_user(DocumentListAsk(user_id=ANNE, kind="job_description"))
    ] == [job.id]


async def test_a_document_is_read_once(store: DocumentStore) -> None:
    document = await uploaded(store, upload_of(ANNE))
    readings = [reading_of(LINES), reading_of(("Something else.",))]
    done = await asyncio.gather(*(store.complete(document, reading) for reading in readings))
    assert sorted(done) == [False, True]
    kept = readings[done.index(True)]
    assert await store.chunks(document.id, ANNE) == kept.chunks
    assert not await store.fail(document, "broken", "Too late.")


async def test_what_is_deleted_meanwhile_is_not_written(store: DocumentStore, owner: AsOwner) -> None:
    document = await uploaded(store, upload_of(ANNE))
    assert await store.begin_deleting(document.id, ANNE)
    assert not await store.complete(document, reading_of(LINES))
    assert await store.find(document.id, ANNE) is None
    assert await owner.count("chunks") == 0
    again = await store.register(upload_of(ANNE))
    assert again.document_id != document.id and not again.duplicate


async def test_a_deletion_leaves_nothing(store: DocumentStore, owner: AsOwner) -> None:
    document = await a_document(store, ANNE, LINES, model="m", vectors=[[1.0], [0.5]])
    await store.keep_refinement(document, "h", "m", "{}")
    await store.begin_deleting(document.id, ANNE)
    await store.delete(document.id)
    await store.delete(document.id)
    assert [await owner.count(table) for table in ("documents", "chunks", "vectors", "refinements")] == [0, 0, 0, 0]


async def test_a_deletion_keeps_the_vectors_that_another_version_needs(store: DocumentStore, owner: AsOwner) -> None:
    first = await a_document(store, ANNE, LINES, model="m", vectors=[[1.0], [0.5]])
    lines = (LINES[0], "Led a team of five.")
    second = await a_document(store, ANNE, lines, model="m", vectors=[[1.0], [0.25]])
    assert await owner.count("vectors") == 3
    await store.begin_deleting(first.id, ANNE)
    await store.delete(first.id)
    assert await owner.count("vectors") == 2
    assert await store.chunks(second.id, ANNE) != ()


async def test_vectors_that_went_with_another_document_meanwhile_are_missed(store: DocumentStore) -> None:
    old = await a_document(store, ANNE, LINES, model="m", vectors=[[1.0], [0.5]])
    new = await uploaded(store, upload_of(ANNE, "new"))
    hashes = [content_hash(line) for line in LINES]
    assert await store.vectors(new, "m", hashes) == set(hashes)
    await store.begin_deleting(old.id, ANNE)
    await store.delete(old.id)
    known = replace(reading_of(LINES), embedded_by="m", vectors={})
    assert await store.complete(new, known)
    assert [each.id for each in await store.not_embedded("m")] == [new.id]
    await store.embed(new, "m", {hashes[0]: [1.0]})
    assert [each.id for each in await store.not_embedded("m")] == [new.id]
    await store.embed(new, "m", {hashes[1]: [0.5]})
    assert await store.not_embedded("m") == []


async def test_documents_with_the_same_words_in_another_order_are_kept_at_once(store: DocumentStore) -> None:
    lines = [f"Did thing number {number}." for number in range(60)]
    orders = [lines, lines[::-1]] * 3
    documents = [await uploaded(store, upload_of(ANNE, str(number))) for number in range(len(orders))]
    readings = [reading_of(order, model="m", vectors=[[1.0]] * len(order)) for order in orders]
    assert all(await asyncio.gather(*map(store.complete, documents, readings)))
    assert await store.not_embedded("m") == []


async def test_deletions_and_readings_at_once_end(store: DocumentStore, owner: AsOwner) -> None:
    documents = [await uploaded(store, upload_of(ANNE, str(number))) for number in range(4)]
    reading = reading_of(LINES, model="m", vectors=[[1.0], [0.5]])
    await asyncio.gather(
        *(store.complete(document, reading) for document in documents),
        *(store.delete(document.id) for document in documents[1:]),
    )
    assert await store.chunks(documents[0].id, ANNE) == reading.chunks
    assert await store.not_embedded("m") == [] and await owner.count("vectors") == 2


async def test_what_a_model_made_goes_with_the_last_document_that_has_it(store: DocumentStore) -> None:
    first, second, other = [await uploaded(store, upload_of(ANNE, content)) for content in ("one", "two", "three")]
    for document, hashed in ((first, "h"), (other, "i")):
        await store.keep_refinement(document, hashed, "m", "{}")
    assert await store.refinement(second, "h", "m") == "{}"
    await store.delete(first.id)
    assert await store.refinement(second, "h", "m") == "{}"
    await store.delete(second.id)
    assert await store.refinement(other, "i", "m") == "{}"
    await store.keep_refinement(second, "h", "m", "{}")
    assert await store.refinement(other, "h", "m") is None, "a document that is gone keeps nothing"


async def test_what_was_left_unfinished_is_found(store: DocumentStore, owner: AsOwner) -> None:
    working = await uploaded(store, upload_of(ANNE, "working"))
    going = await uploaded(store, upload_of(None, "going"))
    await a_document(store, BEN, LINES)
    await store.begin_deleting(going.id, None)
    assert await store.deletions(60) == [] and await store.claim_unread(60) is None
    await owner("UPDATE documents.documents SET updated_at = now() - interval '2 minutes'")
    assert await store.deletions(60) == [going.id]
    claimed = [each.id for each in await asyncio.gather(*(store.claim_unread(60) for _ in range(3))) if each]
    assert claimed == [working.id], "one replica reads it, and the others leave it alone"


async def test_documents_without_account_expire(store: DocumentStore, owner: AsOwner) -> None:
    old, young = await uploaded(store, upload_of(None, "old")), await uploaded(store, upload_of(None, "young"))
    mine = await uploaded(store, upload_of(ANNE))
    await owner("UPDATE documents.documents SET created_at = now() - interval '31 days' WHERE id <> $1", young.id)
    assert await store.begin_deleting_anonymous(30) == 1
    assert await store.find(old.id, None) is None
    assert await store.find(young.id, None) and await store.find(mine.id, ANNE)


async def test_what_a_model_made_is_kept_for_each_person_and_model(store: DocumentStore) -> None:
    annes, bens = await uploaded(store, upload_of(ANNE)), await uploaded(store, upload_of(BEN))
    await store.keep_refinement(annes, "h", "small", '{"title": "Engineer"}')
    await store.keep_refinement(annes, "h", "small", '{"title": "Another"}')
    assert await store.refinement(annes, "h", "small") == '{"title": "Engineer"}'
    assert await store.refinement(annes, "h", "large") is None
    assert await store.refinement(annes, "i", "small") is None
    assert await store.refinement(bens, "h", "small") is None


async def test_documents_without_vectors_of_a_model_are_found_and_get_them(store: DocumentStore) -> None:
    bare = await a_document(store, ANNE, LINES)
    await a_document(store, BEN, LINES, model="m", vectors=[[1.0], [0.5]])
    assert [each.id for each in await store.not_embedded("m")] == [bare.id]
    first, second = map(content_hash, LINES)
    await store.embed(bare, "m", {first: [1.0], second: [0.5]})
    assert await store.not_embedded("m") == []
    assert await store.vectors(bare, "m", [first, "another"]) == {first}
    assert len(await store.not_embedded("another")) == 2


RESUMES = (
    "resume_id user_id job_role file_path file_hash parsed_content skills chunks_metadata vector_store_ids created_at"
)


async def test_the_table_of_resumes_is_there_as_the_document_of_its_api_has_it(
    store: DocumentStore, opened: Database
) -> None:
    go = Skill(name="Go", category="language", mentions=1, source=LINES[0])
    understood = Understanding(skills=(go,), domains={"backend": 1.0})
    document = await uploaded(store, upload_of(ANNE, job_role="Engineer"))
    await store.complete(document, reading_of(LINES, understanding=understood))
    async with as_tenant(opened, Tenant(ANNE), read_only=True) as connection:
        [row] = await connection.fetch("SELECT * FROM resume_api.resumes")
    assert list(row.keys()) == RESUMES.split()
    assert (row["resume_id"], row["job_role"], row["skills"]) == (str(document.id), "Engineer", '["Go"]')
    assert row["vector_store_ids"] == f'["{document.id}_chunk_0", "{document.id}_chunk_1"]'
    async with as_tenant(opened, Tenant(BEN), read_only=True) as connection:
        assert await connection.fetch("SELECT * FROM resume_api.resumes") == []


LIMITED = Quotas(waiting=2, documents=3, storage=100)


def of_size(user_id: UUID | None, size: int) -> RegisterAsk:
    return upload_of(user_id, uuid4().hex).model_copy(update={"size": size})


async def test_an_account_has_only_so_much(opened: Database) -> None:
    store, user = DocumentStore(opened, LIMITED), uuid4()
    first, second = of_size(user, 30), of_size(user, 30)
    documents = [await uploaded(store, each) for each in (first, second)]
    assert (await store.register(of_size(user, 1))).over == "waiting"
    assert (await store.register(first)).over is None, "it is there already"
    assert (await store.register(of_size(uuid4(), 1))).over is None, "others have their own"
    for each in documents:
        await store.complete(each, reading_of(LINES))
    assert (await store.register(of_size(user, 41))).over == "storage"
    third = await uploaded(store, of_size(user, 40))
    await store.complete(third, reading_of(LINES))
    assert (await store.register(of_size(user, 1))).over == "documents"
    assert (await store.register(of_size(user, 1))).document_id is None
    await store.begin_deleting(third.id, user)
    assert (await store.register(of_size(user, 40))).over is None


async def test_uploads_at_once_find_the_room_that_there_is(opened: Database) -> None:
    store, user = DocumentStore(opened, LIMITED), uuid4()
    registered = await asyncio.gather(*(store.register(of_size(user, 1)) for _ in range(8)))
    assert [each.over for each in registered].count(None) == 2


async def test_who_has_no_account_has_only_so_many_being_read(opened: Database) -> None:
    store, caller = DocumentStore(opened, LIMITED), uuid4()

    def another(whose: UUID = caller) -> RegisterAsk:
        return of_size(None, 1000).model_copy(update={"caller": whose})

    wanted = [another() for _ in range(8)]
    registered = await asyncio.gather(*(store.register(each) for each in wanted))
    assert [each.over for each in registered].count(None) == 2
    assert (await store.register(another(uuid4()))).over is None, "others have their own"
    kept = next(ask for ask, each in zip(wanted, registered, strict=True) if each.over is None)
    assert (await store.register(kept)).document_id == kept.document_id, "it is there already"
    found = await store.find(kept.document_id, None)
    assert found and await store.complete(found, reading_of(LINES))
    assert (await store.register(another())).over is None
    assert (await store.register(another())).over == "waiting"


async def test_without_an_account_or_a_limit_there_is_none(opened: Database, store: DocumentStore) -> None:
    user = uuid4()
    for _ in range(5):
        assert (await DocumentStore(opened, LIMITED).register(of_size(None, 1000))).over is None
        assert (await store.register(of_size(user, 1000))).over is None
