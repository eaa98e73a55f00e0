"""How many sockets may be open at once, whose they are, and how fast they are read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest
from gateway.edge import sockets as sockets_module
from gateway.edge.sockets import AT_ONCE, MESSAGES_A_SECOND, OpenSockets, incoming
from gateway.problems import Problem


class MemoryRegistry:
    """Knows what is open here."""

    def __init__(self) -> None:
        self.open: dict[UUID, tuple[str, UUID]] = {}

    async def enter(self, holder: str, session_id: UUID, most: int) -> UUID | None:
        others = {session for by, session in self.open.values() if by == holder and session != session_id}
        if len(others) >= most:
            return None
        socket_id = uuid4()
        self.open[socket_id] = holder, session_id
        return socket_id

    async def leave(self, socket_id: UUID) -> None:
        del self.open[socket_id]


class BrokenRegistry:
    async def enter(self, holder: str, session_id: UUID, most: int) -> UUID | None:
        raise OSError

    async def leave(self, socket_id: UUID) -> None:
        raise OSError


async def refused(sockets: OpenSockets, holder: str) -> int:
    with pytest.raises(Problem) as problem:
        async with sockets.one_more(holder, uuid4(), 5):
            pass
    return problem.value.status


async def test_a_holder_has_so_many_sessions_open_and_another_has_theirs() -> None:
    registry = MemoryRegistry()
    sockets, elsewhere = OpenSockets(registry), OpenSockets(registry)
    async with AsyncExitStack() as opened:
        for each in (sockets, elsewhere, sockets, elsewhere, sockets):
            await opened.enter_async_context(each.one_more("ada", uuid4(), 5))
        assert await refused(elsewhere, "ada") == await refused(sockets, "ada") == 429
        await opened.enter_async_context(sockets.one_more("bob", uuid4(), 5))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert registry.open == {}
    async with sockets.one_more("ada", uuid4(), 5):
        pass


async def test_one_process_holds_so_many_of_all_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets_module, "MOST", 3)
    sockets = OpenSockets(MemoryRegistry())
    async with AsyncExitStack() as opened:
        for number in range(3):
            await opened.enter_async_context(sockets.one_more(f"holder {number}", uuid4(), 5))
        assert await refused(sockets, "another") == 503
    async with sockets.one_more("another", uuid4(), 5):
        pass


async def test_where_nobody_can_count_sockets_are_let_in() -> None:
    sockets = OpenSockets(BrokenRegistry())
    opened = 0
    for most in (5, 1):
        async with sockets.one_more("ada", uuid4(), most):
            opened += 1
    assert opened == 2


class Flood:
    """A client that always has one message more."""

    async def receive(self) -> Any:
        await asyncio.sleep(0)
        return {"type": "websocket.receive", "text": "{}"}


async def read(messages: AsyncIterator[Any], seconds: float) -> int:
    count = 0
    try:
        async with asyncio.timeout(seconds):
            async for _ in messages:
                count += 1
    except TimeoutError:
        return count
    raise AssertionError("a flood has no end")


async def test_who_sends_too_fast_is_read_more_slowly() -> None:
    clock = asyncio.get_running_loop().time
    began = clock()
    count = await read(incoming(Flood()), 0.5)  # type: ignore[arg-type]
    assert AT_ONCE <= count <= AT_ONCE + 1 + MESSAGES_A_SECOND * (clock() - began)
