"""What is kept is put back as it was, and what cannot be is refused before anything is lost."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from devkit.fixtures import ROLE_PASSWORD, TestDatabase
from nats.aio.client import Client
from nats.js import JetStreamContext
from runtime.backup import MANIFEST, Restored, backup, restore
from runtime.backup.ledger import Ledger
from runtime.backup.rows import NotEmpty, UnknownVersion
from runtime.buckets import ACTIVITY_BUCKET
from runtime.objects import DOCUMENT_BUCKET, RECORDING_BUCKET, NatsObjectStore, ObjectNotFound, document_key
from runtime.provision import provision_broker
from runtime.publish import note_erased
from runtime.sql.migrations import DatabaseAdmin

DOCUMENT = """
INSERT INTO documents.documents (id, user_id, kind, filename, size, sha256, status, series_id, version)
VALUES ($1, $2, 'resume', $3, 5, $4, 'completed', $1, 1)
"""


@pytest.fixture
def js(broker_connection: Client) -> JetStreamContext:
    return broker_connection.jetstream()


@pytest.fixture
def admin(database: TestDatabase) -> DatabaseAdmin:
    return DatabaseAdmin(database.admin_url, ROLE_PASSWORD)


@pytest_asyncio.fixture
async def owner(database: TestDatabase) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.admin_url)
    yield connection
    await connection.close()


@pytest_asyncio.fixture
async def documents(owner: asyncpg.Connection, js: JetStreamContext) -> list[UUID]:
    """Three, with files; the second has a name that is none for a file system."""
    ids = [uuid4() for _ in range(3)]
    store = NatsObjectStore(lambda: js, DOCUMENT_BUCKET)
    for number, (each, name) in enumerate(zip(ids, ("cv.txt", "../../\x01 né\t\\N.txt", "b.txt"), strict=True)):
        await owner.execute(DOCUMENT, each, None, name, f"{number:064}")
        await store.put(document_key(each), f"file {number}".encode() * 100_000)
    return ids


async def put_back(
    admin: DatabaseAdmin, js: JetStreamContext, folder: Path, ledger: Ledger | None = None, *, overwrite: bool = True
) -> Restored:
    async def provision() -> None:
        await provision_broker(js)

    return await restore(admin, js, folder, ledger or Ledger(), provision, overwrite=overwrite)


async def test_rows_files_and_keys_come_back_as_they_were(
    admin: DatabaseAdmin, js: JetStreamContext, owner: asyncpg.Connection, documents: list[UUID], tmp_path: Path
) -> None:
    activity = await js.key_value(ACTIVITY_BUCKET)
    await activity.put("somebody", b"was here")
    before = await owner.fetch("SELECT * FROM documents.documents ORDER BY id")
    await backup(admin.url, js, tmp_path / "kept")

    store = NatsObjectStore(lambda: js, DOCUMENT_BUCKET)
    await owner.execute("DELETE FROM documents.documents WHERE id = $1", documents[0])
    await store.delete(document_key(documents[0]))
    await store.put("a file that is newer", b"belongs to no row")
    await activity.put("somebody", b"is here again")
    assert (await put_back(admin, js, tmp_path / "kept")).objects == 3

    assert await owner.fetch("SELECT * FROM documents.documents ORDER BY id") == before
    for number, each in enumerate(documents):
        assert await store.get(document_key(each)) == f"file {number}".encode() * 100_000
    assert not await store.has("a file that is newer")
    assert (await (await js.key_value(ACTIVITY_BUCKET)).get("somebody")).value == b"was here"
    # Services log in as before, with the rights that they had.
    assert await owner.fetchval("SELECT has_table_privilege('parley_documents', 'documents.documents', 'SELECT')")


async def test_what_was_deleted_since_stays_away_by_the_ledger_or_by_the_broker_that_lives(
    admin: DatabaseAdmin, js: JetStreamContext, owner: asyncpg.Connection, documents: list[UUID], tmp_path: Path
) -> None:
    await backup(admin.url, js, tmp_path / "kept")
    ledger = Ledger()
    ledger.add([str(documents[0])])
    ledger.write(tmp_path / "ledger")
    assert str(documents[0]) not in (tmp_path / "ledger").read_text()
    await note_erased(js, documents[1])
    assert (await put_back(admin, js, tmp_path / "kept", Ledger.read(tmp_path / "ledger"))).erased == 2
    assert [row["id"] for row in await owner.fetch("SELECT id FROM documents.documents")] == [documents[2]]
    store = NatsObjectStore(lambda: js, DOCUMENT_BUCKET)
    assert [await store.has(document_key(each)) for each in documents] == [False, False, True]


async def test_nothing_is_lost_by_mistake(
    admin: DatabaseAdmin, js: JetStreamContext, owner: asyncpg.Connection, documents: list[UUID], tmp_path: Path
) -> None:
    await backup(admin.url, js, tmp_path / "kept")
    with pytest.raises(FileExistsError):
        await backup(admin.url, js, tmp_path / "kept")
    with pytest.raises(NotEmpty):
        await put_back(admin, js, tmp_path / "kept", overwrite=False)
    manifest = json.loads((tmp_path / "kept" / MANIFEST).read_text())
    manifest["postgres"]["revisions"]["documents"] = "9999"
    (tmp_path / "kept" / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(UnknownVersion):
        await put_back(admin, js, tmp_path / "kept")
    assert await owner.fetchval("SELECT count(*) FROM documents.documents") == len(documents)


async def test_a_damaged_backup_is_told_and_can_be_followed_by_a_good_one(
    admin: DatabaseAdmin, js: JetStreamContext, documents: list[UUID], tmp_path: Path
) -> None:
    await backup(admin.url, js, tmp_path / "good")
    await backup(admin.url, js, tmp_path / "bad")
    damaged = next((tmp_path / "bad" / f"objects-{DOCUMENT_BUCKET}").iterdir())
    damaged.write_bytes(b"something else")
    with pytest.raises(ValueError, match="is not what was kept"):
        await put_back(admin, js, tmp_path / "bad")
    assert (await put_back(admin, js, tmp_path / "good")).objects == len(documents)


async def test_a_recording_that_belongs_to_no_answer_is_not_put_back(
    admin: DatabaseAdmin, js: JetStreamContext, tmp_path: Path
) -> None:
    store = NatsObjectStore(lambda: js, RECORDING_BUCKET)
    await store.put("nobody's", b"sound")
    await backup(admin.url, js, tmp_path / "kept")
    await put_back(admin, js, tmp_path / "kept")
    with pytest.raises(ObjectNotFound):
        await store.get("nobody's")


async def test_an_interrupted_backup_is_none(
    admin: DatabaseAdmin, js: JetStreamContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr("runtime.backup.stored.dump_messages", dies)
        with pytest.raises(ConnectionError):
            await backup(admin.url, js, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()
    await backup(admin.url, js, tmp_path / "kept")  # what the first left is no obstacle


def test_a_ledger_grows_and_never_forgets(tmp_path: Path) -> None:
    for ids in (["a"], ["b"], []):
        ledger = Ledger()
        ledger.add(ids)
        ledger.write(tmp_path / "ledger")
    assert len(Ledger.read(tmp_path / "ledger")) == 2
    (tmp_path / "other").write_text("something else")
    with pytest.raises(ValueError, match="no ledger"):
        Ledger.read(tmp_path / "other")
