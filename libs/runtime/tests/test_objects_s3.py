"""The object store over the wire of S3, and where files live."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from aiohttp import web
from devkit.embedded.process import free_port
from runtime.objects import (
    DOCUMENT_BUCKET,
    RECORDING_BUCKET,
    CloudObjectStore,
    NatsObjectStore,
    ObjectNotFound,
    ObjectSettings,
    make_object_store,
)

LARGE = bytes(range(256)) * 8192


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


async def test_recordings_have_a_folder_of_their_own_by_which_they_expire(s3: S3) -> None:
    settings = ObjectSettings(object_store_url="s3://careers/parley/")
    for bucket in (RECORDING_BUCKET, DOCUMENT_BUCKET):
        await make_object_store(settings, bucket, lambda: None).put("a/1", b"kept")  # type: ignore[arg-type, return-value]
    assert list(s3.objects) == ["/careers/parley/recordings/a/1", "/careers/parley/a/1"]


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


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AWS_ENDPOINT_URL_S3"])
@pytest.mark.parametrize(
    "value", ["localhost:9000", " ", "http://", "http:///x", "ftp://secret", "http://h:99999", "http://se cret", "//h"]
)
def test_an_endpoint_that_is_no_address_is_said_so(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=f"OBJECT_STORE_URL.*{name} ") as raised:
        CloudObjectStore("s3://careers")
    assert "cret" not in str(raised.value)


@pytest.mark.parametrize(
    "value", ["http://localhost:9000", "https://s3.eu-north-1.amazonaws.com/", "http://[::1]:9000"]
)
def test_an_endpoint_that_is_an_address_is_taken(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", value)
    CloudObjectStore("s3://careers")


async def test_a_panic_of_the_library_is_a_store_that_is_away(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    store = CloudObjectStore("s3://careers")

    class PanicException(BaseException):
        pass

    class Panicking:
        async def put_async(self, *_: object) -> None:
            raise PanicException("http://secret")

        get_async = delete_async = put_async

    monkeypatch.setattr(store, "_store", Panicking())
    for request in (store.put("a/1", b"x"), store.get("a/1"), store.delete("a/1")):
        with pytest.raises(ConnectionError) as raised:
            await request
        assert "secret" not in str(raised.value)


async def test_there_is_nothing_to_sweep_at_s3(s3: S3) -> None:
    assert await CloudObjectStore("s3://careers").sweep(0) == 0
    assert s3.signed == []


def test_the_setting_decides_where_files_live() -> None:
    def js() -> None:
        raise AssertionError("nothing is connected")

    here = make_object_store(ObjectSettings(object_store_url=""), "documents", js)  # type: ignore[arg-type]
    assert isinstance(here, NatsObjectStore)
    with pytest.raises(ValueError, match="OBJECT_STORE_URL"):
        make_object_store(ObjectSettings(object_store_url="ftp://x"), "documents", js)  # type: ignore[arg-type]
