"""What lies with the broker and nowhere else: files, recordings, keys with their values, dead letters. Events are not
among it: Postgres is the record, and the stream its transport."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from contracts.subjects import ERASED
from contracts.topology import DEAD_STREAM, ERASED_STREAM, STREAMS
from nats.js import JetStreamContext
from nats.js.api import Header
from nats.js.errors import NotFoundError

from runtime.buckets import ACTIVITY_BUCKET
from runtime.deadletters import messages
from runtime.objects import NatsObjectStore, ObjectNotFound

KEPT = (f"KV_{ACTIVITY_BUCKET}", DEAD_STREAM)
"""Streams whose messages are kept as they are. Tickets live for thirty seconds, and what was made for listening is made
again."""
_LEFT_OUT = {Header.EXPECTED_STREAM, Header.EXPECTED_LAST_SUBJECT_SEQUENCE, Header.MSG_ID}


async def dump_objects(js: JetStreamContext, bucket: str, folder: Path) -> dict[str, str]:
    """Write every object of a bucket, under a name that is safe for any file system; SHA-256 by key."""
    store, found = NatsObjectStore(lambda: js, bucket), dict[str, str]()
    async for message in messages(js, f"OBJ_{bucket}", f"$O.{bucket}.M.>"):
        said = json.loads(message.data or b"{}")
        if said.get("deleted"):
            continue
        try:
            data = await store.get(said["name"])
        except ObjectNotFound:  # deleted since
            continue
        (folder / file_of(said["name"])).write_bytes(data)
        found[said["name"]] = hashlib.sha256(data).hexdigest()
    return found


async def load_objects(
    js: JetStreamContext, bucket: str, folder: Path, told: Mapping[str, str], wanted: Collection[str]
) -> int:
    """Put those back that are wanted; how many. Raises ValueError for a file that is another than it was."""
    store, count = NatsObjectStore(lambda: js, bucket), 0
    for key, sha256 in told.items():
        if key not in wanted:
            continue
        data = (folder / file_of(key)).read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ValueError(f"{folder.name}/{file_of(key)} is not what was kept")
        await store.put(key, data)
        count += 1
    return count


def file_of(key: str) -> str:
    """The name of the file for an object: keys may hold anything."""
    return hashlib.sha256(key.encode()).hexdigest()


async def dump_messages(js: JetStreamContext, stream: str, path: Path) -> int:
    """Write the messages of a stream; how many."""
    count = 0
    with gzip.open(path, "wt", encoding="utf-8") as file:
        async for message in messages(js, stream, ">"):
            body = base64.b64encode(message.data or b"").decode()
            kept = {"subject": message.subject, "headers": dict(message.headers or {}), "data": body}
            file.write(json.dumps(kept) + "\n")
            count += 1
    return count


async def load_messages(js: JetStreamContext, stream: str, path: Path) -> int:
    """Publish them again, in their order; how many."""
    count = 0
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            kept: dict[str, Any] = json.loads(line)
            headers = {name: value for name, value in kept["headers"].items() if name not in _LEFT_OUT}
            await js.publish(kept["subject"], base64.b64decode(kept["data"]), stream=stream, headers=headers or None)
            count += 1
    return count


async def forget_all(js: JetStreamContext, buckets: Iterable[str]) -> None:
    """Delete every stream but the ledger of what was erased: what they held is newer than the backup, or is in it.

    A stream that is made anew also takes again what it would have refused as a repeat.
    """
    names = [stream.name for stream in STREAMS if stream.name != ERASED_STREAM]
    for name in (*names, *KEPT, *(f"OBJ_{bucket}" for bucket in buckets)):
        with contextlib.suppress(NotFoundError):
            await js.delete_stream(name)


async def erased_ids(js: JetStreamContext) -> set[str]:
    """Ids of what was erased, as far as this broker knows: none where it has no ledger."""
    try:
        return {
            (message.subject or "").rpartition(".")[2] async for message in messages(js, ERASED_STREAM, f"{ERASED}.>")
        }
    except NotFoundError:
        return set()
