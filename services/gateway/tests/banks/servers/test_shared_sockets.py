"""Sockets that are open at several gateways, counted together in Postgres."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from gateway.bus.open_sockets import SharedSockets


@pytest.fixture
def gateways(database: Any) -> tuple[SharedSockets, SharedSockets]:
    return SharedSockets(database), SharedSockets(database)


@pytest.fixture
def holder() -> str:
    return f"user {uuid4()}"


async def test_many_at_once_let_in_as_many_as_one_would(
    gateways: tuple[SharedSockets, SharedSockets], holder: str
) -> None:
    entered = await asyncio.gather(*(gateways[number % 2].enter(holder, uuid4(), 5) for number in range(20)))
    assert sum(each is not None for each in entered) == 5
    assert await gateways[0].enter(f"{holder} another", uuid4(), 5) is not None
    await gateways[1].leave(next(each for each in entered if each))
    assert await gateways[0].enter(holder, uuid4(), 5) is not None
    assert await gateways[0].enter(holder, uuid4(), 5) is None


async def test_a_page_that_is_loaded_again_is_let_in_before_the_old_one_is_gone(
    gateways: tuple[SharedSockets, SharedSockets], holder: str
) -> None:
    session_id = uuid4()
    assert await gateways[0].enter(holder, session_id, 1) is not None
    assert await gateways[1].enter(holder, session_id, 1) is not None
    assert await gateways[1].enter(holder, uuid4(), 1) is None


async def test_those_of_a_gateway_that_died_are_forgotten(
    gateways: tuple[SharedSockets, SharedSockets], holder: str, sql: Any
) -> None:
    alive, dead = gateways
    mine, lost = await alive.enter(holder, uuid4(), 2), await dead.enter(holder, uuid4(), 2)
    assert await alive.enter(holder, uuid4(), 2) is None
    await sql("UPDATE identity.open_sockets SET seen_at = seen_at - interval '2 minutes'")
    await alive.keep()
    left = {row[0] for row in await sql("SELECT id FROM identity.open_sockets")}
    assert mine in left and lost not in left
    assert await alive.enter(holder, uuid4(), 2) is not None
