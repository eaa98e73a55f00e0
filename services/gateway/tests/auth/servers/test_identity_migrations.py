"""Migrations: repeatable, concurrent, least privilege, and equal to the models."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from devkit.fixtures import ROLE_PASSWORD, TestDatabase
from gateway.migrate import migrate as migrate_database
from gateway.models import SCHEMA, Table
from runtime.sql.migrations import DatabaseAdmin
from sqlalchemy import Connection, NullPool
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

Run = Callable[..., list[Any]]

ROLE = "parley_gateway"


@pytest.fixture
def empty(postgres_url: str, run: Run) -> Iterator[str]:
    """The address of a new database."""
    name = f"empty_{uuid4().hex[:12]}"
    run(postgres_url, f"CREATE DATABASE {name}")
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    run(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


def migrate(url: str) -> None:
    migrate_database(DatabaseAdmin(url, ROLE_PASSWORD))


def _catalogue(run: Run, url: str) -> list[Any]:
    return run(
        url,
        "SELECT c.oid, c.relname, c.relacl::text, c.relfilenode FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE nspname = 'identity' ORDER BY 1",
    )


def test_migrating_twice_changes_nothing(empty: str, run: Run) -> None:
    migrate(empty)
    before = _catalogue(run, empty)
    migrate(empty.replace("postgresql://", "postgresql+asyncpg://"))
    assert _catalogue(run, empty) == before
    assert [row[0] for row in run(empty, "SELECT version_num FROM identity.alembic_version")] == ["0014"]
    assert run(empty, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []


def test_several_threads_at_once(empty: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: migrate(empty), range(4))) == [None] * 4


def test_several_processes_at_once(empty: str) -> None:
    command = [
        sys.executable,
        "-c",
        "import sys; from gateway.migrate import migrate; from runtime.sql.migrations import DatabaseAdmin;"
        " migrate(DatabaseAdmin(sys.argv[1]))",
        empty,
    ]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    assert [(process.communicate()[1], process.returncode) for process in processes] == [(b"", 0)] * 3


@pytest.mark.asyncio
async def test_inside_a_running_event_loop(migrated: TestDatabase) -> None:
    url = migrated.admin_url
    await asyncio.to_thread(migrate, url)
    migrate(url)  # blocks the loop, but works


def test_models_and_migrations_agree(empty: str) -> None:
    migrate(empty)

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA,
                "include_object": lambda thing, name, kind, *_: kind != "table" or thing.schema == SCHEMA,
                "version_table_schema": SCHEMA,
                "compare_type": True,
                "compare_server_default": True,
            },
        )
        return list(compare_metadata(context, Table.metadata))

    async def compare() -> list[Any]:
        engine = create_async_engine(empty.replace("postgresql:", "postgresql+asyncpg:"), poolclass=NullPool)
        async with engine.connect() as connection:
            return await connection.run_sync(differences)

    assert asyncio.run(compare()) == []


def test_the_role_may_use_the_tables_and_nothing_else(empty: str, run: Run) -> None:
    migrate(empty)
    url = TestDatabase(empty).url("gateway")
    granted = run(
        empty,
        f"SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type) AS privileges"
        f" FROM information_schema.role_table_grants WHERE grantee = '{ROLE}' AND table_schema = 'identity'"
        " GROUP BY 1 ORDER BY 1",
    )
    tables = (
        "idempotency_keys", "login_attempts", "open_sockets", "question_banks", "speech_tasks", "spoken_lines",
        "rate_buckets", "revoked_tokens", "session_aliases",
        "token_families", "users",
    )  # fmt: skip
    expected = dict.fromkeys(tables, "DELETE INSERT SELECT UPDATE")
    expected |= {"audit_events": "INSERT SELECT", "session_tokens": "DELETE INSERT SELECT"}
    assert dict(tuple(row) for row in granted) == expected, "what is recorded of admins is never changed"
    for forbidden in (
        "CREATE TABLE identity.mine ()",
        "DROP TABLE identity.users",
        "TRUNCATE identity.users CASCADE",
        "SELECT * FROM identity.alembic_version",
    ):
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            run(url, forbidden)


async def seen_by(url: str, user_id: UUID | None) -> list[UUID]:
    """The accounts that a transaction in the name of somebody sees."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT set_config('parley.user_id', $1, true)", str(user_id or ""))
            return [row["id"] for row in await connection.fetch("SELECT id FROM agent_api.users")]
    finally:
        await connection.close()


def test_the_view_of_accounts_shows_ones_own_and_nothing_secret(empty: str, run: Run) -> None:
    migrate(empty)
    ada, bob = uuid4(), uuid4()
    for user_id in (ada, bob):
        insert = (
            "INSERT INTO identity.users (id, email, name, password_hash) VALUES ('{0}', '{0}@example.com', '', 'x')"
        )
        run(empty, insert.format(user_id))
    assert asyncio.run(seen_by(TestDatabase(empty).url("gateway"), None)) == []
    assert asyncio.run(seen_by(TestDatabase(empty).url("gateway"), ada)) == [ada]
    columns = run(
        empty,
        "SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns"
        " WHERE table_schema = 'agent_api' AND table_name = 'users'",
    )
    assert columns[0][0] == "id email name created_at updated_at"


def test_a_failed_migration_leaves_nothing(empty: str, run: Run) -> None:
    run(empty, "CREATE SCHEMA identity")
    run(empty, "CREATE TABLE identity.session_keys ()")
    with pytest.raises(ProgrammingError, match="session_keys"):
        migrate(empty)
    assert [row[0] for row in run(empty, "SELECT tablename FROM pg_tables WHERE schemaname = 'identity'")] == [
        "session_keys"
    ]
