"""A database of an earlier revision keeps what is in it."""

import asyncio
from uuid import uuid4

from devkit.fixtures import ROLE_PASSWORD, TestDatabase
from runtime.sql.migrations import DatabaseAdmin
from session.migrate import migrate
from session_helpers.replica import Sql


async def test_a_database_of_before_is_brought_up_to_date_with_what_is_in_it(
    database: TestDatabase, owner: Sql
) -> None:
    await owner("ALTER TABLE session.timers RENAME TO due")
    await owner("ALTER INDEX session.timers_at RENAME TO due_at")
    await owner("ALTER TABLE session.sessions DROP COLUMN dialect")
    await owner("UPDATE session.alembic_version SET version_num = '0002'")
    session_id = uuid4()
    await owner(
        "INSERT INTO session.due (session_id, kind, ref, at, attempt) VALUES ($1, 'reply', '', now(), 0)", session_id
    )
    await asyncio.to_thread(migrate, DatabaseAdmin(database.admin_url, ROLE_PASSWORD))
    assert [row["session_id"] for row in await owner("SELECT session_id FROM session.timers")] == [session_id]
