"""Token buckets in Postgres: what one gateway lets pass, all others know of."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid5

from sqlalchemy import Boolean, Double, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from gateway.bus.idempotency import NAMESPACE
from gateway.edge.limits import Grant

AT_ONCE = 3
"""Connections that each kind of counting uses at most: when many callers come at once, others need some as well."""
_LEVEL = """LEAST(:held, bucket.tokens + EXTRACT(EPOCH FROM clock_timestamp() - bucket.updated_at) * :most / 60.0)"""
_GRANTED = "CASE WHEN :whole AND {level} < :count THEN 0 ELSE LEAST(:count, FLOOR({level})) END"
_TAKE = text(
    f"""
    INSERT INTO identity.rate_buckets AS bucket (id, tokens, granted, updated_at, full_at)
    VALUES (:id, :held - {_GRANTED.format(level=":held")}, {_GRANTED.format(level=":held")}, clock_timestamp(),
        clock_timestamp() + make_interval(secs => {_GRANTED.format(level=":held")} * 60.0 / :most))
    ON CONFLICT (id) DO UPDATE SET
        granted = {_GRANTED.format(level=_LEVEL)},
        tokens = {_LEVEL} - {_GRANTED.format(level=_LEVEL)},
        updated_at = clock_timestamp(),
        full_at = clock_timestamp()
            + make_interval(secs => (:held - {_LEVEL} + {_GRANTED.format(level=_LEVEL)}) * 60.0 / :most)
    RETURNING granted, tokens
    """
).bindparams(
    *(bindparam(name, type_=Double()) for name in ("most", "held", "count")), bindparam("whole", type_=Boolean())
)
_PURGE = text("DELETE FROM identity.rate_buckets WHERE full_at < now()")


class SharedBuckets:
    """One row for each bucket that is not full. Names are kept as hashes."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def take(self, name: str, limit: int, count: int, held: int | None = None, *, whole: bool = False) -> Grant:
        """Up to `count` from the bucket of a name, in one round trip."""
        values: dict[str, Any] = {"most": float(limit), "held": float(held or limit), "count": float(count)}
        values |= {"whole": whole, "id": uuid5(NAMESPACE, f"rate {name}")}
        async with self._at_once, self._sessions.begin() as database:
            granted, tokens = (await database.execute(_TAKE, values)).one()
        return Grant(int(granted), max(0.0, ((count if whole else 1) - tokens) * 60 / limit))

    async def purge(self) -> None:
        """Forget those that are full again, which is as if nobody had taken from them."""
        async with self._sessions.begin() as database:
            await database.execute(_PURGE)
