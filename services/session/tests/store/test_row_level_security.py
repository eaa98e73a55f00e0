"""Nobody reaches another's rows, whatever statement is run: the database sees to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from runtime.testing import TestDatabase
from session.tenant import SWEEPER_ROLE, Tenant, as_sweeper, as_tenant
from session_helpers.intents import says
from session_helpers.replica import A_TURN, BEGUN, Interview, Replica, Sql, an_interview

# Each with the column that says whose rows they are.
OWNED = {
    "events": "stream_id",
    "sessions": "session_id",
    "messages": "session_id",
    "feedback": "session_id",
    "due": "session_id",
}
every_table = pytest.mark.parametrize("table", OWNED)
everything = pytest.mark.parametrize("table", [*OWNED, "interview_sessions"])


@dataclass
class People:
    """Ada and Bob have an account, the third has only the id of a session."""

    ada: Interview
    bob: Interview
    anonymous: Interview


@pytest_asyncio.fixture
async def people(replica: Replica) -> People:
    going = (*BEGUN, *A_TURN, says("Pending."))
    return People(
        await an_interview(replica, *going),
        await an_interview(replica, *going),
        await an_interview(replica, *going, anonymous=True),
    )


@pytest_asyncio.fixture
async def login(database: TestDatabase) -> AsyncIterator[asyncpg.Connection]:
    """The service's own role, without any setting."""
    connection = await asyncpg.connect(database.url("session"))
    yield connection
    await connection.close()


async def sessions_in(connection: asyncpg.Connection, table: str) -> set[UUID]:
    rows = await connection.fetch(f"SELECT {OWNED.get(table, 'session_id')} AS session FROM session.{table}")
    return {row["session"] for row in rows}


@everything
async def test_without_settings_no_row_is_there(people: People, login: asyncpg.Connection, table: str) -> None:
    assert await login.fetchval(f"SELECT count(*) FROM session.{table}") == 0


@everything
async def test_the_owner_of_the_tables_sees_everything_which_is_why_no_service_connects_so(
    people: People, owner: Sql, table: str
) -> None:
    seen = await owner(f"SELECT DISTINCT {OWNED.get(table, 'session_id')} AS session FROM session.{table}")
    assert {row["session"] for row in seen} == {
        people.ada.session_id,
        people.bob.session_id,
        people.anonymous.session_id,
    }


@everything
async def test_a_user_sees_only_their_own(people: People, replica: Replica, table: str) -> None:
    async with as_tenant(replica.database, Tenant(people.ada.user_id)) as connection:
        assert await sessions_in(connection, table) == {people.ada.session_id}


@everything
async def test_the_id_of_a_users_session_opens_nothing_to_a_stranger(
    people: People, replica: Replica, table: str
) -> None:
    async with as_tenant(replica.database, Tenant(None, people.ada.session_id)) as connection:
        assert await sessions_in(connection, table) == set()
    async with as_tenant(replica.database, Tenant(people.bob.user_id, people.ada.session_id)) as connection:
        assert await sessions_in(connection, table) == {people.bob.session_id}


@everything
async def test_an_anonymous_session_is_reached_with_its_id_only(people: People, replica: Replica, table: str) -> None:
    anonymous = people.anonymous.session_id
    async with as_tenant(replica.database, Tenant(None, anonymous)) as connection:
        assert await sessions_in(connection, table) == {anonymous}
    async with as_tenant(replica.database, Tenant(None, uuid4())) as connection:
        assert await sessions_in(connection, table) == set()


@every_table
async def test_a_user_cannot_change_anothers_rows(people: People, replica: Replica, owner: Sql, table: str) -> None:
    column, bob = OWNED[table], people.bob.session_id
    before = await owner(f"SELECT * FROM session.{table} WHERE {column} = $1", bob)
    async with as_tenant(replica.database, Tenant(people.ada.user_id)) as connection:
        if table != "events":  # nobody may change what happened, see below
            updated = await connection.execute(f"UPDATE session.{table} SET user_id = user_id WHERE {column} = $1", bob)
            assert updated == "UPDATE 0"
        assert await connection.execute(f"DELETE FROM session.{table} WHERE {column} = $1", bob) == "DELETE 0"
    assert before and await owner(f"SELECT * FROM session.{table} WHERE {column} = $1", bob) == before


@every_table
@pytest.mark.parametrize("whose", ["bob", "nobody"])
async def test_a_user_cannot_add_rows_for_another(
    people: People, replica: Replica, owner: Sql, table: str, whose: str
) -> None:
    user_id = people.bob.user_id if whose == "bob" else None
    columns = await owner(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'session' AND table_name = $1 AND is_identity = 'NO'",
        table,
    )
    names = [row["column_name"] for row in columns]
    shown = {"user_id": "$1::uuid", OWNED[table]: "gen_random_uuid()", "event_id": "gen_random_uuid()"}
    copied = ", ".join(shown.get(name, name) for name in names)
    statement = f"INSERT INTO session.{table} ({', '.join(names)}) SELECT {copied} FROM session.{table} LIMIT 1"
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with as_tenant(replica.database, Tenant(people.ada.user_id)) as connection:
            await connection.execute(statement, user_id)
    async with as_tenant(replica.database, Tenant(people.ada.user_id)) as connection:
        assert await connection.execute(statement, people.ada.user_id) == "INSERT 0 1"


async def test_a_user_cannot_give_rows_away(people: People, replica: Replica) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with as_tenant(replica.database, Tenant(people.ada.user_id)) as connection:
            await connection.execute("UPDATE session.messages SET user_id = $1", people.bob.user_id)


async def test_what_happened_cannot_be_changed_by_the_service_at_all(people: People, replica: Replica) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
        async with as_tenant(replica.database, Tenant(people.ada.user_id)) as connection:
            await connection.execute("UPDATE session.events SET data = '{}'")


async def test_a_setting_ends_with_its_transaction(people: People, replica: Replica) -> None:
    async with as_tenant(replica.database, Tenant(people.ada.user_id, people.ada.session_id)) as connection:
        assert await sessions_in(connection, "sessions")
        assert not await connection.fetchval("SELECT current_setting('parley.user_id') = ''")
    async with replica.database.pool.acquire() as connection:
        assert await sessions_in(connection, "sessions") == set()


async def test_the_services_role_has_no_way_around_the_policies(login: asyncpg.Connection) -> None:
    role = await login.fetchrow(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    )
    assert role["rolname"] == "parley_session"
    assert not (role["rolsuper"] or role["rolbypassrls"] or role["rolcreaterole"])
    owners = await login.fetch(
        "SELECT relname, pg_get_userbyid(relowner) AS owner, relrowsecurity FROM pg_class"
        " WHERE relnamespace = 'session'::regnamespace AND relkind IN ('r', 'v')"
    )
    assert {row["relname"] for row in owners} >= {*OWNED, "tombstones", "interview_sessions"}
    assert "parley_session" not in {row["owner"] for row in owners}
    assert {row["relname"] for row in owners if row["relrowsecurity"]} == set(OWNED)


async def test_the_view_asks_with_the_rights_of_who_asks(login: asyncpg.Connection) -> None:
    options = await login.fetchval("SELECT reloptions FROM pg_class WHERE oid = 'session.interview_sessions'::regclass")
    assert options == ["security_invoker=true"]


async def test_the_sweepers_rights_are_there_only_after_switching_to_it(
    people: People, replica: Replica, login: asyncpg.Connection
) -> None:
    membership = await login.fetchrow(
        "SELECT inherit_option, set_option FROM pg_auth_members"
        " WHERE roleid = $1::regrole AND member = current_user::regrole",
        SWEEPER_ROLE,
    )
    assert (membership["inherit_option"], membership["set_option"]) == (False, True)
    assert await sessions_in(login, "due") == set()
    async with as_sweeper(replica.database) as connection:
        assert await sessions_in(connection, "due") == {
            people.ada.session_id,
            people.bob.session_id,
            people.anonymous.session_id,
        }
    async with replica.database.pool.acquire() as connection:
        assert await connection.fetchval("SELECT current_user") == "parley_session"


async def test_the_sweeper_cannot_write_history(people: People, replica: Replica) -> None:
    for statement in ("DELETE FROM session.events", "UPDATE session.events SET version = version"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            async with as_sweeper(replica.database) as connection:
                await connection.execute(statement)
