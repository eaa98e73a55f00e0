"""What a restore leaves out of the gateway's rows: accounts that were deleted since the backup was made."""

from __future__ import annotations

import asyncpg
from runtime.backup import Kept
from runtime.backup.ledger import Ledger


async def forget(connection: asyncpg.Connection, ledger: Ledger) -> Kept:
    """An entry point of `parley.restore`. Logins, question banks and keys go with their account."""
    erased = [row["id"] for row in await connection.fetch("SELECT id FROM identity.users") if row["id"] in ledger]
    await connection.execute("DELETE FROM identity.users WHERE id = ANY($1)", erased)
    return Kept(erased=len(erased))
