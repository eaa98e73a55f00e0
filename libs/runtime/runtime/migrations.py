"""Runs a service's Alembic migrations, with the roles that they grant to."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, NullPool, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

# Alembic keeps what it is working on in module globals.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class DatabaseAdmin:
    """How to reach Postgres as the owner of the tables.

    `role_password` is given to the services' own roles; empty leaves theirs as it is.
    """

    url: str
    role_password: str = ""


def run_migrations(
    admin: DatabaseAdmin, schema: str, scripts: Path, *, role: str, set_roles: tuple[str, ...] = ()
) -> None:
    """Bring `schema` up to date for the service that logs in as `role`.

    The service may switch to each of `set_roles` for one transaction, and does not have their rights
    otherwise. Blocks until done, also when the caller's thread runs an event loop; several callers, also in
    other processes, wait for each other. Everything happens in one transaction.
    """
    with _one_at_a_time, ThreadPoolExecutor(1, thread_name_prefix="migrate") as pool:
        pool.submit(asyncio.run, _run(admin, schema, scripts, role, set_roles)).result()


async def _run(admin: DatabaseAdmin, schema: str, scripts: Path, role: str, set_roles: tuple[str, ...]) -> None:
    url = make_url(admin.url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, poolclass=NullPool, hide_parameters=True)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, admin, schema, scripts, role, set_roles)
    finally:
        await engine.dispose()


def _upgrade(
    connection: Connection, admin: DatabaseAdmin, schema: str, scripts: Path, role: str, set_roles: tuple[str, ...]
) -> None:
    # The lock ends with the transaction, so that it also works through a transaction pooler.
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
    connection.execute(lock, {"name": f"parley.migrate.{schema}"})
    _ensure_role(connection, role, "LOGIN", admin.role_password)
    for other in set_roles:
        _ensure_role(connection, other, "NOLOGIN", "")
        connection.execute(text(f'GRANT "{other}" TO "{role}" WITH INHERIT FALSE, SET TRUE'))
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    command.upgrade(config, "head")


def _ensure_role(connection: Connection, role: str, kind: str, password: str) -> None:
    # Roles belong to the whole cluster: another database may be migrated at the same time.
    connection.execute(
        text(f'DO $$ BEGIN CREATE ROLE "{role}" {kind}; EXCEPTION WHEN duplicate_object THEN NULL; END $$')
    )
    if password:
        literal = connection.scalar(text("SELECT quote_literal(:password)"), {"password": password})
        connection.execute(text(f'ALTER ROLE "{role}" PASSWORD :literal'.replace(":literal", str(literal))))
