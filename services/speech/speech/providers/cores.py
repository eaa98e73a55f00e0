"""Shares the cores of the machine among recognisers and voices that run in this process."""

from __future__ import annotations

import asyncio
import concurrent.futures
import heapq
import itertools
import threading
from collections.abc import Callable
from enum import IntEnum
from typing import Any, TypeVar

from speech.ports import Busy, Failed, SpeechError

T = TypeVar("T")


class Priority(IntEnum):
    """Who goes first when several wait for a core: whoever somebody waits for."""

    FINAL = 0
    VOICE = 1
    RECORDING = 2
    PARTIAL = 3
    """Never waits: the next one will say more."""


class Cores:
    """`count` pieces of work run at the same time, each in a thread of its own. What takes longer than `patience`
    seconds is given up, and others have its core. Of one event loop."""

    def __init__(self, count: int, patience: float = 120.0) -> None:
        self.count = count
        self._free = count
        self._patience = patience
        self._numbers = itertools.count()
        self._waiting: list[tuple[Priority, int, asyncio.Future[None]]] = []
        self._running: set[asyncio.Future[Any]] = set()

    async def run(self, priority: Priority, work: Callable[[], T]) -> T:
        """What the work returns. Raises Busy where a partial would have to wait, and Failed where the work raises
        anything or hangs."""
        await self._core(priority)
        outcome = _in_thread(work)
        done = self._held_until(outcome)
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.shield(outcome)
        except TimeoutError:
            done()
            raise Failed("the work hangs") from None
        except SpeechError:
            raise
        except Exception as error:
            raise Failed("the work failed") from error

    async def close(self, seconds: float = 10.0) -> None:
        """Wait so long for what still runs: a process that ends in the middle of it is aborted."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    async def _core(self, priority: Priority) -> None:
        if self._free:
            self._free -= 1
            return
        if priority is Priority.PARTIAL:
            raise Busy(1.0)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._numbers), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # given to it just before
                self._release()
            raise

    def _held_until(self, outcome: asyncio.Future[T]) -> Callable[[], None]:
        """Has the core released once: when the thread is over, even if whoever asked has gone, or is given up."""
        given_back = False

        def done() -> None:
            nonlocal given_back
            if not given_back:
                given_back = True
                given_up.cancel()
                self._release()

        given_up = asyncio.get_running_loop().call_later(self._patience, done)

        def over(outcome: asyncio.Future[T]) -> None:
            if not outcome.cancelled():
                outcome.exception()  # looked at, even if nobody waits for it any more
            self._running.discard(outcome)
            done()

        self._running.add(outcome)
        outcome.add_done_callback(over)
        return done

    def _release(self) -> None:
        while self._waiting:
            turn = heapq.heappop(self._waiting)[-1]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


def _in_thread(work: Callable[[], T]) -> asyncio.Future[T]:
    """Not of a pool: a thread that hangs holds up neither others nor the end of the process."""
    outcome: concurrent.futures.Future[T] = concurrent.futures.Future()

    def job() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=job, name="speech", daemon=True).start()
    return asyncio.wrap_future(outcome)
