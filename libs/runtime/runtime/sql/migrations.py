"""Runs a service's Alembic migrations, with the roles that they grant to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

log = structlog.get_logger()
# Alembic keeps what it is working on in module globals.
_one_at_a_time = threading.Lock()
SECOND = "_second"
"""Ends the name of a role's second login."""
_ENVIRONMENT = Path(__file__).with_name("environment")


@dataclass(frozen=True)
class DatabaseAdmin:
    """How to reach Postgres as the owner of the tables.

    `role_password` is given to the services' own roles, unless `passwords` has one for the role; empty leaves theirs as
    it is. A password for `<role>_second` makes a second login with the rights of the role: both work while services go
    from one to the other. Without that password it is closed.
    """

    url: str
    role_password: str = ""
    passwords: Mapping[str, str] = field(default_factory=dict)

    def password_of(self, role: str) -> str:
        """What a role's password becomes; empty for what it is."""
        return self.passwords.get(role) or self.role_password


@dataclass(frozen=True)
class Migrations:
    """The migrations of one schema; a call brings it up to date.

    `versions` is the folder of Alembic's scripts. The service logs in as `role`, and may switch to each of `set_roles`
    for one transaction, without having their rights otherwise.
    """

    schema: str
    versions: Path
    role: str
    set_roles: tuple[str, ...] = ()

    def __call__(self, admin: DatabaseAdmin, revision: str = "head") -> None:
        """Create or update the schema, all in one transaction; one that a later version has updated stays as it is.

        Blocks until done, also when the caller's thread runs an event loop; several callers, also in other processes,
        wait for each other.
        """
        with _one_at_a_time, ThreadPoolExecutor(1, thread_name_prefix="migrate") as pool:
            pool.submit(asyncio.run, self._run(admin, revision)).result()

    def knows(self, revision: str) -> bool:
        """Whether there is such a revision."""
        script = ScriptDirectory.from_config(self._config())
        return any(each.revision == revision for each in script.walk_revisions())

    async def _run(self, admin: DatabaseAdmin, revision: str) -> None:
        url = make_url(admin.url).set(drivername="postgresql+asyncpg")
        engine = create_async_engine(url, poolclass=NullPool, hide_parameters=True)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(self._upgrade, admin, revision)
        finally:
            await engine.dispose()

    def _upgrade(self, connection: Connection, admin: DatabaseAdmin, revision: str) -> None:
        # The lock ends with the transaction, so that it also works through a transaction pooler.
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        connection.execute(lock, {"name": f"parley.migrate.{self.schema}"})
        logins, second = [self.role], self.role + SECOND
        _ensure_role(connection, self.role, "LOGIN", admin.password_of(self.role))
        if admin.passwords.get(second):
            _ensure_role(connection, second, "LOGIN", admin.passwords[second])
            connection.execute(text(f'GRANT "{self.role}" TO "{second}" WITH INHERIT TRUE, SET FALSE'))
            logins.append(second)
        _open_or_close(connection, second, may_login=second in logins)
        for other in self.set_roles:
            _ensure_role(connection, other, "NOLOGIN", "")
            for login in logins:
                connection.execute(text(f'GRANT "{other}" TO "{login}" WITH INHERIT FALSE, SET TRUE'))
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {self.schema}"))
        present = MigrationContext.configure(
            connection, opts={"version_table_schema": self.schema}
        ).get_current_revision()
        if present is not None and not self.knows(present):
            # Back to an earlier version: migrations only add, so that it can work with what a later one has made.
            log.warning("a later version has migrated this schema, which stays as it is", schema=self.schema)
            return
        command.upgrade(self._config({"connection": connection, "schema": self.schema}), revision)

    def _config(self, attributes: dict[str, Any] | None = None) -> Config:
        config = Config(attributes=attributes or {})
        config.set_main_option("path_separator", "newline")
        config.set_main_option("script_location", _escaped(_ENVIRONMENT))
        config.set_main_option("version_locations", _escaped(self.versions))
        return config


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


def _ensure_role(connection: Connection, role: str, kind: str, password: str) -> None:
    # Roles belong to the whole cluster: another database may be migrated at the same time.
    connection.execute(
        text(f'DO $$ BEGIN CREATE ROLE "{role}" {kind}; EXCEPTION WHEN duplicate_object THEN NULL; END $$')
    )
    if password:
        literal = connection.scalar(text("SELECT quote_literal(:password)"), {"password": password})
        connection.execute(text(f'ALTER ROLE "{role}" PASSWORD :literal'.replace(":literal", str(literal))))


def _open_or_close(connection: Connection, role: str, *, may_login: bool) -> None:
    """Whether a role may log in, where there is such a role. Who is logged in stays so."""
    present = connection.scalar(text("SELECT rolcanlogin FROM pg_roles WHERE rolname = :role"), {"role": role})
    if present is not None and present != may_login:
        connection.execute(text(f'ALTER ROLE "{role}" {"LOGIN" if may_login else "NOLOGIN"}'))
