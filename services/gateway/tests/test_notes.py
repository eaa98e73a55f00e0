"""Tickets and idle times, over a key-value bucket in memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from gateway.auth.tickets import Tickets
from gateway.auth.tokens import AccessClaims
from gateway.bus import activity
from gateway.bus.activity import WRITE_EVERY, Activity
from nats.js.errors import APIError, BucketNotFoundError, KeyNotFoundError
from runtime.buckets import ACTIVITY_BUCKET, TICKET_BUCKET


@dataclass
class Bucket:
    """Like the broker's, with its errors."""

    entries: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    revision: int = 0
    puts: int = 0

    async def put(self, key: str, value: bytes) -> None:
        self.revision, self.puts = self.revision + 1, self.puts + 1
        self.entries[key] = (value, self.revision)

    async def get(self, key: str) -> Any:
        await asyncio.sleep(0)
        if key not in self.entries:
            raise KeyNotFoundError
        value, revision = self.entries[key]
        return SimpleNamespace(value=value, revision=revision)

    async def delete(self, key: str, last: int) -> None:
        await asyncio.sleep(0)
        if self.entries.get(key, (b"", 0))[1] != last:
            raise APIError(code=400, description="wrong last sequence", err_code=10071)
        del self.entries[key]


@dataclass
class Broker:
    """Hands out buckets; `lost` after it was restarted without them."""

    buckets: dict[str, Bucket] = field(default_factory=lambda: {ACTIVITY_BUCKET: Bucket(), TICKET_BUCKET: Bucket()})
    lost: bool = False

    def __call__(self) -> Any:
        return self

    async def key_value(self, name: str) -> Bucket:
        if self.lost:
            raise BucketNotFoundError
        return self.buckets[name]


@dataclass
class Clock:
    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(activity, "time", SimpleNamespace(time=clock))
    return clock


# Tickets


def a_login() -> AccessClaims:
    return AccessClaims(uuid4(), uuid4(), uuid4(), datetime.now(UTC))


async def test_a_ticket_is_good_once(broker: Broker) -> None:
    tickets, login = Tickets(broker), a_login()
    await tickets.issue("secret", login)
    assert await tickets.redeem("secret") == login
    assert await tickets.redeem("secret") is None


async def test_of_many_at_once_one_is_let_in(broker: Broker) -> None:
    tickets, login = Tickets(broker), a_login()
    await tickets.issue("secret", login)
    redeemed = await asyncio.gather(*(tickets.redeem("secret") for _ in range(5)))
    assert sorted(redeemed, key=str) == sorted([login, None, None, None, None], key=str)


async def test_an_unknown_ticket_is_nobodys(broker: Broker) -> None:
    tickets = Tickets(broker)
    await tickets.issue("secret", a_login())
    assert await tickets.redeem("Secret") is None


async def test_a_ticket_of_another_shape_is_nobodys(broker: Broker) -> None:
    """As an earlier version issued them, half a minute ago."""
    tickets = Tickets(broker)
    await tickets.issue("secret", a_login())
    bucket = broker.buckets[TICKET_BUCKET]
    [name] = bucket.entries
    for old in (str(uuid4()).encode(), b"{}", b"[]", b"\xff"):
        await bucket.put(name, old)
        assert await tickets.redeem("secret") is None


async def test_the_ticket_itself_is_not_kept(broker: Broker) -> None:
    await Tickets(broker).issue("secret", a_login())
    assert "secret" not in repr(broker.buckets)


async def test_other_trouble_is_not_taken_for_a_used_ticket(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(key: str, last: int) -> None:
        raise APIError(code=503, description="no quorum", err_code=10008)

    tickets = Tickets(broker)
    await tickets.issue("secret", a_login())
    monkeypatch.setattr(broker.buckets[TICKET_BUCKET], "delete", refuse)
    with pytest.raises(APIError):
        await tickets.redeem("secret")


# Idle times


async def test_idle_time_counts_from_the_last_call(broker: Broker, clock: Clock) -> None:
    noted, session_id = Activity(broker), uuid4()
    await noted.touch(session_id)
    clock.now += 600
    assert await noted.idle_seconds(session_id) == 600
    await noted.touch(session_id)
    assert await noted.idle_seconds(session_id) == 0


async def test_asking_does_not_renew_it(broker: Broker, clock: Clock) -> None:
    noted, session_id = Activity(broker), uuid4()
    await noted.touch(session_id)
    for minutes in (1, 2, 3):
        clock.now += 60
        assert await noted.idle_seconds(session_id) == minutes * 60


async def test_calls_are_noted_now_and_then_only(broker: Broker, clock: Clock) -> None:
    noted, session_id = Activity(broker), uuid4()
    for _ in range(100):
        await noted.touch(session_id)
    clock.now += WRITE_EVERY
    await noted.touch(session_id)
    assert broker.buckets[ACTIVITY_BUCKET].puts == 2


async def test_all_gateways_see_it(broker: Broker, clock: Clock) -> None:
    one, another, session_id = Activity(broker), Activity(broker), uuid4()
    await one.touch(session_id)
    clock.now += 60
    assert await another.idle_seconds(session_id) == 60


async def test_a_session_without_a_note_is_not_idle(broker: Broker, clock: Clock) -> None:
    assert await Activity(broker).idle_seconds(uuid4()) == 0


async def test_nor_is_one_whose_notes_are_lost(broker: Broker, clock: Clock) -> None:
    broker.lost = True
    assert await Activity(broker).idle_seconds(uuid4()) == 0


async def test_a_note_that_fails_stops_nobody(broker: Broker, clock: Clock) -> None:
    noted, session_id = Activity(broker), uuid4()
    broker.lost = True
    await noted.touch(session_id)
    broker.lost = False
    assert broker.buckets[ACTIVITY_BUCKET].puts == 0
    clock.now += WRITE_EVERY + 1
    await noted.touch(session_id)
    assert broker.buckets[ACTIVITY_BUCKET].puts == 1


async def test_clocks_that_disagree_give_no_negative_time(broker: Broker, clock: Clock) -> None:
    noted, session_id = Activity(broker), uuid4()
    await noted.touch(session_id)
    clock.now -= 5
    assert await noted.idle_seconds(session_id) == 0


async def test_only_so_many_sessions_are_remembered(
    broker: Broker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "_TRACKED", 2)
    noted, session_ids = Activity(broker), [uuid4() for _ in range(3)]
    for session_id in [*session_ids, session_ids[0]]:
        await noted.touch(session_id)
    assert broker.buckets[ACTIVITY_BUCKET].puts == 4
