"""Where large things live: a small port, and NATS's object store behind it."""

from __future__ import annotations

from typing import Protocol

from nats.js import JetStreamContext
from nats.js.api import ObjectStoreConfig
from nats.js.errors import NotFoundError, ObjectNotFoundError
from nats.js.object_store import ObjectStore as NatsBucket


class ObjectNotFound(LookupError):
    """No object under that key."""


class ObjectStore(Protocol):
    """Bytes by key. Keys begin with the id of the session or document that they belong to."""

    async def put(self, key: str, data: bytes) -> None:
        """Store `data`, replacing what was there."""

    async def get(self, key: str) -> bytes:
        """The data. Raises ObjectNotFound."""

    async def delete(self, key: str) -> None:
        """Forget it; nothing happens when it is not there."""


class NatsObjectStore:
    """An ObjectStore in a bucket of the broker, made on first use."""

    def __init__(self, js: JetStreamContext, bucket: str, *, replicas: int = 1) -> None:
        self._js = js
        self._config = ObjectStoreConfig(bucket=bucket, replicas=replicas)

    async def _bucket(self) -> NatsBucket:
        try:
            return await self._js.object_store(self._config.bucket or "")
        except NotFoundError:
            return await self._js.create_object_store(self._config.bucket or "", config=self._config)

    async def put(self, key: str, data: bytes) -> None:
        """See ObjectStore."""
        await (await self._bucket()).put(key, data)

    async def get(self, key: str) -> bytes:
        """See ObjectStore."""
        try:
            found = await (await self._bucket()).get(key)
        except (ObjectNotFoundError, NotFoundError):
            raise ObjectNotFound(key) from None
        return bytes(found.data or b"")

    async def delete(self, key: str) -> None:
        """See ObjectStore."""
        try:
            await (await self._bucket()).delete(key)
        except (ObjectNotFoundError, NotFoundError):
            return
