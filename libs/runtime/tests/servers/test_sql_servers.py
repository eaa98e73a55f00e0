"""Transactions of tenants and roles, and migrations, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from devkit.fixtures import ROLE_PASSWORD, TestDatabase
from runtime.database import Database
from runtime.settings import DatabaseSettings
from runtime.sql.migrations import SECOND, DatabaseAdmin, Migrations
from runtime.sql.tenants import Tenant, as_role, as_tenant

ANNE, BEN = UUID(int=1), UUID(int=2)
ROLE, SWEEPER = "parley_test_sql", "parley_test_sql_sweeper"
SCRIPT = f"""
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("CREATE TABLE things.notes (user_id uuid, text text)")
    op.execute("GRANT USAGE ON SCHEMA things TO {ROLE}, {SWEEPER}")
    op.execute("GRANT SELECT, INSERT ON things.notes TO {ROLE}, {SWEEPER}")
    op.execute("ALTER TABLE things.notes ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY mine ON things.notes TO {ROLE}"
        " USING (user_id = NULLIF(current_setting('parley.user_id', true), '')::uuid)"
    )
    op.execute("CREATE POLICY everything ON things.notes TO {SWEEPER} USING (true)")
"""


@pytest.fixture
def migrate(tmp_path: Path) -> Migrations:
    folder = tmp_path / "100% of, them"
    folder.mkdir()
    (folder / "0001_notes.py").write_text(SCRIPT)
    return Migrations("things", folder, role=ROLE, set_roles=(SWEEPER,))


@pytest.fixture
def admin(database: TestDatabase) -> DatabaseAdmin:
    return DatabaseAdmin(database.admin_url, ROLE_PASSWORD)


@pytest_asyncio.fixture
async def opened(database: TestDatabase, migrate: Migrations, admin: DatabaseAdmin) -> AsyncIterator[Database]:
    migrate(admin)
    url = database.url("test_sql")
    async with Database(DatabaseSettings(database_url=url)).open() as pool:
        for user in (ANNE, BEN):
            async with as_tenant(pool, Tenant(user)) as connection:
                await connection.execute("INSERT INTO things.notes VALUES ($1, 'a note')", user)
        yield pool


async def owners(connection: asyncpg.Connection) -> list[UUID]:
    return [row["user_id"] for row in await connection.fetch("SELECT user_id FROM things.notes ORDER BY 1")]


async def test_a_tenant_reaches_only_their_rows_and_only_in_their_transaction(opened: Database) -> None:
    for user, found in ((ANNE, [ANNE]), (BEN, [BEN]), (None, [])):
        async with as_tenant(opened, Tenant(user), read_only=True) as connection:
            assert await owners(connection) == found
    assert await owners(opened.pool) == []


async def test_a_tenant_who_only_reads_writes_nothing(opened: Database) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with as_tenant(opened, Tenant(ANNE), read_only=True) as connection:
            await connection.execute("INSERT INTO things.notes VALUES ($1, 'another')", ANNE)


async def test_a_role_has_its_rights_for_one_transaction(opened: Database) -> None:
    async with as_role(opened, SWEEPER) as connection:
        assert await owners(connection) == [ANNE, BEN]
    assert await owners(opened.pool) == []


async def test_each_role_has_a_password_of_its_own_and_two_while_it_changes(
    opened: Database, database: TestDatabase, migrate: Migrations, admin: DatabaseAdmin
) -> None:
    first, second = database.url("test_sql"), database.url("test_sql_second")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(second)
    migrate(replace(admin, passwords={ROLE + SECOND: ROLE_PASSWORD}))
    for url in (first, second):
        async with Database(DatabaseSettings(database_url=url)).open() as pool:
            async with as_tenant(pool, Tenant(ANNE), read_only=True) as connection:
                assert await owners(connection) == [ANNE]
            assert await owners(pool.pool) == []
            async with as_role(pool, SWEEPER) as connection:
                assert await owners(connection) == [ANNE, BEN]
    # Those who have gone to the second keep working when the first gets another password.
    try:
        migrate(replace(admin, passwords={ROLE: "another-one-3f9c1d77", ROLE + SECOND: ROLE_PASSWORD}))
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(first)
        await (await asyncpg.connect(second)).close()
        # The second is open for as long as it has a password in the settings, and may be opened again.
        migrate(admin)
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await asyncpg.connect(second)
        migrate(replace(admin, passwords={ROLE + SECOND: ROLE_PASSWORD}))
        await (await asyncpg.connect(second)).close()
    finally:
        migrate(admin)  # roles belong to all databases of the server


async def test_migrating_again_and_at_once_changes_nothing(migrate: Migrations, admin: DatabaseAdmin) -> None:
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(migrate, [admin] * 3)) == [None] * 3
    connection = await asyncpg.connect(admin.url)
    assert await connection.fetchval("SELECT version_num FROM things.alembic_version") == "0001"
    await connection.close()


async def test_what_a_later_version_made_stays_as_it_is(
    opened: Database, migrate: Migrations, admin: DatabaseAdmin
) -> None:
    connection = await asyncpg.connect(admin.url)
    await connection.execute("ALTER TABLE things.notes ADD COLUMN later text")
    await connection.execute("UPDATE things.alembic_version SET version_num = '0099'")
    migrate(admin)  # as after a rollback
    assert await connection.fetchval("SELECT version_num FROM things.alembic_version") == "0099"
    await connection.close()
    async with as_tenant(opened, Tenant(ANNE), read_only=True) as tenant:
        assert await owners(tenant) == [ANNE]


async def test_a_migration_that_fails_leaves_nothing(migrate: Migrations, admin: DatabaseAdmin) -> None:
    (migrate.versions / "0002_bad.py").write_text(
        SCRIPT.replace('"0001"', '"0002"').replace("None", '"0001"', 1).replace("CREATE TABLE things.notes", "NONSENSE")
    )
    with pytest.raises(Exception, match="NONSENSE"):
        migrate(admin)
    connection = await asyncpg.connect(admin.url)
    assert await connection.fetchval("SELECT to_regnamespace('things')") is None
    await connection.close()
