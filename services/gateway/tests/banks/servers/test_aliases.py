"""Clients' own ids for interviews: one interview under each, and nobody sees another's."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from gateway.bus.aliases import Aliases
from sqlalchemy import text

NAME = "int_123"


@pytest.fixture
def aliases(database: Any) -> Aliases:
    return Aliases(database)


async def account_of(somebody: Any, sql: Any) -> UUID:
    made = await somebody.create(name="A bank")
    [(user_id,)] = await sql("SELECT user_id FROM identity.question_banks WHERE id = $1", made["id"])
    return UUID(str(user_id))


async def meant(aliases: Aliases, owner: UUID | None, name: str) -> UUID | None:
    found = await aliases.session(owner, name)
    return found.session_id if found else None


async def test_of_many_at_once_one_wins_and_all_are_told_which(aliases: Aliases) -> None:
    for before in (None, uuid4()):
        name = f"{uuid4()}"
        if before is not None:
            await aliases.point(None, name, before, None)
        won = await asyncio.gather(*(aliases.point(None, name, uuid4(), before) for _ in range(10)))
        assert len(set(won)) == 1 and won[0] == await meant(aliases, None, name) != before


async def test_what_means_another_interview_by_now_stays(aliases: Aliases) -> None:
    name, first, second = f"{uuid4()}", uuid4(), uuid4()
    assert await aliases.point(None, name, first, None) == first
    assert await aliases.point(None, name, second, uuid4()) == first
    assert await aliases.point(None, name, second, first) == second


async def test_each_person_has_their_own(ada: Any, bob: Any, sql: Any, database: Any, aliases: Aliases) -> None:
    owners = [None, await account_of(ada, sql), await account_of(bob, sql)]
    sessions = [await aliases.point(owner, NAME, uuid4(), None) for owner in owners]
    assert [await meant(aliases, owner, NAME) for owner in owners] == sessions
    await aliases.forget(owners[1], sessions[2])
    assert await meant(aliases, owners[2], NAME) == sessions[2], "nobody forgets another's"
    async with database() as session:  # whatever a query asks for
        seen = (await session.execute(text("SELECT session_id FROM identity.session_aliases"))).scalars().all()
    assert sessions[0] in seen and set(sessions[1:]).isdisjoint(seen)
    await aliases.forget(owners[2], sessions[2])
    assert await meant(aliases, owners[2], NAME) is None


async def test_what_the_client_calls_it_is_not_kept(sql: Any, aliases: Aliases) -> None:
    await aliases.point(None, "anne-example-interview", uuid4(), None)
    rows = await sql("SELECT session_aliases::text FROM identity.session_aliases")
    assert rows and not any("anne" in row[0] for row in rows)


async def test_what_it_has_meant_for_a_while_is_not_new_any_more(sql: Any, aliases: Aliases) -> None:
    name, first, second = f"{uuid4()}", uuid4(), uuid4()
    await aliases.point(None, name, first, None)
    found = await aliases.session(None, name)
    assert found is not None and found.is_new
    query = "UPDATE identity.session_aliases SET created_at = now() - interval '2 min' WHERE session_id = $1"
    await sql(query, first)
    found = await aliases.session(None, name)
    assert found is not None and not found.is_new
    await aliases.point(None, name, second, first)
    found = await aliases.session(None, name)
    assert found is not None and found.is_new and found.session_id == second
