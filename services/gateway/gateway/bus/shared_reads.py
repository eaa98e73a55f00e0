"""Reads of one thing by many at once, which are few reads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class _Reads(Generic[T]):
    """The one under way, and the one after it."""

    under_way: asyncio.Task[T]
    following: asyncio.Task[T] | None = None


class SharedReads(Generic[T]):
    """At most one read of each thing at a time. Who comes while one is under way shares the next one with all others
    who do: that begins later than each of them asked, and so sees all that had happened by then."""

    def __init__(self) -> None:
        self._reads: dict[Hashable, _Reads[T]] = {}

    async def read(self, key: Hashable, do: Callable[[], Awaitable[T]]) -> T:
        """What `do` gives, called by one of those who ask. Raises what it raises."""
        reads = self._reads.get(key)
        if reads is None:
            task = _quiet(asyncio.create_task(self._first(key, do)))
            self._reads[key] = _Reads(task)
            return await asyncio.shield(task)  # others may share it when this one has gone
        if reads.following is None:
            reads.following = _quiet(asyncio.create_task(self._after(reads.under_way, key, do)))
        return await asyncio.shield(reads.following)

    async def _after(self, before: asyncio.Task[T], key: Hashable, do: Callable[[], Awaitable[T]]) -> T:
        await asyncio.wait({before})
        return await self._first(key, do)

    async def _first(self, key: Hashable, do: Callable[[], Awaitable[T]]) -> T:
        try:
            return await do()
        finally:
            following = self._reads[key].following
            if following is None:
                del self._reads[key]
            else:
                self._reads[key] = _Reads(following)


def _quiet(task: asyncio.Task[T]) -> asyncio.Task[T]:
    """One whose error nobody may be there to hear."""
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task
