"""`parley backup` and `parley restore`: Postgres, and what lies with the broker and nowhere else.

A backup is a folder. It is written under another name and gets its own when it is complete; `manifest.json` says what
is in it. Files in S3 are not: a bucket keeps versions by itself.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any, Protocol

import asyncpg
from nats.js import JetStreamContext

from runtime.backup import rows, stored
from runtime.backup.ledger import Ledger
from runtime.objects import DOCUMENT_BUCKET, RECORDING_BUCKET
from runtime.provision import migrate_databases
from runtime.sql.migrations import DatabaseAdmin

FORMAT = 1
MANIFEST = "manifest.json"
BUCKETS = (DOCUMENT_BUCKET, RECORDING_BUCKET)


class Forget(Protocol):
    """What a service knows of its own rows, as an entry point `parley.restore`: called as the owner of the tables,
    before any service runs."""

    def __call__(self, connection: asyncpg.Connection, ledger: Ledger) -> Awaitable[Kept]:
        """Forget who is in the ledger; what of the object store the rest refers to."""


@dataclass
class Kept:
    """Keys of objects by bucket, and how many were erased again."""

    objects: dict[str, set[str]] = field(default_factory=dict)
    erased: int = 0


@dataclass(frozen=True)
class Restored:
    """What was put back."""

    at: str
    rows: int
    objects: int
    erased: int


async def backup(database_url: str, js: JetStreamContext, folder: Path) -> dict[str, Any]:
    """Write a backup; its manifest. Raises FileExistsError, and whatever keeps it from being complete."""
    draft = _draft_of(folder)
    # Rows first: a file that comes later belongs to none of them, and is not put back.
    connection = await asyncpg.connect(database_url)
    try:
        postgres = await rows.dump(connection, draft / "rows")
    finally:
        await connection.close()
    objects = {bucket: await stored.dump_objects(js, bucket, draft / _objects_of(bucket)) for bucket in BUCKETS}
    streams = {stream: await stored.dump_messages(js, stream, draft / f"{stream}.gz") for stream in stored.KEPT}
    manifest = {
        "format": FORMAT,
        "version": version("parley-runtime"),
        "postgres": postgres,
        "objects": objects,
        "streams": streams,
    }
    (draft / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
    draft.rename(folder)
    return manifest


def _draft_of(folder: Path) -> Path:
    if folder.exists():
        raise FileExistsError(folder)
    draft = folder.with_name(folder.name + ".partial")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    for part in ("rows", *map(_objects_of, BUCKETS)):
        (draft / part).mkdir()
    return draft


def _objects_of(bucket: str) -> str:
    return f"objects-{bucket}"


async def restore(
    admin: DatabaseAdmin,
    js: JetStreamContext,
    folder: Path,
    ledger: Ledger,
    provision: Callable[[], Awaitable[None]],
    *,
    overwrite: bool = False,
) -> Restored:
    """Put a backup back, with no service running. `provision` makes the streams. Raises NotEmpty, UnknownVersion and
    ValueError before anything is changed; interrupted, it is to be done again with `overwrite`."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if manifest["format"] != FORMAT:
        raise rows.UnknownVersion(f"format {manifest['format']}")
    ledger.add(await stored.erased_ids(js))
    connection = await asyncpg.connect(admin.url)
    try:
        if not overwrite:
            await rows.refuse_to_overwrite(connection)
        postgres = manifest["postgres"]
        await rows.begin_anew(connection, admin, postgres["revisions"])
        await rows.load(connection, folder / "rows", postgres["tables"])
        await asyncio.to_thread(migrate_databases, admin)
        kept = await _forget(connection, ledger)
    finally:
        await connection.close()
    await stored.forget_all(js, BUCKETS)
    await provision()
    count = 0
    for bucket, told in manifest["objects"].items():
        wanted = kept.objects.get(bucket, set())
        count += await stored.load_objects(js, bucket, folder / _objects_of(bucket), told, wanted)
    for stream in manifest["streams"]:
        await stored.load_messages(js, stream, folder / f"{stream}.gz")
    total = sum(each["rows"] for each in postgres["tables"].values())
    return Restored(postgres["at"], total, count, kept.erased)


async def _forget(connection: asyncpg.Connection, ledger: Ledger) -> Kept:
    together = Kept()
    for entry in sorted(entry_points(group="parley.restore"), key=lambda each: each.name):
        forget: Forget = entry.load()
        async with connection.transaction():
            kept = await forget(connection, ledger)
        together.erased += kept.erased
        for bucket, keys in kept.objects.items():
            together.objects.setdefault(bucket, set()).update(keys)
    return together
