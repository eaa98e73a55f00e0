"""Which interviews a sound in the object store was made for, in Postgres, for as long as the sound is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

NOBODY = UUID(int=0)
"""In place of the interview of a line that was spoken for a client which names none."""
_NOTE = text(
    """
    INSERT INTO identity.spoken_lines (key, session_id, digest) VALUES (:key, :session_id, :digest)
    ON CONFLICT (key, session_id) DO UPDATE SET spoken_at = now()
    """
)
_FORGET = text(
    """
    WITH own AS (
        SELECT DISTINCT key FROM identity.spoken_lines
        WHERE session_id = :session_id OR (session_id = :nobody AND digest = ANY(:digests))
    ), shared AS (
        SELECT DISTINCT key FROM identity.spoken_lines JOIN own USING (key)
        WHERE session_id NOT IN (:session_id, :nobody)
    ), forgotten AS (
        DELETE FROM identity.spoken_lines
        WHERE session_id = :session_id OR key IN (SELECT key FROM own EXCEPT SELECT key FROM shared)
    )
    SELECT key FROM own EXCEPT SELECT key FROM shared
    """
).bindparams(bindparam("digests", type_=ARRAY(Text())))
_PURGE = text("DELETE FROM identity.spoken_lines WHERE spoken_at < now() - interval '25 hours'")


class SpokenLines:
    """The table. It holds hashes of what was said, and no words."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    async def note(self, key: str, line: str, session_id: UUID | None) -> None:
        """A line lies under a key and was spoken for an interview."""
        values = {"key": key, "session_id": session_id or NOBODY, "digest": digest(line)}
        async with self._sessions.begin() as database:
            await database.execute(_NOTE, values)

    async def forget(self, session_id: UUID, lines: Collection[str]) -> list[str]:
        """Forget what was spoken for an interview; the keys of sounds that no other interview is known to share. Those
        are forgotten, too, that were spoken for nobody and say one of its `lines`."""
        values = {"session_id": session_id, "nobody": NOBODY, "digests": sorted({digest(each) for each in lines})}
        async with self._sessions.begin() as database:
            return list(await database.scalars(_FORGET, values))

    async def purge(self) -> None:
        """Forget what is there no longer."""
        async with self._sessions.begin() as database:
            await database.execute(_PURGE)


def digest(line: str) -> str:
    """A line whatever its spaces."""
    return hashlib.sha256(" ".join(line.split()).encode()).hexdigest()
