"""Wrong passwords: who guesses waits longer each time, and nobody is locked out of their own account by it.

Failures count for an account at one address, and for the account as a whole. The latter, which a crowd of addresses can
bring about, does not concern an address from which the account was logged in to before.
"""

from __future__ import annotations

import math
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import Double, Integer, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from gateway.bus.idempotency import NAMESPACE
from gateway.problems import Problem

FREE_OF_ALL = 10
"""So many times as many failures as at one address are free at all of them together."""
LONGEST_DELAY = 900
"""Seconds."""
_SLOWER = "Too many attempts to log in with this email address. Please wait a moment and try again."
_FIND = text(
    "SELECT id, failures, known_since, EXTRACT(EPOCH FROM blocked_until - clock_timestamp()) AS seconds"
    " FROM identity.login_attempts WHERE id IN (:here, :everywhere)"
)
_FAIL = text(
    """
    INSERT INTO identity.login_attempts AS known (id, failures, blocked_until, updated_at)
    VALUES (:id, 1, clock_timestamp(), clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET
        failures = known.failures + 1,
        blocked_until = clock_timestamp() + LEAST(
            CASE WHEN known.failures + 1 < :free THEN 0 ELSE POWER(2, LEAST(known.failures + 1 - :free, 20)) END,
            :longest
        ) * interval '1 second',
        updated_at = clock_timestamp()
    """
).bindparams(bindparam("free", type_=Integer()), bindparam("longest", type_=Double()))
_SUCCEED = text(
    """
    INSERT INTO identity.login_attempts (id, failures, known_since, blocked_until, updated_at)
    VALUES (:id, 0, clock_timestamp(), clock_timestamp(), clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET failures = 0, known_since = clock_timestamp(), blocked_until = clock_timestamp(),
        updated_at = clock_timestamp()
    """
)
_PURGE = text(
    "DELETE FROM identity.login_attempts WHERE updated_at < now() - interval '1 day'"
    " AND (known_since IS NULL OR known_since < now() - interval '30 days')"
)


class Guesses:
    """`free` are the failures at one address that cost nothing; with 0 none ever does."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], free: int) -> None:
        self._sessions = sessions
        self._free = free

    async def must_not_wait(self, email: str, address: str) -> None:
        """Raises Problem 429. It is the same for an address that nobody registered."""
        if not self._free:
            return
        here, everywhere = _ids(email, address)
        async with self._sessions() as database:
            found = (await database.execute(_FIND, {"here": here, "everywhere": everywhere})).all()
        seconds: dict[UUID, float] = {row.id: row.seconds for row in found}
        known: datetime | None = next((row.known_since for row in found if row.id == here), None)
        wait = max(seconds.get(here, 0.0), 0.0 if known else seconds.get(everywhere, 0.0))
        if wait > 0:
            raise Problem(429, _SLOWER, {"Retry-After": str(math.ceil(wait))})

    async def failed(self, email: str, address: str) -> None:
        """Count a wrong password."""
        if not self._free:
            return
        here, everywhere = _ids(email, address)
        async with self._sessions.begin() as database:
            for each, free in ((here, self._free), (everywhere, self._free * FREE_OF_ALL)):
                await database.execute(_FAIL, {"id": each, "free": free, "longest": LONGEST_DELAY})

    async def succeeded(self, email: str, address: str) -> None:
        """The right one: its owner is known at this address from now on."""
        if self._free:
            async with self._sessions.begin() as database:
                await database.execute(_SUCCEED, {"id": _ids(email, address)[0]})

    async def purge(self) -> None:
        """Forget what is a day old, and addresses that were not used for a month."""
        async with self._sessions.begin() as database:
            await database.execute(_PURGE)


def _ids(email: str, address: str) -> tuple[UUID, UUID]:
    """Of an account at an address, and of the account. Neither is kept itself."""
    account = email.casefold()
    return uuid5(NAMESPACE, f"login {account} {address}"), uuid5(NAMESPACE, f"login {account}")
