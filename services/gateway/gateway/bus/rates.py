"""Token buckets in Postgres: what one gateway lets pass, all others know of."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid5

from sqlalchemy import Double, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from gateway.bus.idempotency import NAMESPACE
from gateway.edge.limits import Grant

AT_ONCE = 3
"""Connections that each kind of counting uses at most: when many callers come at once, others need some as well."""
_LEVEL = """LEAST(:held, bucket.tokens + EXTRACT(EPOCH FROM clock_timestamp() - bucket.updated_at) * :most / 60.0)"""
_TAKE = text(
    f"""
    INSERT INTO identity.rate_buckets AS bucket (id, tokens, granted, updated_at)
    VALUES (:id, :held - LEAST(:count, :held), LEAST(:count, :held), clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET
        granted = LEAST(:count, FLOOR({_LEVEL})),
        tokens = {_LEVEL} - LEAST(:count, FLOOR({_LEVEL})),
        updated_at = clock_timestamp()
    RETURNING granted, tokens
    """
).bindparams(*(bindparam(name, type_=Double()) for name in ("most", "held", "count")))
_PURGE = text("DELETE FROM identity.rate_buckets WHERE updated_at < now() - interval '2 minutes'")
"""They are full again by then."""


class SharedBuckets:
    """One row for each bucket that somebody took from within minutes. Names are kept as hashes."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def take(self, name: str, limit: int, count: int, held: int | None = None) -> Grant:
        """Up to `count` from the bucket of a name, in one round trip."""
        values: dict[str, Any] = {"most": float(limit), "held": float(held or limit), "count": float(count)}
        values |= {"id": uuid5(NAMESPACE, f"rate {name}")}
        async with self._at_once, self._sessions.begin() as database:
            granted, tokens = (await database.execute(_TAKE, values)).one()
        return Grant(int(granted), max(0.0, (1 - tokens) * 60 / limit))

    async def purge(self) -> None:
        """Forget those that are full again, which is as if nobody had taken from them."""
        async with self._sessions.begin() as database:
            await database.execute(_PURGE)
