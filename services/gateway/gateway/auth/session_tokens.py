"""Tokens that open one interview, and nothing else of their owner's: for clients that hold no login, as sockets do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlmodel import col

from gateway.auth.errors import InvalidToken
from gateway.auth.settings import IdentitySettings
from gateway.auth.tokens import Tokens
from gateway.models import SessionToken, UserRow
from gateway.problems import NoSuchSession


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """The interview that a token opens, and whose it is."""

    user_id: UUID
    session_id: UUID


class SessionTokens:
    """Issues and verifies. A token is derived from its row's id and our secret: whoever reads the table has none."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], settings: IdentitySettings) -> None:
        self._sessions = sessions
        self._tokens = Tokens(settings)
        self._lifetime = timedelta(seconds=settings.session_token_ttl)

    async def issue(self, user_id: UUID, session_id: UUID) -> str:
        """A token that is good for half a lifetime at least: the one that was issued last, where that is."""
        fresh = (
            col(SessionToken.user_id) == user_id,
            col(SessionToken.session_id) == session_id,
            col(SessionToken.expires_at) > func.now() + self._lifetime / 2,
        )
        newest = select(col(SessionToken.id)).where(*fresh).order_by(col(SessionToken.expires_at).desc()).limit(1)
        async with self._sessions.begin() as database:
            token_id = (await database.execute(newest)).scalar()
            if token_id is None:
                token_id = uuid4()
                named = {"id": token_id, "user_id": user_id, "session_id": session_id}
                statement = insert(SessionToken).values(**named, expires_at=func.now() + self._lifetime)
                await database.execute(statement)
        return self._tokens.session(token_id)

    async def opened(self, token: str) -> OpenedSession:
        """What a token opens. Raises NoSuchSession for one that is not ours or has expired."""
        try:
            token_id = self._tokens.read_session(token)
        except InvalidToken:
            raise NoSuchSession from None
        query = (
            select(col(SessionToken.user_id), col(SessionToken.session_id))
            .join(UserRow, col(UserRow.id) == col(SessionToken.user_id))
            .where(col(SessionToken.id) == token_id)
            .where(col(SessionToken.expires_at) > func.now(), col(UserRow.is_active))
        )
        async with self._sessions() as database:
            row = (await database.execute(query)).first()
        if row is None:
            raise NoSuchSession
        return OpenedSession(*row)

    async def purge(self) -> None:
        """Delete those that have expired."""
        async with self._sessions.begin() as database:
            await database.execute(delete(SessionToken).where(col(SessionToken.expires_at) < func.now()))
