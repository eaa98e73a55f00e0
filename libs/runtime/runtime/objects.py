"""Where large things live: a small port, with NATS's object store or an S3-compatible one behind it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import structlog
from nats.js import JetStreamContext
from nats.js.api import Header, ObjectInfo, ObjectMetaOptions, RawStreamMsg
from nats.js.errors import APIError, NotFoundError
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from runtime.settings import Settings
from runtime.streams import delete_message

log = structlog.get_logger()

DOCUMENT_BUCKET = "documents"
SPEECH_BUCKET = "speech"
RECORDING_BUCKET = "recordings"
SPOKEN_FOLDER, RECORDING_FOLDER = "spoken", "recordings"
"""Where in the one bucket of another store things lie that go by age, which its rules tell by folder."""
CHUNK_BYTES = 128 * 1024
"""Size of a message, as other clients of NATS's object store make them."""
GET_SECONDS = 20.0
"""A `get` from NATS that takes longer fails with TimeoutError."""

_ITS_VARIABLES = ("AWS_", "GOOGLE_", "AZURE_")
_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AWS_ENDPOINT_URL_S3")
_PANICS = ("RustPanic", "PanicException")
_RETRYING = timedelta(seconds=10)
_AT_ONCE = 8
_READS = 4  # of an object that is replaced each time under the reader
_MOST_LISTED = 100_000  # subjects that the server puts into one answer

# Codes of the server's answers.
_NO_ROOM = (10002, 10023, 10047)
_NOT_STORED, _WHY_NO_ROOM = 10077, ("maximum bytes", "no space")
_OVERTAKEN = (10071, 10164)

Item = TypeVar("Item")
Result = TypeVar("Result")


def document_key(document_id: UUID) -> str:
    """Where the file of a document lies."""
    return f"{document_id}/file"


class ObjectNotFound(LookupError):
    """No object under that key."""


class ObjectStoreFull(ConnectionError):
    """The store has no room for the object; what was there under its key is unchanged."""


class ObjectStore(Protocol):
    """Bytes by key. Keys begin with the id of the session or document that they belong to."""

    async def put(self, key: str, data: bytes) -> None:
        """Store `data`, replacing what was there. Raises ObjectStoreFull."""

    async def get(self, key: str) -> bytes:
        """The data, whole: what was there before or after whatever happens beside it. Raises ObjectNotFound."""

    async def has(self, key: str) -> bool:
        """Whether there is such an object."""

    async def delete(self, key: str) -> None:
        """Forget it; nothing happens when it is not there. To be called again when it was interrupted."""

    async def sweep(self, seconds: float) -> int:
        """Forget what interrupted calls of `put` left behind; how many such leftovers.

        One that had nothing added for `seconds` counts as interrupted. A minute or more: a put may wait that long.
        """


class ObjectSettings(Settings):
    """For services that keep large things."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    object_store_url: str = Field(
        "",
        description="Where files are kept: `s3://bucket/folder`, with the AWS variables for region, keys and "
        "`AWS_ENDPOINT_URL`; empty keeps them in NATS.",
    )


def make_object_store(settings: ObjectSettings, bucket: str, js: Callable[[], JetStreamContext]) -> ObjectStore:
    """The configured store. Raises ValueError for an address that is none, ModuleNotFoundError without extra `s3`."""
    url = settings.object_store_url
    if not url:
        return NatsObjectStore(js, bucket)
    return CloudObjectStore(f"{url.rstrip('/')}/{RECORDING_FOLDER}" if bucket == RECORDING_BUCKET else url)


@dataclass(frozen=True)
class _Meta:
    """What the broker's message about an object says, and where the message is."""

    sequence: int
    nuid: str
    size: int
    digest: str
    deleted: bool

    @classmethod
    def of(cls, raw: RawStreamMsg) -> _Meta:
        said = json.loads(raw.data or b"{}")
        deleted = bool(said.get("deleted"))
        return cls(raw.seq or 0, str(said.get("nuid")), said.get("size") or 0, said.get("digest") or "", deleted)


class NatsObjectStore:
    """An ObjectStore in a bucket of the broker, which the provisioner made.

    As NATS's object store has it (ADR-20): chunks under `$O.<bucket>.C.<nuid>`, and under `$O.<bucket>.M.<key>` one
    message that names the chunks' nuid. Chunks that no such message names belong to nobody.
    """

    def __init__(self, js: Callable[[], JetStreamContext], bucket: str) -> None:
        self._js = js
        self._bucket = bucket
        self._stream = f"OBJ_{bucket}"

    async def put(self, key: str, data: bytes) -> None:
        nuid = uuid4().hex
        try:
            for start in range(0, len(data), CHUNK_BYTES):
                await _uninterrupted(self._publish(self._chunks_subject(nuid), data[start : start + CHUNK_BYTES]))
            digest = await asyncio.to_thread(_digest, data)
        except BaseException:
            await _uninterrupted(self._purge(nuid))
            raise
        info = ObjectInfo(
            name=key,
            bucket=self._bucket,
            nuid=nuid,
            size=len(data),
            chunks=-(-len(data) // CHUNK_BYTES),
            digest=digest,
            mtime=datetime.now(UTC).isoformat(),
            options=ObjectMetaOptions(max_chunk_size=CHUNK_BYTES),
        )
        await _uninterrupted(self._name(info))

    async def get(self, key: str) -> bytes:
        """Raises TimeoutError after GET_SECONDS."""
        tried = ""
        async with asyncio.timeout(GET_SECONDS):
            for _ in range(_READS):
                meta = await self._meta(self._meta_subject(key))
                if meta is None or meta.deleted or meta.nuid == tried:
                    break
                data = b"".join([raw.data or b"" async for raw in self._chunks(meta.nuid)])
                if len(data) == meta.size and await asyncio.to_thread(_digest, data) == meta.digest:
                    return data
                tried = meta.nuid  # deleted, or replaced, while it was read
        raise ObjectNotFound(key)

    async def has(self, key: str) -> bool:
        meta = await self._meta(self._meta_subject(key))
        return meta is not None and not meta.deleted

    async def delete(self, key: str) -> None:
        """Message by message, since a purge leaves the bytes on disk until the block is rewritten.

        The chunks go first: as long as any is left, something names them.
        """
        while (meta := await self._meta(self._meta_subject(key))) is not None:
            await self._erase(meta.nuid)
            await self._delete_one(meta.sequence)

    async def sweep(self, seconds: float) -> int:
        """May need a minute where there are very many objects."""
        # In this order: whatever is named in between is in the second list.
        stored = [subject.rpartition(".")[2] for subject in await self._subjects("C")]
        subjects = await self._subjects("M") if stored else []
        if len(subjects) >= _MOST_LISTED:
            log.warning("too many objects to tell which chunks belong to none", bucket=self._bucket)
            return 0
        named = {meta.nuid for meta in await _all(self._meta, subjects) if meta and not meta.deleted}
        before = datetime.now(UTC) - timedelta(seconds=seconds)
        orphans = [nuid for nuid in stored if nuid not in named and await self._is_older(nuid, before)]
        for nuid in orphans:
            await self._erase(nuid)
        return len(orphans)

    async def _name(self, info: ObjectInfo) -> None:
        try:
            replaced = await self._publish_meta(info)
        except (APIError, ObjectStoreFull):
            await self._purge(info.nuid)
            raise
        # After any other error, such as a time-out, the message may still arrive: then it must find its chunks.
        if replaced is not None:
            await self._purge(replaced.nuid)

    async def _publish_meta(self, info: ObjectInfo) -> _Meta | None:
        """Gives back what it replaced: each of several at once replaces another, so that nothing is left over."""
        subject = self._meta_subject(info.name)
        while True:
            replaced = await self._meta(subject)
            last = str(replaced.sequence if replaced else 0)
            headers = {Header.ROLLUP.value: "sub", Header.EXPECTED_LAST_SUBJECT_SEQUENCE.value: last}
            try:
                await self._publish(subject, json.dumps(info.as_dict()).encode(), headers)
            except APIError as error:
                if error.err_code not in _OVERTAKEN:
                    raise
            else:
                return replaced

    async def _publish(self, subject: str, payload: bytes, headers: dict[str, str] | None = None) -> None:
        try:
            await self._js().publish(subject, payload, stream=self._stream, headers=headers)
        except APIError as error:
            if _is_full(error):
                raise ObjectStoreFull(f"the object store: {type(error).__name__} {error.err_code}") from None
            raise

    async def _meta(self, subject: str) -> _Meta | None:
        try:
            return _Meta.of(await self._js().get_last_msg(self._stream, subject))
        except NotFoundError:
            return None

    async def _chunks(self, nuid: str) -> AsyncIterator[RawStreamMsg]:
        # One after the other from the leader: a consumer would wait for those that vanish, a replica may lack the last.
        sequence = 0
        while True:
            try:
                raw = await self._js().get_msg(
                    self._stream, seq=sequence + 1, subject=self._chunks_subject(nuid), next=True
                )
            except NotFoundError:
                return
            sequence = raw.seq or 0
            yield raw

    async def _subjects(self, kind: str) -> list[str]:
        info = await self._js().stream_info(self._stream, subjects_filter=f"$O.{self._bucket}.{kind}.*")
        return list(info.state.subjects or ())

    async def _is_older(self, nuid: str, moment: datetime) -> bool:
        """By the newest chunk: more may follow while it is young."""
        try:
            raw = await self._js().get_last_msg(self._stream, self._chunks_subject(nuid))
        except NotFoundError:
            return False
        return raw.time is not None and raw.time < moment

    async def _purge(self, nuid: str) -> None:
        """As well as it can be done; `sweep` does the rest. A service that may not delete messages may do this."""
        with suppress(Exception):
            await self._js().purge_stream(self._stream, subject=self._chunks_subject(nuid))

    async def _erase(self, nuid: str) -> None:
        await _all(self._delete_one, [raw.seq or 0 async for raw in self._chunks(nuid)])

    async def _delete_one(self, sequence: int) -> None:
        await delete_message(self._js(), self._stream, sequence)

    def _chunks_subject(self, nuid: str) -> str:
        return f"$O.{self._bucket}.C.{nuid}"

    def _meta_subject(self, key: str) -> str:
        return f"$O.{self._bucket}.M.{base64.urlsafe_b64encode(key.encode()).decode()}"


def _digest(data: bytes) -> str:
    return f"SHA-256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()}"


def _is_full(error: APIError) -> bool:
    why = error.description or ""
    return error.err_code in _NO_ROOM or (error.err_code == _NOT_STORED and any(each in why for each in _WHY_NO_ROOM))


async def _all(do: Callable[[Item], Awaitable[Result]], items: Sequence[Item]) -> list[Result]:
    """What `do` gives for each, with a few under way at a time."""
    results: list[Result] = []
    for start in range(0, len(items), _AT_ONCE):
        results += await asyncio.gather(*(do(item) for item in items[start : start + _AT_ONCE]))
    return results


async def _uninterrupted(work: Coroutine[Any, Any, Result]) -> Result:
    """Its result. A cancellation waits for the end of it: what is on its way to the broker cannot be called back."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
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
        for name in _ENDPOINTS:
            if not _is_address(os.environ.get(name, "http://absent")):
                raise ValueError(
                    f"OBJECT_STORE_URL cannot be used: {name} is to be http(s)://host or http(s)://host:port"
                )
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
        """Raises ConnectionError where the store is away or refuses."""
        await _reached(self._store.put_async(key, data))

    async def get(self, key: str) -> bytes:
        """Raises ConnectionError where the store is away or refuses."""
        found = await _reached(self._store.get_async(key))
        return bytes(await _reached(found.bytes_async()))

    async def has(self, key: str) -> bool:
        """Raises ConnectionError where the store is away or refuses."""
        try:
            await _reached(self._store.head_async(key))
        except ObjectNotFound:
            return False
        return True

    async def delete(self, key: str) -> None:
        """Raises ConnectionError where the store is away or refuses."""
        try:
            await _reached(self._store.delete_async(key))
        except ObjectNotFound:
            return

    async def sweep(self, seconds: float) -> int:
        """Nothing: an upload that was interrupted is for a lifecycle rule of the bucket."""
        return 0


def _is_address(value: str) -> bool:
    """Whether requests can be sent there; the library ends with a panic where they cannot."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return False
    host = re.fullmatch(r"[\w.:-]+", parts.hostname or "", re.ASCII)
    return parts.scheme in ("http", "https") and host is not None and re.search(r"\s", value) is None


async def _reached(request: Awaitable[Result]) -> Result:
    from obstore.exceptions import BaseError

    try:
        return await request
    except FileNotFoundError as error:
        raise ObjectNotFound from error
    except BaseError as error:
        # Its text quotes addresses and answers of the store: for a log, the kind has to do.
        raise ConnectionError(f"the object store: {type(error).__name__}") from None
    except BaseException as error:
        if type(error).__name__ not in _PANICS:  # Rust's, which has no class to import
            raise
        raise ConnectionError(f"the object store: {type(error).__name__}") from None
