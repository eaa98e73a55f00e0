"""The object store on a real broker."""

from __future__ import annotations

import pytest
from nats.aio.client import Client
from runtime.objects import NatsObjectStore, ObjectNotFound


async def test_what_was_put_is_there_until_it_is_deleted(broker_connection: Client) -> None:
    store = NatsObjectStore(broker_connection.jetstream(), "things")
    large = bytes(range(256)) * 8192
    await store.put("a/1", large)
    await store.put("a/2", b"second")
    assert await store.get("a/1") == large
    await store.put("a/1", b"replaced")
    assert await store.get("a/1") == b"replaced"
    await store.delete("a/1")
    await store.delete("a/1")
    with pytest.raises(ObjectNotFound):
        await store.get("a/1")
    assert await store.get("a/2") == b"second"


async def test_a_store_without_a_bucket_holds_nothing(broker_connection: Client) -> None:
    with pytest.raises(ObjectNotFound):
        await NatsObjectStore(broker_connection.jetstream(), "never-used").get("x")
