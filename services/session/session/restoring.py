"""What a restore leaves out of the session service's rows: interviews that were erased since the backup was made."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg
from contracts.session.events import AudioReceived
from runtime.backup import Kept
from runtime.backup.ledger import Ledger
from runtime.objects import RECORDING_BUCKET

from session.erasure import TABLES

_KEYS = "SELECT DISTINCT data -> 'recording' ->> 'key' AS key FROM session.events WHERE type = $1"


async def forget(connection: asyncpg.Connection, ledger: Ledger) -> Kept:
    """An entry point of `parley.restore`."""
    found = await connection.fetch("SELECT DISTINCT stream_id FROM session.events")
    erased = [row["stream_id"] for row in found if row["stream_id"] in ledger]
    for table, column in {**TABLES, "timers": "session_id"}.items():
        await connection.execute(f"DELETE FROM session.{table} WHERE {column} = ANY($1)", erased)
    await connection.execute(
        "INSERT INTO session.tombstones SELECT unnest($1::uuid[]), $2 ON CONFLICT DO NOTHING", erased, datetime.now(UTC)
    )
    keys = {row["key"] for row in await connection.fetch(_KEYS, AudioReceived.TYPE) if row["key"]}
    return Kept({RECORDING_BUCKET: keys}, len(erased))
