"""How many calls an endpoint works on at once."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from models.settings import Role
from models.telemetry import IN_USE, WAITING, announce_waiting

ORDER: dict[Role, int] = {"interviewer": 0, "question": 0, "small": 1, "coach": 2, "documents": 3}
"""Who goes first: somebody waits for a reply, less for feedback, and least for a document."""


class Slots:
    """At most `places` calls at once; None: any number. Of those that wait, the most urgent goes first, and of equals
    the one that came first. Used by one event loop."""

    def __init__(self, endpoint: str, places: int | None) -> None:
        self.places = places
        self._endpoint = endpoint
        if places is not None:
            announce_waiting(tuple(ORDER), endpoint)
        self._taken = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = count()

    @asynccontextmanager
    async def taken(self, role: Role, seconds: float) -> AsyncIterator[None]:
        """A place, while it lasts. Raises TimeoutError where none is free in so many seconds."""
        if self.places is None:
            yield
            return
        with WAITING.labels(role, self._endpoint).time():
            await self._take(ORDER[role], seconds)
        try:
            with IN_USE.labels(self._endpoint).track_inprogress():
                yield
        finally:
            self._leave()

    async def _take(self, order: int, seconds: float) -> None:
        if self.places is not None and self._taken < self.places and not self._waiting:
            self._taken += 1
            return
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (order, next(self._arrivals), turn))
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._leave()  # it was given a place in the very moment in which it gave up
            else:
                turn.cancel()
            raise

    def _leave(self) -> None:
        """The place goes to whoever waits; those that gave up are passed over."""
        self._taken -= 1
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                self._taken += 1
                turn.set_result(None)
                return
