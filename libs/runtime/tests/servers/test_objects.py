"""The object stores: on a real broker, as the services' own users."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nats
import pytest
import pytest_asyncio
from devkit.embedded import EmbeddedNats
from nats.aio.client import Client
from runtime.broker import inbox_prefix
from runtime.objects import (
    DOCUMENT_BUCKET,
    NatsObjectStore,
    ObjectNotFound,
    ObjectStoreFull,
)
from runtime.permissions import nats_user
from runtime.provision import provision_broker

LARGE = bytes(range(256)) * 8192
CHUNKS = 16
STREAM = f"OBJ_{DOCUMENT_BUCKET}"
PASSWORD = "of the tests"


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedNats]:
    """A broker with the users of the two services that keep files, and one that does not."""
    embedded = EmbeddedNats(tmp_path)
    embedded.users = [nats_user(name, PASSWORD) for name in ("gateway", "documents", "coach")]
    with embedded:
        connection = await nats.connect(embedded.url)
        await provision_broker(connection.jetstream())
        await connection.close()
        yield embedded


@asynccontextmanager
async def login(server: EmbeddedNats, name: str) -> AsyncIterator[tuple[NatsObjectStore, Client, list[str]]]:
    refused: list[str] = []

    async def note(error: Exception) -> None:
        refused.append(str(error))

    prefix = inbox_prefix(name).encode()
    connection = await nats.connect(server.address, user=name, password=PASSWORD, inbox_prefix=prefix, error_cb=note)
    try:
        yield NatsObjectStore(connection.jetstream, DOCUMENT_BUCKET), connection, refused
    finally:
        await connection.close()


async def test_whether_an_object_is_there_is_told(server: EmbeddedNats) -> None:
    async with login(server, "documents") as (documents, _, _):
        assert not await documents.has("one/file")
        await documents.put("one/file", b"1")
        assert await documents.has("one/file")
        await documents.delete("one/file")
        assert not await documents.has("one/file")


async def test_what_the_gateway_puts_documents_gets_and_deletes(server: EmbeddedNats) -> None:
    async with login(server, "gateway") as (gateway, _, refused), login(server, "documents") as (documents, _, _):
        await gateway.put("a/1", LARGE)
        await gateway.put("a/2", b"second")
        assert await documents.get("a/1") == LARGE == await gateway.get("a/1")
        await gateway.put("a/1", b"replaced")
        assert await documents.get("a/1") == b"replaced"
        await documents.delete("a/1")
        await documents.delete("a/1")
        for store in (gateway, documents):
            with pytest.raises(ObjectNotFound):
                await store.get("a/1")
        assert await gateway.get("a/2") == b"second"
        assert refused == []


async def test_what_was_deleted_is_not_on_disk(server: EmbeddedNats, tmp_path: Path) -> None:
    words = b"Ada Lovelace, 12 St James's Square" * 9000
    async with login(server, "documents") as (documents, connection, _):
        await documents.put("ada/file", words)
        assert _on_disk(tmp_path, b"Lovelace")
        await documents.delete("ada/file")
        info = await connection.jetstream().stream_info(f"OBJ_{DOCUMENT_BUCKET}")
        assert info.state.messages == 0
    assert not _on_disk(tmp_path, b"Lovelace")


def _on_disk(folder: Path, words: bytes) -> bool:
    return any(words in path.read_bytes() for path in folder.rglob("*.blk"))


async def test_others_may_not_read_files_and_the_gateway_may_not_delete_them(server: EmbeddedNats) -> None:
    async with login(server, "documents") as (documents, _, _):
        await documents.put("a/1", b"mine")
        async with login(server, "coach") as (coach, _, refused):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(coach.get("a/1"), 1)
            assert any("permissions violation" in each.lower() for each in refused)
        async with login(server, "gateway") as (gateway, _, _):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(gateway.delete("a/1"), 1)
        assert await documents.get("a/1") == b"mine"


Meddle = Callable[[int], Awaitable[None]]


class Meddled:
    """The broker's context, where something happens before (or after) each call of one method, which is told its
    number."""

    def __init__(self, connection: Client, method: str, meddle: Meddle, after: bool) -> None:
        self._js = connection.jetstream()
        self._method = method
        self._meddle = meddle
        self._after = after
        self._calls = 0

    def __getattr__(self, name: str) -> Any:
        return self._meddled if name == self._method else getattr(self._js, name)

    async def _meddled(self, *args: Any, **kwargs: Any) -> Any:
        self._calls += 1
        number = self._calls
        if not self._after:
            await self._meddle(number)
        answer = await getattr(self._js, self._method)(*args, **kwargs)
        if self._after:
            await self._meddle(number)
        return answer


def meddled(connection: Client, method: str, meddle: Meddle, *, after: bool = False) -> NatsObjectStore:
    js = Meddled(connection, method, meddle, after)
    return NatsObjectStore(lambda: js, DOCUMENT_BUCKET)  # type: ignore[arg-type, return-value]


async def messages(connection: Client) -> int:
    return (await connection.jetstream().stream_info(STREAM)).state.messages


@pytest.mark.parametrize("data", [b"", b"short", LARGE, LARGE + b"and more"])
async def test_other_clients_read_what_was_put_and_the_reverse(server: EmbeddedNats, data: bytes) -> None:
    async with login(server, "documents") as (documents, _, _):
        admin = await nats.connect(server.url)
        theirs = await admin.jetstream().object_store(DOCUMENT_BUCKET)
        await documents.put("a/ours", data)
        found = await theirs.get("a/ours")
        assert found.data == data == await documents.get("a/ours")
        assert (found.info.name, found.info.bucket, found.info.size) == ("a/ours", DOCUMENT_BUCKET, len(data))
        await theirs.put("a/theirs", data)
        assert await documents.get("a/theirs") == data
        assert [each.name for each in await theirs.list()] == ["a/ours", "a/theirs"]
        await theirs.delete("a/theirs")
        with pytest.raises(ObjectNotFound):
            await documents.get("a/theirs")
        await admin.close()


@pytest.mark.parametrize("lost", [1, 7, CHUNKS])
async def test_an_object_that_lacks_a_part_is_not_found(server: EmbeddedNats, lost: int) -> None:
    async with login(server, "documents") as (documents, connection, _):
        await documents.put("a/1", LARGE)
        await connection.jetstream().delete_msg(STREAM, lost)
        with pytest.raises(ObjectNotFound):
            await documents.get("a/1")


async def test_an_object_whose_digest_differs_is_not_found(server: EmbeddedNats) -> None:
    async with login(server, "documents") as (documents, connection, _):
        await documents.put("a/1", LARGE)
        js = connection.jetstream()
        stored = await js.get_msg(STREAM, seq=CHUNKS + 1)
        said = json.loads(stored.data or b"") | {"digest": "SHA-256=AAAA"}
        await js.publish(str(stored.subject), json.dumps(said).encode(), headers={"Nats-Rollup": "sub"})
        with pytest.raises(ObjectNotFound):
            await documents.get("a/1")


async def test_who_reads_what_is_replaced_gets_the_new_one(server: EmbeddedNats) -> None:
    async with login(server, "documents") as (documents, connection, _):

        async def replace(call: int) -> None:
            if call == 5:
                await documents.put("a/1", b"new")

        await documents.put("a/1", LARGE)
        assert await meddled(connection, "get_msg", replace).get("a/1") == b"new"
        assert await messages(connection) == 2


async def test_who_reads_what_is_deleted_does_not_find_it(server: EmbeddedNats) -> None:
    async with login(server, "documents") as (documents, connection, _):

        async def delete(call: int) -> None:
            if call == 5:
                await documents.delete("a/1")

        await documents.put("a/1", LARGE)
        with pytest.raises(ObjectNotFound):
            await meddled(connection, "get_msg", delete).get("a/1")


async def test_reading_beside_writing_and_deleting_always_ends(server: EmbeddedNats) -> None:
    first, second = LARGE, LARGE[::-1] + b"second"

    async def write(store: NatsObjectStore) -> None:
        for round_ in range(15):
            await store.put("a/1", second if round_ % 2 else first)

    async def delete(store: NatsObjectStore) -> None:
        for _ in range(10):
            await store.delete("a/1")

    async def read(store: NatsObjectStore) -> None:
        for _ in range(25):
            try:
                assert await store.get("a/1") in (first, second)
            except ObjectNotFound:
                await asyncio.sleep(0)

    async with login(server, "gateway") as (gateway, _, refused), login(server, "documents") as (documents, here, _):
        work = [write(gateway), write(gateway), read(gateway), read(documents), delete(documents), delete(documents)]
        await asyncio.wait_for(asyncio.gather(*work), 60)
        await documents.delete("a/1")
        assert await messages(here) == 0
        assert refused == []


async def test_several_puts_at_once_leave_one_object(server: EmbeddedNats) -> None:
    async with login(server, "gateway") as (gateway, connection, _):
        await asyncio.gather(*(gateway.put("a/1", LARGE[:-1] + bytes([each])) for each in range(5)))
        assert (await gateway.get("a/1"))[:-1] == LARGE[:-1]
        assert await messages(connection) == CHUNKS + 1


async def test_several_deletions_at_once_delete_it(server: EmbeddedNats) -> None:
    async with login(server, "documents") as (documents, connection, _):
        await documents.put("a/1", LARGE)
        await asyncio.gather(*(documents.delete("a/1") for _ in range(5)))
        assert await messages(connection) == 0


async def test_a_deletion_that_was_interrupted_is_finished_by_another(server: EmbeddedNats) -> None:
    async def fail(call: int) -> None:
        if call == 5:
            raise ConnectionError

    async with login(server, "documents") as (documents, connection, _):
        await documents.put("a/1", LARGE)
        with pytest.raises(ConnectionError):
            await meddled(connection, "delete_msg", fail).delete("a/1")
        await documents.delete("a/1")
        assert await messages(connection) == 0


@pytest.mark.parametrize(("at", "left"), [(1, 2), (4, 2), (CHUNKS, 2), (CHUNKS + 1, CHUNKS + 1)])
async def test_a_put_that_is_cancelled_leaves_the_old_or_the_new(server: EmbeddedNats, at: int, left: int) -> None:
    async def cancel(call: int) -> None:
        if call == at:
            putting.cancel()

    async with login(server, "gateway") as (gateway, connection, _):
        await gateway.put("a/1", b"old")
        putting = asyncio.create_task(meddled(connection, "publish", cancel).put("a/1", LARGE))
        with pytest.raises(asyncio.CancelledError):
            await putting
        assert await messages(connection) == left
        assert await gateway.get("a/1") == (b"old" if left == 2 else LARGE)


async def test_a_put_whose_last_answer_is_lost_leaves_the_object_whole(server: EmbeddedNats) -> None:
    async def lose(call: int) -> None:
        if call == CHUNKS + 1:
            raise TimeoutError

    async with login(server, "gateway") as (gateway, connection, _):
        with pytest.raises(TimeoutError):
            await meddled(connection, "publish", lose, after=True).put("a/1", LARGE)
        assert await gateway.get("a/1") == LARGE


async def test_what_nothing_names_is_swept_when_it_is_old(server: EmbeddedNats, tmp_path: Path) -> None:
    async with login(server, "documents") as (documents, connection, refused):
        await documents.put("a/1", LARGE)
        await documents.put("a/2", b"second")
        for nuid in ("killed", "killed", "left"):
            await connection.jetstream().publish(f"$O.{DOCUMENT_BUCKET}.C.{nuid}", b"Lovelace" * 1000)
        assert await documents.sweep(3600) == 0
        assert _on_disk(tmp_path, b"Lovelace")
        assert await documents.sweep(0) == 2
        assert await documents.sweep(0) == 0
        assert not _on_disk(tmp_path, b"Lovelace")
        assert await messages(connection) == CHUNKS + 1 + 2
        assert await documents.get("a/1") == LARGE
        assert await documents.get("a/2") == b"second"
        assert refused == []


async def test_a_full_bucket_says_so_and_keeps_what_it_has(server: EmbeddedNats) -> None:
    admin = await nats.connect(server.url)
    async with login(server, "gateway") as (gateway, connection, _), login(server, "documents") as (documents, _, _):
        await gateway.put("a/1", LARGE)
        await provision_broker(admin.jetstream(), document_bytes=3 * 1024 * 1024)
        with pytest.raises(ObjectStoreFull):
            await gateway.put("a/1", LARGE[::-1])
        assert await gateway.get("a/1") == LARGE
        assert await messages(connection) == CHUNKS + 1
        await gateway.put("a/2", b"small")
        await provision_broker(admin.jetstream(), document_bytes=1024 * 1024)  # less than there is
        assert await gateway.get("a/1") == LARGE
        with pytest.raises(ObjectStoreFull):
            await gateway.put("a/3", b"small")
        await documents.delete("a/1")
        await gateway.put("a/3", b"small")
    await admin.close()


async def test_the_bucket_is_limited_where_the_broker_has_the_room(server: EmbeddedNats) -> None:
    connection = await nats.connect(server.url)
    js = connection.jetstream()

    async def provisioned(size: int) -> int | None:
        await provision_broker(js, document_bytes=size)
        return (await js.stream_info(STREAM)).config.max_bytes

    assert await provisioned(50_000_000) == 50_000_000
    assert await provisioned(10**15) == -1
    await js.delete_stream(STREAM)
    assert await provisioned(10**15) == -1
    assert await provisioned(50_000_000) == 50_000_000
    await connection.close()
