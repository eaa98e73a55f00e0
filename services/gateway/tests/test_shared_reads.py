"""Who reads at once shares a read, and sees all that had happened when it asked."""

from __future__ import annotations

import asyncio

import pytest
from gateway.bus.shared_reads import SharedReads


class Book:
    """Reads take until they are let go, and tell what was written when they began."""

    def __init__(self) -> None:
        self.written = 0
        self.reads = 0
        self.let_go = asyncio.Event()
        self.fails = False

    async def read(self) -> int:
        self.reads += 1
        seen = self.written
        await self.let_go.wait()
        if self.fails:
            raise ConnectionError
        return seen


async def begun(*tasks: asyncio.Task[int]) -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_many_at_once_are_two_reads_and_the_second_sees_what_came_meanwhile() -> None:
    shared, book = SharedReads[int](), Book()
    first = asyncio.create_task(shared.read("a", book.read))
    await begun(first)
    book.written = 1
    others = [asyncio.create_task(shared.read("a", book.read)) for _ in range(20)]
    await begun(*others)
    assert book.reads == 1
    book.let_go.set()
    assert await first == 0 and set(await asyncio.gather(*others)) == {1} and book.reads == 2
    assert await shared.read("a", book.read) == 1 and book.reads == 3, "nothing is kept"


async def test_nobody_is_given_what_began_before_it_asked() -> None:
    shared, book = SharedReads[int](), Book()
    asking = []
    for number in range(30):
        book.written = number
        asking.append((number, asyncio.create_task(shared.read("a", book.read))))
        if number % 7 == 3:
            book.let_go.set()
            await begun()
            book.let_go.clear()
    book.let_go.set()
    for number, task in asking:
        assert await task >= number
    assert book.reads < 15


async def test_what_is_different_is_read_apart() -> None:
    shared, book = SharedReads[int](), Book()
    book.let_go.set()
    await asyncio.gather(*(shared.read(key, book.read) for key in "abc"))
    assert book.reads == 3


async def test_who_leaves_takes_nothing_from_the_others_and_errors_reach_all() -> None:
    shared, book = SharedReads[int](), Book()
    gone = asyncio.create_task(shared.read("a", book.read))
    await begun(gone)
    others = [asyncio.create_task(shared.read("a", book.read)) for _ in range(3)]
    await begun(*others)
    gone.cancel()
    others[0].cancel()
    book.fails = True
    book.let_go.set()
    for other in others[1:]:
        with pytest.raises(ConnectionError):
            await other
    book.fails = False
    assert await shared.read("a", book.read) == 0
