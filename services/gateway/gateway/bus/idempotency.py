"""How a repeat of a request is recognised: by the id that it has too, and the hash that tells another body apart."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlmodel import col

from gateway.models import IdempotencyKey
from gateway.problems import Problem

NAMESPACE = UUID("5f2b1c4e-92a7-5c58-8f2e-3f7f0f0a6d11")
KEYS_LIVE = timedelta(days=1)
_RANDOM_VERSIONS = (4, 7)


class OtherBody(Problem):
    """A key came again with another body."""

    def __init__(self) -> None:
        super().__init__(409, "This Idempotency-Key was already used for a different request.")


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that came with a key. Two callers with the same key have different ids."""

    id: UUID
    body_hash: str


def keyed(route: str, owner: str, key: str | None, body_hash: str) -> KeyedRequest | None:
    """The request under the key of an owner; None without a key. `body_hash` is a `request_hash`."""
    if key is None:
        return None
    return KeyedRequest(uuid5(NAMESPACE, json.dumps([route, owner, key])), body_hash)


def request_hash(body: Any) -> str:
    """Tells another body under the same key apart; the same for the same content, however it is spelled.

    A password is never part of it: even its hash would be quick to guess. Who repeats a request proves the password
    against the account's argon2 hash instead.
    """
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()[:32]


def is_unguessable(key: str) -> bool:
    """Whether nobody else can come up with this key: a UUID of a version that is made by chance.

    Other texts may be as good, or somebody's `create-session-1`; no rule about their letters can tell.
    """
    try:
        return UUID(key).version in _RANDOM_VERSIONS
    except ValueError:
        return False


class IdempotencyKeys:
    """Remembers which session or document a keyed request created. Their ids are random: they cannot be derived."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    async def keep(self, request: KeyedRequest, created_id: UUID) -> UUID:
        """Remember the id of what a request creates, unless one is remembered: that one. Raises OtherBody."""
        row = {"id": request.id, "body_hash": request.body_hash, "created_id": created_id}
        async with self._sessions.begin() as database:
            await database.execute(insert(IdempotencyKey).values(row).on_conflict_do_nothing())
            kept = await database.get_one(IdempotencyKey, request.id)
        if kept.body_hash != request.body_hash:
            raise OtherBody
        return kept.created_id

    async def forget(self, created_id: UUID) -> None:
        """It was erased: a repeat of its creation makes another one."""
        async with self._sessions.begin() as database:
            await database.execute(delete(IdempotencyKey).where(col(IdempotencyKey.created_id) == created_id))

    async def purge(self) -> None:
        """Delete keys that nobody repeats any more."""
        async with self._sessions.begin() as database:
            old = col(IdempotencyKey.created_at) < func.now() - KEYS_LIVE
            await database.execute(delete(IdempotencyKey).where(old))
