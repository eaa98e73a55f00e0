"""How many calls an endpoint works on at once, and who goes first."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from models.settings import Role
from models.telemetry import IN_USE, WAITING, announce_waiting

ORDER: dict[Role, int] = {"interviewer": 0, "question": 0, "small": 1, "coach": 2, "documents": 4}
"""Who goes first: somebody waits for a reply, less for feedback, and least for a document."""
PATIENT = 2
"""From this order on a call gives its place back to one before it, and begins again later."""
LATER = 1
"""What is added for a call that may wait for others of its role, such as a report."""

Wanted = tuple[int, float]
"""The order of a call and the time at which it came; the least goes first."""


class Lease(Protocol):
    """A place that was given by all processes together. `recalled` is set when somebody more urgent needs it."""

    recalled: asyncio.Event

    def release(self) -> None:
        """Give it back. Does not wait, and never fails."""


class Leases(Protocol):
    """Hands out the places of endpoints to all processes that ask them."""

    async def lease(self, endpoint: str, places: int, wanted: Callable[[], Wanted | None]) -> Lease | None:
        """Wait for one of the places. `wanted` tells the most urgent call that waits here, as it is at the moment; None
        when none does any more, upon which this ends. None also when nobody hands out places, at once. Never fails."""

    def stir(self) -> None:
        """What is wanted has changed."""


@dataclass
class Place:
    """What a call has while it is worked on."""

    order: int
    recalled: asyncio.Event = field(default_factory=asyncio.Event)
    lease: Lease | None = None


class Slots:
    """At most `places` calls at once; None: any number. Of those that wait, the most urgent goes first, and of equals
    the one that came first. `leases` share the places with other processes, under `key`; while nobody hands them out,
    this process counts its own. Used by one event loop."""

    def __init__(self, endpoint: str, places: int | None, leases: Leases | None = None, key: str = "") -> None:
        self.places = places
        self._endpoint = endpoint
        self._leases = leases
        self._key = key or endpoint
        self._taken: list[Place] = []
        self._waiting: list[tuple[Wanted, int, asyncio.Future[Place]]] = []
        self._arrivals = count()
        self._pumping: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        if places is not None:
            announce_waiting(tuple(ORDER), endpoint)

    def close(self) -> None:
        """Nobody waits any more."""
        if self._pumping:
            self._pumping.cancel()

    @asynccontextmanager
    async def taken(self, role: Role, seconds: float, *, later: bool = False) -> AsyncIterator[Place]:
        """A place, while it lasts. Raises TimeoutError where none is free in so many seconds."""
        order = ORDER[role] + (LATER if later else 0)
        if self.places is None:
            yield Place(order)
            return
        with WAITING.labels(role, self._endpoint).time():
            place = await self._take(order, seconds)
        try:
            with IN_USE.labels(self._endpoint).track_inprogress():
                yield place
        finally:
            self._leave(place)

    async def _take(self, order: int, seconds: float) -> Place:
        turn: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, ((order, time.time()), next(self._arrivals), turn))
        self._serve()
        try:
            async with asyncio.timeout(seconds):
                return await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._leave(turn.result())  # it was given a place in the very moment in which it gave up
            else:
                turn.cancel()
                self._stir()
            raise

    def _leave(self, place: Place) -> None:
        self._taken.remove(place)
        if place.lease:
            place.lease.release()
        self._news.set()
        self._serve()

    def _first(self) -> Wanted | None:
        """The most urgent of those that wait; who gave up is passed over."""
        while self._waiting and self._waiting[0][2].done():
            heapq.heappop(self._waiting)
        return self._waiting[0][0] if self._waiting else None

    def _serve(self) -> None:
        if self._first() is None:
            return
        if self._leases is None:
            self._serve_here()
        elif self._pumping is None or self._pumping.done():
            self._pumping = asyncio.create_task(self._pump(self._leases))
        else:
            self._stir()

    def _stir(self) -> None:
        self._news.set()
        if self._leases:
            self._leases.stir()

    def _serve_here(self) -> None:
        """By the count of this process alone."""
        assert self.places is not None
        while (first := self._first()) and len(self._taken) < self.places:
            self._give(Place(first[0]))
        if first and first[0] < PATIENT:
            patient = [each for each in self._taken if each.order >= PATIENT]
            if patient and not any(each.recalled.is_set() for each in patient):
                max(patient, key=lambda each: each.order).recalled.set()

    async def _pump(self, leases: Leases) -> None:
        """As long as somebody waits: one lease after another, each for whoever is first when it comes."""
        assert self.places is not None
        while self._first() is not None:
            self._news.clear()
            lease = await leases.lease(self._key, self.places, self._first)
            first = self._first()
            if lease is None:
                self._serve_here()
                if self._first() is not None:
                    await self._news.wait()
            elif first is None:
                lease.release()
            else:
                self._give(Place(first[0], lease.recalled, lease))

    def _give(self, place: Place) -> None:
        _, _, turn = heapq.heappop(self._waiting)
        self._taken.append(place)
        turn.set_result(place)
