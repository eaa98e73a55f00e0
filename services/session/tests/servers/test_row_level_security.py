"""Nobody reaches another's rows, whatever statement is run: the database sees to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from devkit.fixtures import TestDatabase
from runtime.sql.tenants import as_role, as_tenant
from session.tenant import SWEEPER_ROLE, Tenant
from session_helpers.intents import says
from session_helpers.replica import A_TURN, BEGUN, Interview, Replica, Sql, an_interview

# Each with the column that says whose rows they are.
OWNED = {
    "events": "stream_id",
    "sessions": "session_id",
    "messages": "session_id",
    "feedback": "session_id",
    "timers": "session_id",
}
VIEWS = (
    "agent_api.interview_sessions", "interviews_api.interviews", "turns_api.session_states",
    "resume_api.interview_sessions", "resume_api.messages",
)  # fmt: skip
EVERYTHING = (*OWNED, *VIEWS)


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


def named(table: str) -> str:
    return table if "." in table else f"session.{table}"


async def sessions_in(connection: asyncpg.Connection, table: str) -> set[UUID]:
    column = "interview_id" if table.startswith("turns_api") else OWNED.get(table, "session_id")
    rows = await connection.fetch(f"SELECT {column}::text AS session FROM {named(table)}")
    return {UUID(row["session"]) for row in rows}


async def seen_by(connection: asyncpg.Connection) -> dict[str, set[UUID]]:
    """Whose rows there are, by table."""
    return {table: await sessions_in(connection, table) for table in EVERYTHING}


def only(*sessions: Interview) -> dict[str, set[UUID]]:
    return {table: {each.session_id for each in sessions} for table in EVERYTHING}


async def test_without_settings_no_row_is_there(people: People, login: asyncpg.Connection) -> None:
    for table in EVERYTHING:
        assert await login.fetchval(f"SELECT count(*) FROM {named(table)}") == 0


async def test_the_owner_of_the_tables_sees_everything_which_is_why_no_service_connects_so(
    people: People, database: TestDatabase
) -> None:
    owner = await asyncpg.connect(database.admin_url)
    assert await seen_by(owner) == only(people.ada, people.bob, people.anonymous)
    await owner.close()


async def test_a_user_sees_only_their_own(people: People, replica: Replica) -> None:
    async with as_tenant(replica.database, Tenant(people.ada.user_id)) as connection:
        assert await seen_by(connection) == only(people.ada)


async def test_the_id_of_a_users_session_opens_nothing_to_a_stranger(people: People, replica: Replica) -> None:
    async with as_tenant(replica.database, Tenant(None, people.ada.session_id)) as connection:
        assert await seen_by(connection) == only()
    async with as_tenant(replica.database, Tenant(people.bob.user_id, people.ada.session_id)) as connection:
        assert await seen_by(connection) == only(people.bob)


async def test_an_anonymous_session_is_reached_with_its_id_only(people: People, replica: Replica) -> None:
    async with as_tenant(replica.database, Tenant(None, people.anonymous.session_id)) as connection:
        assert await seen_by(connection) == only(people.anonymous)
    async with as_tenant(replica.database, Tenant(None, uuid4())) as connection:
        assert await seen_by(connection) == only()


async def test_a_user_cannot_change_anothers_rows(people: People, replica: Replica, owner: Sql) -> None:
    bob = people.bob.session_id
    for table, column in OWNED.items():
        before = await owner(f"SELECT * FROM session.{table} WHERE {column} = $1", bob)
        change = f"UPDATE session.{table} SET user_id = user_id WHERE {column} = $1"
        delete = f"DELETE FROM session.{table} WHERE {column} = $1"
        async with as_tenant(replica.database, Tenant(people.ada.user_id)) as connection:
            if table != "events":  # nobody may change what happened, see below
                assert await connection.execute(change, bob) == "UPDATE 0"
            assert await connection.execute(delete, bob) == "DELETE 0"
        assert before and await owner(f"SELECT * FROM session.{table} WHERE {column} = $1", bob) == before


@pytest.mark.parametrize("whose", ["bob", "nobody"])
async def test_a_user_cannot_add_rows_for_another(people: People, replica: Replica, owner: Sql, whose: str) -> None:
    foreign = people.bob.user_id if whose == "bob" else None
    for table in OWNED:
        statement = await copy_of_a_row(owner, table)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            async with as_tenant(replica.database, Tenant(people.ada.user_id)) as connection:
                await connection.execute(statement, foreign)
        async with as_tenant(replica.database, Tenant(people.ada.user_id)) as connection:
            assert await connection.execute(statement, people.ada.user_id) == "INSERT 0 1"


async def copy_of_a_row(owner: Sql, table: str) -> str:
    """A statement that adds a row like one that is there, for a user, in a session of its own."""
    columns = await owner(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'session' AND table_name = $1 AND is_identity = 'NO'",
        table,
    )
    names = [row["column_name"] for row in columns]
    own = {"user_id": "$1::uuid", OWNED[table]: "gen_random_uuid()", "event_id": "gen_random_uuid()"}
    values = ", ".join(own.get(name, name) for name in names)
    return f"INSERT INTO session.{table} ({', '.join(names)}) SELECT {values} FROM session.{table} LIMIT 1"


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
    assert {row["relname"] for row in owners} >= {*OWNED, "tombstones"}
    assert "parley_session" not in {row["owner"] for row in owners}
    assert {row["relname"] for row in owners if row["relrowsecurity"]} == set(OWNED)


@pytest.mark.parametrize("view", [*VIEWS, "interviews_api.interview_sessions"])
async def test_a_view_asks_with_the_rights_of_who_asks_and_cannot_be_written(
    login: asyncpg.Connection, view: str
) -> None:
    options = await login.fetchval("SELECT reloptions FROM pg_class WHERE oid = $1::text::regclass", view)
    assert options == ["security_invoker=true"]
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ObjectNotInPrerequisiteStateError)):
        await login.execute(f"DELETE FROM {view}")


async def test_the_sweepers_rights_are_there_only_after_switching_to_it(
    people: People, replica: Replica, login: asyncpg.Connection
) -> None:
    membership = await login.fetchrow(
        "SELECT inherit_option, set_option FROM pg_auth_members"
        " WHERE roleid = $1::regrole AND member = current_user::regrole",
        SWEEPER_ROLE,
    )
    assert (membership["inherit_option"], membership["set_option"]) == (False, True)
    assert await sessions_in(login, "timers") == set()
    async with as_role(replica.database, SWEEPER_ROLE) as connection:
        assert await sessions_in(connection, "timers") == {
            people.ada.session_id,
            people.bob.session_id,
            people.anonymous.session_id,
        }
    async with replica.database.pool.acquire() as connection:
        assert await connection.fetchval("SELECT current_user") == "parley_session"


async def test_the_sweeper_cannot_write_history(people: People, replica: Replica) -> None:
    for statement in ("DELETE FROM session.events", "UPDATE session.events SET version = version"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            async with as_role(replica.database, SWEEPER_ROLE) as connection:
                await connection.execute(statement)


async def test_what_the_functions_do_is_held_back_by_the_policies_too(
    people: People, login: asyncpg.Connection, owner: Sql
) -> None:
    ada, bob = people.ada, people.bob
    load = "SELECT count(*) FROM session.load($1, $2, 0)"
    assert await login.fetchval(load, ada.user_id, ada.session_id) == ada.state.version
    assert await login.fetchval(load, ada.user_id, bob.session_id) == 0
    assert await login.fetchval(load, None, bob.session_id) == 0
    assert await login.fetchval(load, None, people.anonymous.session_id) == people.anonymous.state.version
    assert await sessions_in(login, "events") == set()  # what a function set ended with it
    row = await owner("SELECT to_jsonb(s) AS session FROM session.sessions s WHERE user_id = $1", ada.user_id)
    batch = {"session": json.loads(row[0]["session"]), "events": []}
    assert (
        await login.fetchval("SELECT session.append($1, $2, $3)", ada.user_id, ada.session_id, json.dumps(batch)) == 0
    )
    batch["messages"] = [{"session_id": str(ada.session_id), "seq": 99, "user_id": str(bob.user_id), "turn": 0}]
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await login.fetchval("SELECT session.append($1, $2, $3)", ada.user_id, ada.session_id, json.dumps(batch))


async def test_the_functions_run_with_the_rights_of_who_calls_them(login: asyncpg.Connection) -> None:
    functions = await login.fetch("SELECT proname, prosecdef FROM pg_proc WHERE pronamespace = 'session'::regnamespace")
    assert {row["proname"] for row in functions} == {"load", "append", "asked_before"}
    assert not any(row["prosecdef"] for row in functions)
