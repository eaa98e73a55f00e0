"""Rates: what is counted one by one, what in shares, and against whom."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from gateway.edge import limits as rates
from gateway.edge.limits import ADDRESS, EXACT, RateLimiter, TooMany, caller_of, is_loopback, request_class
from memory_buckets import MemoryBuckets


@pytest.fixture
def buckets() -> MemoryBuckets:
    return MemoryBuckets()


async def allowed(limiter: RateLimiter, kind: str = "write", caller: str = "user ada", most: int = 1000) -> int:
    """How many requests pass at this moment."""
    for count in range(most):
        try:
            await limiter.take(kind, caller)
        except TooMany:
            return count
    return most


@pytest.mark.parametrize("kind", sorted(EXACT))
async def test_what_is_dear_is_counted_one_by_one(buckets: MemoryBuckets, kind: str) -> None:
    limiter = RateLimiter({kind: 30}, buckets)
    assert await allowed(limiter, kind) == 30
    assert {count for _, count in buckets.asked} == {1}


@pytest.mark.parametrize(("limit", "seconds"), [(60, 1), (40, 2), (25, 3), (1, 60), (6000, 1)])
async def test_who_waits_as_long_as_told_gets_in(buckets: MemoryBuckets, limit: int, seconds: int) -> None:
    limiter = RateLimiter({"auth": limit}, buckets)
    assert await allowed(limiter, "auth", most=10_000) == limit
    with pytest.raises(TooMany) as refused:
        await limiter.take("auth", "user ada")
    assert refused.value.retry_after == seconds
    buckets.now += seconds
    await limiter.take("auth", "user ada")


@pytest.mark.parametrize("limit", [1, 5, 20, 100, 600])
async def test_shares_pass_a_tenth_more_at_most(buckets: MemoryBuckets, limit: int) -> None:
    passed = await allowed(RateLimiter({"write": limit}, buckets), most=10_000)
    assert limit <= passed <= limit + max(1, limit // 10)
    assert len(buckets.asked) <= 12 + limit // max(1, limit // 10), "not for each request"


async def test_several_gateways_share_what_there_is(buckets: MemoryBuckets) -> None:
    limiters = [RateLimiter({"write": 100}, buckets) for _ in range(3)]
    passed = sum([await allowed(each, most=1000) for each in limiters])
    assert 100 <= passed <= 130


async def test_a_share_is_filled_up_beside_the_requests(buckets: MemoryBuckets) -> None:
    limiter = RateLimiter({"read": 100}, buckets)
    await limiter.take("read", "user ada")
    assert buckets.asked == [], "nobody waits for it"
    await asyncio.sleep(0)
    assert buckets.asked == [("read user ada", 10)]


async def test_many_at_once_wait_for_a_share_and_are_not_refused(buckets: MemoryBuckets) -> None:
    limiter = RateLimiter({"write": 100}, buckets)
    found = await asyncio.gather(*(limiter.take("write", "user ada") for _ in range(90)), return_exceptions=True)
    assert found == [None] * 90


async def test_refusals_ask_nobody_until_there_is_more(buckets: MemoryBuckets, monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = RateLimiter({"write": 20}, buckets)
    await allowed(limiter)
    asked = len(buckets.asked)
    with pytest.raises(TooMany) as refused:
        await limiter.take("write", "user ada")
    assert refused.value.retry_after == 3 and len(buckets.asked) == asked


async def test_polls_come_at_once_for_some_seconds_worth(buckets: MemoryBuckets) -> None:
    passed = await allowed(RateLimiter({"poll": 600}, buckets), "poll")
    assert 30 <= passed <= 40, "and not a minute's"


async def test_it_goes_on_when_the_bucket_fills(buckets: MemoryBuckets) -> None:
    limiter = RateLimiter({"write": 6000}, buckets)  # one more every hundredth of a second
    await allowed(limiter, most=10_000)
    buckets.now += 6
    await asyncio.sleep(0.05)
    assert await allowed(limiter, most=10_000) >= 600


async def test_callers_and_classes_do_not_share(buckets: MemoryBuckets) -> None:
    limiter = RateLimiter({"auth": 5, "upload": 7}, buckets)
    assert (await allowed(limiter, "auth"), await allowed(limiter, "auth", "user eve")) == (5, 5)
    assert await allowed(limiter, "upload") == 7


@pytest.mark.parametrize("limits", [{"write": 0, "auth": 0}, {}])
@pytest.mark.parametrize("kind", ["write", "auth"])
async def test_zero_and_nothing_are_without_limit(buckets: MemoryBuckets, limits: dict[str, int], kind: str) -> None:
    assert await allowed(RateLimiter(limits, buckets), kind) == 1000 and not buckets.asked


async def test_who_cannot_count_lets_pass_but_not_what_is_dear(buckets: MemoryBuckets) -> None:
    buckets.fails = ConnectionError()
    limiter = RateLimiter({"write": 20, "auth": 20}, buckets)
    assert await allowed(limiter) == 1000
    with pytest.raises(ConnectionError):
        await limiter.take("auth", "user ada")


async def test_this_machine_is_spared_where_that_is_wanted(buckets: MemoryBuckets) -> None:
    spared = RateLimiter({"auth": 5}, buckets, spares_loopback=True)
    for caller in ("address 127.0.0.1", "address ::1", "address ::1/128"):
        assert await allowed(spared, "auth", caller) == 1000
    assert await allowed(spared, "auth", "address 192.0.2.1") == 5
    assert await allowed(spared, "auth", "user ada") == 5
    assert await allowed(RateLimiter({"auth": 5}, buckets), "auth", "address 127.0.0.1") == 5


@pytest.mark.parametrize("caller", ["address unknown", "address ", "user 127.0.0.1", "address 2001:db8::/64"])
def test_not_everything_is_this_machine(caller: str) -> None:
    assert not is_loopback(caller)


async def test_its_memory_has_an_end_and_who_is_forgotten_pays(
    buckets: MemoryBuckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "MOST_CALLERS", 10)
    limiter = RateLimiter({"write": 20}, buckets)
    await allowed(limiter, caller="user eve")
    for number in range(50):
        await limiter.take("write", f"user {number}")
        await asyncio.sleep(0)
    assert len(limiter._shares) == 10
    assert await allowed(limiter, caller="user eve") <= 2, "at most the first share, and what it owes is asked for"
    assert await allowed(limiter, caller="user eve") == 0


def called(kind: str = "write", address: str = "192.0.2.1", token: str = "") -> str:
    """Whose bucket it is; tokens that begin with `of` verify."""
    headers = {b"authorization": f"Bearer {token}".encode()} if token else {}
    subject = lambda token: token.removeprefix("of ") if token.startswith("of ") else None  # noqa: E731
    scope: dict[str, Any] = {"client": (address, 1)}
    return caller_of(kind, scope, headers, lambda value: subject(token) if value else None)


def test_an_account_is_one_caller_wherever_it_calls_from() -> None:
    assert called(token="of ada") == called(token="of ada", address="192.0.2.2") != called(token="of eve")


def test_a_made_up_token_is_no_caller_of_its_own() -> None:
    assert called(token="a.b.c") == called(token="d.e.f") == called()


def test_passwords_are_guessed_by_addresses_not_accounts() -> None:
    assert called("auth", token="of ada") == called("auth", token="of eve") == called("auth")


def test_one_subscriber_of_ipv6_is_one_caller() -> None:
    assert called(address="2001:db8::1") == called(address="2001:db8::ffff:1") != called(address="2001:db8:0:1::1")


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/auth/login", "auth"),
        ("POST", "/api/v1/auth/register", "auth"),
        ("POST", "/auth/token", "auth"),
        ("POST", "/auth/refresh", "write"),
        ("POST", "/auth/logout", "write"),
        ("GET", "/auth/me", "read"),
        ("GET", "/interview/history", "poll"),
        ("GET", "/interview/final-summary-status", "poll"),
        ("GET", "/session/state/int_1", "poll"),
        ("POST", "/interview/session/ping", "poll"),
        ("POST", "/session/start/ping", "write"),
        ("POST", "/session/turn/history", "write"),
        ("GET", "/session/state/ping", "poll"),
        ("GET", "/api/v1/documents/1", "poll"),
        ("GET", "/speech/task/1", "poll"),
        ("POST", "/speech/text-to-speech", "speech"),
        ("POST", "/api/speech-to-text", "speech"),
        ("POST", "/files/upload-resume", "upload"),
        ("POST", "/api/v1/documents/upload/jd", "upload"),
        ("GET", "/api/v1/me/export", "export"),
        ("GET", "/api/v1/sessions/1/export", "export"),
        ("GET", "/api/v1/question-banks/1/export", "read"),
        ("HEAD", "/", "read"),
        ("POST", "/interview/message", "write"),
        ("DELETE", "/session/state/int_1", "write"),
        ("DELETE", "/api/v1/sessions/1", "write"),
    ],
)
def test_requests_are_told_apart_by_method_and_path(method: str, path: str, kind: str) -> None:
    assert request_class(method, path) == kind
    assert kind != ADDRESS
