"""The object stores: on a real broker, as the services' own users, and over the wire of S3."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nats
import pytest
import pytest_asyncio
from aiohttp import web
from nats.aio.client import Client
from runtime.broker import inbox_prefix
from runtime.embedded import EmbeddedNats
from runtime.embedded.process import free_port
from runtime.objects import (
    DOCUMENT_BUCKET,
    CloudObjectStore,
    NatsObjectStore,
    ObjectNotFound,
    ObjectSettings,
    make_object_store,
)
from runtime.permissions import nats_user
from runtime.provision import provision_broker

LARGE = bytes(range(256)) * 8192
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


@pytest.mark.servers
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


@pytest.mark.servers
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


@pytest.mark.servers
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


@dataclass
class S3:
    """So much of S3 as an object store uses. `failures` are statuses for the next requests; it checks no signature."""

    objects: dict[str, bytes] = field(default_factory=dict)
    failures: list[int] = field(default_factory=list)
    signed: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.signed.append(request.headers.get("Authorization", ""))
        if self.failures:
            return web.Response(status=self.failures.pop(0), text="<Error><Code>SlowDown</Code></Error>")
        key = request.path
        if request.method == "PUT":
            self.objects[key] = await request.read()
            return web.Response(headers={"ETag": '"1"'})
        if request.method == "POST":  # several at once, whether they are there or not
            keys = re.findall("<Key>(.*?)</Key>", await request.text())
            for each in keys:
                self.objects.pop(f"{key}/{each}", None)
            gone = "".join(f"<Deleted><Key>{each}</Key></Deleted>" for each in keys)
            return web.Response(text=f"<DeleteResult>{gone}</DeleteResult>")
        if key not in self.objects:
            return web.Response(status=404, text="<Error><Code>NoSuchKey</Code></Error>")
        return web.Response(body=self.objects[key], headers={"ETag": '"1"', "Last-Modified": _LONG_AGO})


_LONG_AGO = "Wed, 01 Jan 2025 00:00:00 GMT"


@pytest_asyncio.fixture
async def s3(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[S3]:
    wire = S3()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{tail:.*}", wire.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    yield wire
    await runner.cleanup()


async def test_objects_live_in_a_folder_of_a_bucket(s3: S3) -> None:
    store = CloudObjectStore("s3://careers/parley")
    await store.put("a/1", LARGE)
    assert await store.get("a/1") == LARGE
    assert list(s3.objects) == ["/careers/parley/a/1"]
    assert all(each.startswith("AWS4-HMAC-SHA256 Credential=key/") for each in s3.signed)
    await store.delete("a/1")
    await store.delete("a/1")
    with pytest.raises(ObjectNotFound):
        await store.get("a/1")


async def test_a_variable_that_is_empty_counts_as_absent(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT", "")  # another name of the address, which would win
    await CloudObjectStore("s3://careers").put("a/1", b"kept")
    assert s3.objects == {"/careers/a/1": b"kept"}


async def test_a_store_that_stumbles_is_tried_again(s3: S3) -> None:
    store = CloudObjectStore("s3://careers")
    s3.failures = [500, 503]
    await store.put("a/1", b"kept")
    assert s3.objects == {"/careers/a/1": b"kept"}


@pytest.mark.parametrize("status", [403, 401])
async def test_a_refusal_is_no_missing_object(s3: S3, status: int) -> None:
    s3.failures = [status] * 9
    with pytest.raises(ConnectionError) as raised:
        await CloudObjectStore("s3://careers").get("a/1")
    assert "secret" not in str(raised.value)


async def test_a_store_that_is_away_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    with pytest.raises(ConnectionError):
        await CloudObjectStore("s3://careers").put("a/1", b"x")


def test_the_setting_decides_where_files_live() -> None:
    def js() -> None:
        raise AssertionError("nothing is connected")

    here = make_object_store(ObjectSettings(object_store_url=""), "documents", js)  # type: ignore[arg-type]
    assert isinstance(here, NatsObjectStore)
    with pytest.raises(ValueError, match="OBJECT_STORE_URL"):
        make_object_store(ObjectSettings(object_store_url="ftp://x"), "documents", js)  # type: ignore[arg-type]
