"""`parley-documents`: run the service, or look after its files."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence

from runtime.broker import connect
from runtime.database import Database
from runtime.objects import DOCUMENT_BUCKET, ObjectStore, document_key, make_object_store

from documents import main as service
from documents.settings import DocumentsSettings
from documents.store import DocumentStore


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; exits with its code."""
    parser = argparse.ArgumentParser(prog="parley-documents", description="The documents service.")
    parser.set_defaults(run=lambda _: service.main())
    commands = parser.add_subparsers()
    commands.add_parser("run", help="run the service (the default)")
    lost = commands.add_parser("lost", help="name the documents whose files are not in the object store any more")
    lost.set_defaults(run=lambda _: asyncio.run(_lost()))
    options = parser.parse_args(arguments)
    sys.exit(options.run(options))


async def _lost() -> int:
    """A line for each; the exit code: 1 when there is any."""
    settings = DocumentsSettings()
    database = Database(settings)
    connection = await connect(settings, "documents")
    try:
        async with database.open():
            objects = make_object_store(settings, DOCUMENT_BUCKET, connection.jetstream)
            count = await name_lost(DocumentStore(database), objects)
    finally:
        await connection.close()
    print(f"{count} files are lost; what was read from them is still here", file=sys.stderr)
    return 1 if count else 0


async def name_lost(store: DocumentStore, objects: ObjectStore) -> int:
    """Print each document whose file is gone, and how many there are."""
    count = 0
    for document_id, user_id, created_at in await store.every_file():
        if not await objects.has(document_key(document_id)):
            count += 1
            owner = str(user_id) if user_id else None
            print(json.dumps({"document": str(document_id), "user": owner, "uploaded_at": created_at.isoformat()}))
    return count
