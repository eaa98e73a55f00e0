"""Which session a client means by an id of its own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from runtime.sql.tenants import Tenant
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlmodel import col

from gateway.bus.idempotency import NAMESPACE
from gateway.models import SessionAlias

ANNOUNCED = timedelta(minutes=1)
"""For so long a session that an alias means may not be there yet."""


@dataclass(frozen=True, slots=True)
class AliasTarget:
    """The session that an alias means, and whether it has done so for a moment only."""

    session_id: UUID
    is_new: bool


class Aliases:
    """The table of aliases. Everybody without an account shares theirs."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    @asynccontextmanager
    async def _aliases_of(self, user_id: UUID | None) -> AsyncIterator[AsyncSession]:
        """A transaction that row-level security lets reach this person's aliases only."""
        async with self._sessions.begin() as database:
            await database.execute(text(Tenant(user_id).settings_sql))
            yield database

    async def session(self, user_id: UUID | None, alias: str) -> AliasTarget | None:
        """The session that the alias means."""
        is_new = col(SessionAlias.created_at) > func.now() - ANNOUNCED
        query = select(col(SessionAlias.session_id), is_new).where(col(SessionAlias.id) == _id(user_id, alias))
        async with self._aliases_of(user_id) as database:
            row = (await database.execute(query)).first()
        return AliasTarget(*row) if row else None

    async def point(self, user_id: UUID | None, alias: str, session_id: UUID, instead_of: UUID | None) -> UUID:
        """Let the alias mean a session, unless somebody made it mean another than `instead_of` in the meantime; the
        session that it means now."""
        row = {"id": _id(user_id, alias), "user_id": user_id, "session_id": session_id}
        statement = (
            insert(SessionAlias)
            .values(row)
            .on_conflict_do_update(
                index_elements=[col(SessionAlias.id)],
                set_={"session_id": session_id, "created_at": func.now()},
                where=col(SessionAlias.session_id) == instead_of,
            )
        )
        async with self._aliases_of(user_id) as database:
            await database.execute(statement)
            meant = select(col(SessionAlias.session_id)).where(col(SessionAlias.id) == row["id"])
            return (await database.execute(meant)).scalar_one()

    async def forget(self, user_id: UUID | None, session_id: UUID) -> None:
        """Let nothing mean this session any more."""
        async with self._aliases_of(user_id) as database:
            await database.execute(delete(SessionAlias).where(col(SessionAlias.session_id) == session_id))


def _id(user_id: UUID | None, alias: str) -> UUID:
    return uuid5(NAMESPACE, json.dumps(["alias", str(user_id or "anonymous"), alias]))
