"""Places at model endpoints, shared by all processes: leases in a key-value bucket, and wishes of those that wait.

A place is a key. Its value is the lease of whoever has it, or empty, and is only ever replaced at the revision that was
read, so that two never have one. A lease is renewed as long as its call lasts; one that was not for `LEASE` seconds may
be taken. Who waits writes down how urgently, and leaves a free place to others who do so more urgently.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from faststream.nats import NatsBroker
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.errors import KeyNotFoundError, KeyWrongLastSequenceError
from nats.js.kv import KeyValue

from runtime.broker import connection_of, is_connected, jetstream_of
from runtime.buckets import PLACE_BUCKET
from runtime.tasks import end
from runtime.telemetry import failure

log = structlog.get_logger()
LEASE = 3.0
"""Seconds after which a place whose lease was not renewed may be taken."""
RENEW = 1.0
TICK = 0.25
"""Seconds between two looks at the places while one waits; changes are heard at once."""
WISH = 0.5
"""Seconds between two tellings of the same wish."""
FORGOTTEN = 1.5
"""Seconds after which a wish that was not told again counts no more."""
STEP = 0.5
"""Seconds that one word with the broker may take."""
ALONE = 5.0
"""Seconds for which each process counts for itself after the broker did not answer."""
PATIENT = 2
"""From this order on, a lease is given back when one before it is wanted."""

Wanted = tuple[int, float]


class _OutOfReach(Exception):
    """The broker is away."""


@dataclass
class SharedLease:
    """A place of an endpoint. `recalled` is set when somebody more urgent needs it."""

    key: str
    value: bytes
    revision: int
    leases: SharedLeases
    recalled: asyncio.Event = field(default_factory=asyncio.Event)
    keeping: asyncio.Task[None] | None = None

    def release(self) -> None:
        """Give it back, in the background: whoever had it goes on at once."""
        self.leases.give_back(self)


@dataclass(frozen=True)
class _Wish:
    wanted: Wanted
    recalls: str
    heard: float


class SharedLeases:
    """The places that this process shares with others over one broker. Used by one event loop."""

    def __init__(self, broker: NatsBroker) -> None:
        self._broker = broker
        self._bucket: KeyValue | None = None
        self._listening: Subscription | None = None
        self._wishes: dict[str, dict[str, _Wish]] = {}
        self._seen: dict[str, tuple[int, float]] = {}
        self._held: dict[str, SharedLease] = {}
        self._changed = asyncio.Event()
        self._alone_until = 0.0
        self._alone = False
        self._ending: set[asyncio.Task[None]] = set()

    def stir(self) -> None:
        """What is wanted has changed."""
        self._changed.set()

    async def lease(self, endpoint: str, places: int, wanted: Callable[[], Wanted | None]) -> SharedLease | None:
        """Wait for one of the places of an endpoint, whose name is a token of a subject. `wanted` tells the most urgent
        call that waits here; None ends it. None also where the broker is away, at once. Never fails."""
        if time.monotonic() < self._alone_until or not is_connected(self._broker):
            return None
        me, told = secrets.token_hex(8), False
        try:
            bucket = await self._reached()
            while (now := wanted()) is not None:
                self._changed.clear()
                recalls = ""
                if self._is_first(endpoint, me, now):
                    found = await self._claim(bucket, endpoint, places, me, now[0])
                    if isinstance(found, SharedLease):
                        return found
                    recalls = found
                await self._wish(bucket, endpoint, me, now, recalls)
                told = True
                with suppress(TimeoutError):
                    async with asyncio.timeout(TICK):
                        await self._changed.wait()
                if not is_connected(self._broker):
                    raise _OutOfReach
        except Exception as error:  # whatever it is, each process can count for itself
            self._go_alone(error)
        finally:
            if told:
                self._soon(self._unwish(endpoint, me))
        return None

    def give_back(self, lease: SharedLease) -> None:
        """Free a place. Never fails."""
        self._held.pop(lease.value.decode(), None)
        self._soon(self._free(lease))

    async def aclose(self) -> None:
        """Stop renewing what is held; it is given up with the process."""
        await end([lease.keeping for lease in self._held.values() if lease.keeping])
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def _reached(self) -> KeyValue:
        """The bucket, and ears for what happens in it."""
        if self._listening is None:
            subject = f"$KV.{PLACE_BUCKET}.>"
            self._listening = await connection_of(self._broker).subscribe(subject, cb=self._heard)
        if self._bucket is None:
            async with asyncio.timeout(STEP):
                self._bucket = await jetstream_of(self._broker).key_value(PLACE_BUCKET)
        self._alone = False
        return self._bucket

    def _go_alone(self, error: Exception) -> None:
        self._bucket, self._alone_until = None, time.monotonic() + ALONE
        if not self._alone:
            self._alone = True
            log.warning("places at model endpoints are not shared for now", **failure(error))

    # Places

    async def _claim(self, bucket: KeyValue, endpoint: str, places: int, me: str, order: int) -> SharedLease | str:
        """A place that is free; otherwise the lease to recall, or nothing."""
        value = f"{order}.{me}".encode()
        others: list[tuple[int, str]] = []
        start = secrets.randbelow(places)  # of many places the first ones need not be everybody's
        for number in (*range(start, places), *range(start)):
            key = f"{endpoint}.place.{number}"
            holder, revision = await self._look(bucket, key)
            if holder and not self._is_over(key, revision):
                others.append((int(holder.split(".")[0]), holder))
                continue
            with suppress(KeyWrongLastSequenceError):
                async with asyncio.timeout(STEP):
                    revision = await bucket.update(key, value, last=revision)
                return self._hold(bucket, SharedLease(key, value, revision, self))
        patient = [each for each in others if each[0] >= PATIENT]
        return max(patient)[1] if patient and order < PATIENT else ""

    async def _look(self, bucket: KeyValue, key: str) -> tuple[str, int]:
        """Who has a place, and at which revision."""
        try:
            async with asyncio.timeout(STEP):
                entry = await bucket.get(key)
        except KeyNotFoundError as nothing:
            return "", (nothing.entry.revision or 0) if nothing.entry else 0
        revision = entry.revision or 0
        if self._seen.get(key, (0, 0.0))[0] != revision:
            self._seen[key] = revision, time.monotonic()
        return (entry.value or b"").decode(), revision

    def _is_over(self, key: str, revision: int) -> bool:
        """By this process's own clock: so long has nobody renewed what it saw."""
        seen, since = self._seen[key]
        return seen == revision and time.monotonic() - since > LEASE

    def _hold(self, bucket: KeyValue, lease: SharedLease) -> SharedLease:
        self._held[lease.value.decode()] = lease
        lease.keeping = asyncio.create_task(self._keep(bucket, lease))
        return lease

    async def _keep(self, bucket: KeyValue, lease: SharedLease) -> None:
        while True:
            await asyncio.sleep(RENEW)
            try:
                async with asyncio.timeout(STEP):
                    lease.revision = await bucket.update(lease.key, lease.value, last=lease.revision)
            except KeyWrongLastSequenceError:
                log.warning("a place at a model endpoint was taken by another")
                return
            except Exception as error:  # the broker may be back in a second
                log.debug("a lease was not renewed", **failure(error))

    async def _free(self, lease: SharedLease) -> None:
        if lease.keeping:
            await end([lease.keeping])
        bucket = self._bucket
        if bucket and is_connected(self._broker):
            with suppress(KeyWrongLastSequenceError):
                async with asyncio.timeout(STEP):
                    await bucket.update(lease.key, b"", last=lease.revision)

    # Wishes

    def _is_first(self, endpoint: str, me: str, wanted: Wanted) -> bool:
        living = time.monotonic() - FORGOTTEN
        others = {name: each for name, each in self._wishes.get(endpoint, {}).items() if each.heard > living}
        self._wishes[endpoint] = others
        return not any(each.wanted < wanted for name, each in others.items() if name != me)

    async def _wish(self, bucket: KeyValue, endpoint: str, me: str, wanted: Wanted, recalls: str) -> None:
        """Tell it, if it is news or was told a while ago."""
        told = self._wishes.get(endpoint, {}).get(me)
        if told and (told.wanted, told.recalls) == (wanted, recalls) and told.heard > time.monotonic() - WISH:
            return
        async with asyncio.timeout(STEP):
            body = json.dumps({"order": wanted[0], "since": wanted[1], "recalls": recalls})
            await bucket.put(f"{endpoint}.wish.{me}", body.encode())

    async def _unwish(self, endpoint: str, me: str) -> None:
        self._wishes.get(endpoint, {}).pop(me, None)
        if self._bucket and is_connected(self._broker):
            async with asyncio.timeout(STEP):
                await self._bucket.put(f"{endpoint}.wish.{me}", b"")

    async def _heard(self, message: Msg) -> None:
        endpoint, kind, name = message.subject.split(".")[2:5]
        if kind == "wish":
            self._hear_wish(endpoint, name, message.data)
        self._changed.set()

    def _hear_wish(self, endpoint: str, name: str, body: bytes) -> None:
        wishes = self._wishes.setdefault(endpoint, {})
        wishes.pop(name, None)
        if body:
            said = json.loads(body)
            wishes[name] = _Wish((said["order"], said["since"]), said["recalls"], time.monotonic())
            if said["recalls"] in self._held:
                self._held[said["recalls"]].recalled.set()

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._quietly(work))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # a lease that is not given back ends by itself
            log.debug("a place was not given back", **failure(error))
