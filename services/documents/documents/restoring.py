"""What a restore leaves out of the documents service's rows: documents that were deleted since the backup was made."""

from __future__ import annotations

import asyncpg
from runtime.backup import Kept
from runtime.backup.ledger import Ledger
from runtime.objects import DOCUMENT_BUCKET, document_key

_OF_NOBODY = (
    """DELETE FROM documents.vectors v WHERE NOT EXISTS (
        SELECT FROM documents.chunks c
        WHERE COALESCE(c.user_id, c.document_id) = v.owner AND c.content_hash = v.content_hash)""",
    """DELETE FROM documents.refinements r WHERE NOT EXISTS (
        SELECT FROM documents.documents d
        WHERE COALESCE(d.user_id, d.id) = r.owner AND d.refined_hash = r.content_hash)""",
)


async def forget(connection: asyncpg.Connection, ledger: Ledger) -> Kept:
    """An entry point of `parley.restore`."""
    ids = [row["id"] for row in await connection.fetch("SELECT id FROM documents.documents")]
    erased = [each for each in ids if each in ledger]
    await connection.execute("DELETE FROM documents.documents WHERE id = ANY($1)", erased)
    for statement in _OF_NOBODY:
        await connection.execute(statement)
    keys = {document_key(each) for each in ids if each not in ledger}
    return Kept({DOCUMENT_BUCKET: keys}, len(erased))
