"""Which sockets are open, of all gateways, in Postgres."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4, uuid5

from sqlalchemy import ARRAY, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from gateway.bus.idempotency import NAMESPACE
from gateway.bus.rates import AT_ONCE

SEEN_EVERY = 30.0
"""Seconds between two signs of life of a gateway."""
_ALIVE = "seen_at > now() - interval '90 seconds'"
"""What a gateway that died had open is counted for as long."""
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:holder AS text), 0))")
_ENTER = text(
    f"""
    INSERT INTO identity.open_sockets (id, holder, session_id, seen_at)
    SELECT :id, :holder, :session_id, now()
    WHERE :most > (
        SELECT count(DISTINCT session_id) FROM identity.open_sockets
        WHERE holder = :holder AND session_id <> :session_id AND {_ALIVE}
    )
    RETURNING id
    """
)
_LEAVE = text("DELETE FROM identity.open_sockets WHERE id = :id")
_SEEN = text("UPDATE identity.open_sockets SET seen_at = now() WHERE id = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(Uuid()))
)
_PURGE = text(f"DELETE FROM identity.open_sockets WHERE NOT {_ALIVE}")


class SharedSockets:
    """One row for each open socket. Holders are kept as hashes."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._open: set[UUID] = set()

    async def enter(self, holder: str, session_id: UUID, most: int) -> UUID | None:
        """The id of a socket that may be opened; None where the holder has so many other sessions open."""
        values = {
            "id": uuid4(),
            "holder": uuid5(NAMESPACE, f"sockets {holder}"),
            "session_id": session_id,
            "most": most,
        }
        async with self._at_once, self._sessions.begin() as database:
            await database.execute(_ALONE, {"holder": str(values["holder"])})
            found: UUID | None = await database.scalar(_ENTER, values)
        if found is not None:  # one that is cancelled before here is forgotten with those of gateways that died
            self._open.add(found)
        return found

    async def leave(self, socket_id: UUID) -> None:
        """It was closed."""
        self._open.discard(socket_id)
        async with self._at_once, self._sessions.begin() as database:
            await database.execute(_LEAVE, {"id": socket_id})

    async def keep(self) -> None:
        """Say that all sockets of this gateway are open still, and forget those of gateways that are gone."""
        async with self._sessions.begin() as database:
            await database.execute(_SEEN, {"ids": list(self._open)})
            await database.execute(_PURGE)
