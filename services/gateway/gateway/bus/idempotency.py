"""Remembers which session or document a keyed request created. Their ids are random: they cannot be derived again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlmodel import col

from gateway.models import SessionKey


class SessionKeys:
    """The table of keyed creations."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    async def keep(self, message_id: UUID, body_hash: str, session_id: UUID) -> tuple[UUID, str]:
        """Remember the id of what a request creates, unless one is remembered: that one, and its body's hash."""
        row = {"id": message_id, "body_hash": body_hash, "session_id": session_id}
        async with self._sessions.begin() as database:
            await database.execute(insert(SessionKey).values(row).on_conflict_do_nothing())
            kept = await database.get_one(SessionKey, message_id)
            return kept.session_id, kept.body_hash

    async def forget(self, session_id: UUID) -> None:
        """It was erased: a repeat of its creation makes another one."""
        async with self._sessions.begin() as database:
            await database.execute(delete(SessionKey).where(col(SessionKey.session_id) == session_id))

    async def purge(self, lifetime: timedelta) -> None:
        """Delete keys that nobody repeats any more."""
        async with self._sessions.begin() as database:
            await database.execute(delete(SessionKey).where(col(SessionKey.created_at) < func.now() - lifetime))
