"""Connections to Postgres."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg
from prometheus_client import Gauge

from runtime.health import Check
from runtime.settings import DatabaseSettings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

CONNECTIONS = Gauge(
    "parley_database_connections", "Connections to Postgres of this process, in use and at most.", ["state"]
)
_Pool = tuple[Callable[[], int], Callable[[], int]]
_POOLS: set[_Pool] = set()
"""What tells how many connections each pool has at most, and how many of them are in use."""
CONNECTIONS.labels("most").set_function(lambda: sum(most() for most, _ in _POOLS))
CONNECTIONS.labels("used").set_function(lambda: sum(used() for _, used in _POOLS))
COMMAND_TIMEOUT = 20.0
"""Seconds after which a statement is given up, and the message that caused it tried again."""


def _measured(most: Callable[[], int], used: Callable[[], int]) -> _Pool:
    pool = (most, used)
    _POOLS.add(pool)
    return pool


async def _nothing_to_reset(_: asyncpg.Connection) -> None:
    """Everything we set is local to a transaction; asyncpg's own reset costs a round trip per use."""


class Database:
    """A pool of connections, open between `open` and its end.

    `probe` is a query that fails while the schema is not there. `size` is how many of the replica's connections it may
    hold, by default all of them.
    """

    def __init__(self, settings: DatabaseSettings, probe: str = "SELECT 1", size: int | None = None) -> None:
        self._settings = settings
        self._size = size or settings.database_pool_size
        self._probe = probe
        self._pool: asyncpg.Pool | None = None

    @property
    def pool(self) -> asyncpg.Pool:
        """The open pool. Raises ConnectionError before it is opened."""
        if self._pool is None:
            raise ConnectionError("the database pool is not open")
        return self._pool

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Database]:
        """Open the pool and close it at the end. A server that is away now is waited for by the checks."""
        settings = self._settings
        self._pool = asyncpg.create_pool(
            settings.database_url,
            min_size=0,
            max_size=self._size,
            command_timeout=COMMAND_TIMEOUT,
            statement_cache_size=settings.database_statement_cache,
            server_settings={"application_name": "parley"},
            reset=_nothing_to_reset,
        )
        pool = self._pool
        most = _measured(pool.get_max_size, lambda: pool.get_size() - pool.get_idle_size())
        async with pool:
            try:
                yield self
            finally:
                _POOLS.discard(most)
        self._pool = None

    @asynccontextmanager
    async def transaction(self, begin: str = "BEGIN") -> AsyncIterator[asyncpg.Connection]:
        """A transaction. `begin` may go on with what is to be set in it, in the same round trip."""
        async with self.pool.acquire() as connection:
            try:
                await connection.execute(begin)
                yield connection
                await connection.execute("COMMIT")
            except BaseException:
                if not connection.is_closed() and connection.is_in_transaction():
                    await connection.execute("ROLLBACK")
                raise

    def check(self) -> Check:
        """Readiness: the database answers, and its schema is there."""

        async def check() -> None:
            await self.pool.fetchval(self._probe)

        return check


def make_engine(url: str, settings: DatabaseSettings, size: int | None = None) -> AsyncEngine:
    """An engine for reads and for identity, over asyncpg, with `size` of the replica's connections or all of them."""
    # Importing it takes half a second: a service that does not use it should not wait for it.
    from sqlalchemy.engine import make_url
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import QueuePool

    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=size or settings.database_pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,  # parameters are people's words
        connect_args={
            "statement_cache_size": settings.database_statement_cache,
            "command_timeout": COMMAND_TIMEOUT,
        },
    )
    pool = engine.sync_engine.pool
    assert isinstance(pool, QueuePool)
    _measured(pool.size, pool.checkedout)
    return engine
