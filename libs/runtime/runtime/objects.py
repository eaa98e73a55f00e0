"""Where large things live: a small port, with NATS's object store or an S3-compatible one behind it."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol, TypeVar

from nats.js import JetStreamContext
from nats.js.errors import APIError, NotFoundError, ObjectNotFoundError
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

DOCUMENT_BUCKET = "documents"
_ITS_VARIABLES = ("AWS_", "GOOGLE_", "AZURE_")
_NO_SUCH_MESSAGE = 10043
_RETRYING = timedelta(seconds=10)
Result = TypeVar("Result")


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


class ObjectSettings(BaseSettings):
    """For services that keep large things."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    object_store_url: str = Field(
        "",
        description="Where files are kept: `s3://bucket/folder`, with the AWS variables for region, keys and "
        "`AWS_ENDPOINT_URL`; empty keeps them in NATS.",
    )


def make_object_store(settings: ObjectSettings, bucket: str, js: Callable[[], JetStreamContext]) -> ObjectStore:
    """The configured store. Raises ValueError for an address that is none, ModuleNotFoundError without extra `s3`."""
    return CloudObjectStore(settings.object_store_url) if settings.object_store_url else NatsObjectStore(js, bucket)


class NatsObjectStore:
    """An ObjectStore in a bucket of the broker, which the provisioner made."""

    def __init__(self, js: Callable[[], JetStreamContext], bucket: str) -> None:
        self._js = js
        self._bucket = bucket

    async def put(self, key: str, data: bytes) -> None:
        """See ObjectStore."""
        store = await self._js().object_store(self._bucket)
        await store.put(key, data)

    async def get(self, key: str) -> bytes:
        """See ObjectStore."""
        try:
            store = await self._js().object_store(self._bucket)
            found = await store.get(key)
        except (ObjectNotFoundError, NotFoundError):
            raise ObjectNotFound(key) from None
        return bytes(found.data or b"")

    async def delete(self, key: str) -> None:
        """See ObjectStore. Message by message, since a purge leaves the bytes on disk until the block is rewritten."""
        stream, name = f"OBJ_{self._bucket}", base64.urlsafe_b64encode(key.encode()).decode()
        meta = f"$O.{self._bucket}.M.{name}"
        while (described := await self._last(stream, meta)) is not None:
            sequence, nuid = described
            await self._delete_all(stream, f"$O.{self._bucket}.C.{nuid}")
            await self._delete_one(stream, sequence)

    async def _last(self, stream: str, subject: str) -> tuple[int, str] | None:
        try:
            raw = await self._js().get_last_msg(stream, subject)
        except NotFoundError:
            return None
        return raw.seq or 0, str(json.loads(raw.data or b"{}").get("nuid"))

    async def _delete_all(self, stream: str, subject: str) -> None:
        sequence = 0
        while True:
            try:
                raw = await self._js().get_msg(stream, seq=sequence + 1, subject=subject, next=True)
            except NotFoundError:
                return
            sequence = raw.seq or 0
            await self._delete_one(stream, sequence)

    async def _delete_one(self, stream: str, sequence: int) -> None:
        try:
            await self._js().delete_msg(stream, sequence)
        except APIError as error:
            if error.err_code != _NO_SUCH_MESSAGE:  # somebody else may be deleting the same object
                raise


class CloudObjectStore:
    """An ObjectStore at an `s3://`, `gs://` or `az://` address; keys and endpoints come from its usual variables."""

    def __init__(self, url: str) -> None:
        from obstore.exceptions import BaseError
        from obstore.store import from_url

        if not url.startswith(("s3://", "gs://", "az://")):
            raise ValueError("OBJECT_STORE_URL is to begin with s3://, gs:// or az://")
        for name in [name for name, value in os.environ.items() if name.startswith(_ITS_VARIABLES) and not value]:
            del os.environ[name]  # as compose files pass them on; an empty address would end the process
        try:
            self._store = from_url(
                url,
                client_options={"allow_http": True, "timeout": "30s"},
                retry_config={"max_retries": 2, "retry_timeout": _RETRYING},
            )
        except BaseError:
            # What it says may hold a key.
            raise ValueError("OBJECT_STORE_URL, or the variables for it, cannot be used") from None

    async def put(self, key: str, data: bytes) -> None:
        """See ObjectStore. Raises ConnectionError where the store is away or refuses."""
        await _reached(self._store.put_async(key, data))

    async def get(self, key: str) -> bytes:
        """See ObjectStore. Raises ConnectionError where the store is away or refuses."""
        found = await _reached(self._store.get_async(key))
        return bytes(await _reached(found.bytes_async()))

    async def delete(self, key: str) -> None:
        """See ObjectStore. Raises ConnectionError where the store is away or refuses."""
        try:
            await _reached(self._store.delete_async(key))
        except ObjectNotFound:
            return


async def _reached(request: Awaitable[Result]) -> Result:
    from obstore.exceptions import BaseError

    try:
        return await request
    except FileNotFoundError as error:
        raise ObjectNotFound from error
    except BaseError as error:
        # Its text quotes addresses and answers of the store: for a log, the kind has to do.
        raise ConnectionError(f"the object store: {type(error).__name__}") from None
