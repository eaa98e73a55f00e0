"""Buckets in Postgres, which all gateways share, and wrong passwords."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from gateway.auth.guesses import FREE_OF_ALL, LONGEST_DELAY, Guesses
from gateway.bus.rates import SharedBuckets
from gateway.problems import Problem

HERE, THERE = "address 192.0.2.1", "address 192.0.2.2"
FREE = 3


@pytest.fixture
def buckets(database: Any) -> SharedBuckets:
    return SharedBuckets(database)


@pytest.fixture
def guesses(database: Any) -> Guesses:
    return Guesses(database, FREE)


@pytest.fixture
def name() -> str:
    return f"auth {uuid4()}"


async def later(sql: Any, table: str, seconds: float) -> None:
    """Let time pass, for all rows."""
    columns = {"rate_buckets": ("updated_at", "full_at"), "login_attempts": ("updated_at", "blocked_until")}[table]
    moved = ", ".join(f"{column} = {column} - interval '{seconds} seconds'" for column in columns)
    await sql(f"UPDATE identity.{table} SET {moved}")


async def test_many_gateways_at_once_pass_what_one_would(buckets: SharedBuckets, name: str) -> None:
    grants = await asyncio.gather(*(buckets.take(name, 30, 1) for _ in range(50)))
    assert sum(grant.count for grant in grants) == 30
    assert all(1 < grant.wait <= 2 for grant in grants if not grant.count)


async def test_it_fills_with_time_and_holds_a_minutes_worth(buckets: SharedBuckets, name: str, sql: Any) -> None:
    assert (await buckets.take(name, 60, 100)).count == 60
    await later(sql, "rate_buckets", 10)
    assert (await buckets.take(name, 60, 100)).count == 10
    await later(sql, "rate_buckets", 86_400)
    assert (await buckets.take(name, 60, 100)).count == 60


async def test_it_may_hold_less_than_a_minutes_worth(buckets: SharedBuckets, name: str, sql: Any) -> None:
    assert (await buckets.take(name, 60, 100, 10)).count == 10
    await later(sql, "rate_buckets", 3)
    assert (await buckets.take(name, 60, 100, 10)).count == 3
    await later(sql, "rate_buckets", 86_400)
    assert (await buckets.take(name, 60, 100, 10)).count == 10


async def test_what_is_full_again_is_forgotten(buckets: SharedBuckets, name: str, sql: Any) -> None:
    await buckets.take(name, 60, 60)
    await buckets.purge()
    assert (await buckets.take(name, 60, 1)).count == 0
    await later(sql, "rate_buckets", 200)
    await buckets.purge()
    assert await sql("SELECT 1 FROM identity.rate_buckets") == []


async def test_all_is_granted_or_nothing_and_a_days_worth_is_not_forgotten_within_minutes(
    buckets: SharedBuckets, name: str, sql: Any
) -> None:
    a_day = 1440
    assert (await buckets.take(name, 1, 1000, a_day, whole=True)).count == 1000
    refused = await buckets.take(name, 1, 1000, a_day, whole=True)
    assert refused.count == 0 and refused.wait == pytest.approx((1000 - 440) * 60, rel=0.01)
    await later(sql, "rate_buckets", 600)
    await buckets.purge()
    assert (await buckets.take(name, 1, 450, a_day, whole=True)).count == 450, "nothing was taken by the refusal"
    assert (await buckets.take(name, 1, 450, a_day, whole=True)).count == 0
    await later(sql, "rate_buckets", 86_400)
    await buckets.purge()
    assert await sql("SELECT 1 FROM identity.rate_buckets") == []


async def wait(guesses: Guesses, email: str, address: str) -> int:
    """The seconds that a login has to wait."""
    try:
        await guesses.must_not_wait(email, address)
    except Problem as problem:
        return int(problem.headers["Retry-After"]) if problem.status == 429 else -1
    return 0


async def test_each_wrong_password_costs_more_than_the_one_before(guesses: Guesses, sql: Any) -> None:
    email = f"{uuid4()}@example.com"
    waits = []
    for _ in range(FREE + 14):
        await guesses.failed(email, HERE)
        waits.append(await wait(guesses, email.upper(), HERE))
    assert waits[: FREE - 1] == [0] * (FREE - 1)
    assert waits[FREE - 1 : FREE + 4] == [1, 2, 4, 8, 16] and waits[-1] == LONGEST_DELAY
    await later(sql, "login_attempts", LONGEST_DELAY + 1)
    assert await wait(guesses, email, HERE) == 0


async def test_the_owner_is_not_locked_out(guesses: Guesses) -> None:
    email = f"{uuid4()}@example.com"
    await guesses.succeeded(email, THERE)
    for _ in range(FREE * FREE_OF_ALL + 3):
        await guesses.failed(email, HERE)
    assert await wait(guesses, email, HERE) > 0
    assert await wait(guesses, email, THERE) == 0, "known from before"
    assert await wait(guesses, email, "address 192.0.2.3") > 0, "a crowd of addresses has a limit, too"
    assert await wait(guesses, f"{uuid4()}@example.com", HERE) == 0


async def test_the_right_password_ends_it(guesses: Guesses) -> None:
    email = f"{uuid4()}@example.com"
    for _ in range(FREE):
        await guesses.failed(email, HERE)
    await guesses.succeeded(email, HERE)
    assert await wait(guesses, email, HERE) == 0


async def test_without_a_limit_nothing_is_kept(database: Any, sql: Any) -> None:
    unlimited, email = Guesses(database, 0), f"{uuid4()}@example.com"
    before = await sql("SELECT count(*) FROM identity.login_attempts")
    for _ in range(5):
        await unlimited.failed(email, HERE)
    await unlimited.succeeded(email, HERE)
    assert await wait(unlimited, email, HERE) == 0
    assert await sql("SELECT count(*) FROM identity.login_attempts") == before


async def test_old_failures_go_and_known_addresses_stay_for_a_month(guesses: Guesses, sql: Any) -> None:
    email = f"{uuid4()}@example.com"
    await guesses.succeeded(email, THERE)
    await guesses.failed(email, HERE)
    await later(sql, "login_attempts", 2 * 86_400)
    await guesses.purge()
    assert await sql("SELECT count(*) FROM identity.login_attempts WHERE known_since IS NULL") == [(0,)]
    assert await sql("SELECT count(*) FROM identity.login_attempts WHERE known_since IS NOT NULL") != [(0,)]
