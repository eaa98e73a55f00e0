"""Requests while what all of them need is away: they are given up soon, so that nobody waits for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from runtime.tasks import end

LOOK_SECONDS = 0.1
"""Between two looks at whether there is an outage."""
STALLED_SECONDS = 0.5
"""A look that comes so late says nothing."""
AT_ONCE, STILL = 0.3, 1.5
"""Seconds that a request gets which was there when an outage became known, and one that comes later: it may be over, or
have been none."""


class Limit:
    """How long a request still gets: for ever, unless there is an outage. `passed` is done when the time is over."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.passed: asyncio.Future[None] = self._loop.create_future()
        self._timer: asyncio.TimerHandle | None = None

    def set(self, seconds: float | None) -> None:
        """So long from now on; None is for ever."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self._loop.call_later(seconds, self._pass)

    def _pass(self) -> None:
        if not self.passed.done():
            self.passed.set_result(None)


class Outages:
    """Knows the requests that may be given up. `is_away` is asked often, and does no I/O."""

    def __init__(self, is_away: Callable[[], bool] = lambda: False) -> None:
        self._is_away = is_away
        self._away = False
        self._waiting: set[Limit] = set()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Look now and then, until the end of the block."""
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            await end((task,))

    def add(self, request: Limit) -> None:
        """A request that waits for its answer."""
        self._waiting.add(request)
        if self._away:
            request.set(STILL)

    def remove(self, request: Limit) -> None:
        """It waits no more, or not for us."""
        self._waiting.discard(request)
        request.set(None)

    async def _watch(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            asleep = clock()
            await asyncio.sleep(LOOK_SECONDS)
            if clock() - asleep < STALLED_SECONDS:  # else it is us who were away: what was asked may be answered by now
                self._note(self._is_away())

    def _note(self, away: bool) -> None:
        if away != self._away:
            self._away = away
            for request in self._waiting:
                request.set(AT_ONCE if away else None)
