"""Rates: a bucket per caller and class of request."""

from __future__ import annotations

import contextlib

import pytest
from gateway.edge import limits as rates
from gateway.edge.limits import RateLimiter, TooMany, caller_of, request_class


def allowed(limiter: RateLimiter, now: float, kind: str = "write", caller: str = "ada") -> int:
    """How many requests pass at this moment."""
    for count in range(1000):
        try:
            limiter.take(kind, caller, now)
        except TooMany:
            return count
    return 1000


def test_a_minutes_worth_passes_at_once_and_no_more() -> None:
    assert allowed(RateLimiter({"write": 30}), now=0) == 30


def test_the_bucket_fills_again_with_time() -> None:
    limiter = RateLimiter({"write": 30})
    allowed(limiter, now=0)
    assert allowed(limiter, now=1.9) == 0
    assert allowed(limiter, now=12) == 6


def test_it_never_holds_more_than_a_minutes_worth() -> None:
    limiter = RateLimiter({"write": 30})
    limiter.take("write", "ada", 0)
    assert allowed(limiter, now=86_400) == 30


def test_refusals_do_not_use_up_anything() -> None:
    limiter = RateLimiter({"write": 60})
    allowed(limiter, now=0)
    assert [allowed(limiter, now=tenths / 10) for tenths in range(1, 10)] == [0] * 9
    assert allowed(limiter, now=1.01) == 1


def test_callers_do_not_share() -> None:
    limiter = RateLimiter({"write": 5})
    assert allowed(limiter, now=0, caller="ada") == 5
    assert allowed(limiter, now=0, caller="eve") == 5


def test_nor_do_classes_of_requests() -> None:
    limiter = RateLimiter({"write": 5, "read": 7})
    assert (allowed(limiter, now=0), allowed(limiter, now=0, kind="read")) == (5, 7)


@pytest.mark.parametrize("limits", [{"write": 0}, {}])
def test_zero_and_nothing_are_without_limit(limits: dict[str, int]) -> None:
    assert allowed(RateLimiter(limits), now=0) == 1000


@pytest.mark.parametrize(("limit", "seconds"), [(60, 1), (40, 2), (30, 2), (25, 3), (1, 60), (6000, 1)])
def test_who_waits_as_long_as_told_gets_in(limit: int, seconds: int) -> None:
    limiter = RateLimiter({"write": limit})
    for _ in range(limit):
        limiter.take("write", "ada", 0)
    with pytest.raises(TooMany) as refused:
        limiter.take("write", "ada", 0)
    assert refused.value.retry_after == seconds
    limiter.take("write", "ada", float(seconds))


MOST = 100


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> RateLimiter:
    """A limiter that remembers as many callers as it can, with eve at her limit among them."""
    monkeypatch.setattr(rates, "MOST_CALLERS", MOST)
    limiter = RateLimiter({"auth": 30, "read": 600})
    allowed(limiter, now=0, kind="auth", caller="eve")
    for number in range(10 * MOST):
        with contextlib.suppress(TooMany):
            limiter.take("auth", f"made up {number}", 0)
    return limiter


def test_who_is_limited_stays_so_however_many_others_call(full: RateLimiter) -> None:
    assert allowed(full, now=1, kind="auth", caller="eve") == 0


def test_nor_do_requests_of_another_class_help(full: RateLimiter) -> None:
    for number in range(10 * MOST):
        with contextlib.suppress(TooMany):
            full.take("read", f"made up {number}", 1)
    assert allowed(full, now=1, kind="auth", caller="eve") == 0


def test_whom_it_cannot_remember_share_one_bucket(full: RateLimiter) -> None:
    assert sum(allowed(full, now=0, kind="auth", caller=f"newcomer {number}") for number in range(100)) <= 30


def test_who_has_a_full_bucket_again_makes_room(full: RateLimiter) -> None:
    assert allowed(full, now=60, kind="auth", caller="newcomer") == 30
    assert allowed(full, now=60, kind="auth", caller="another") == 30


def test_its_memory_has_an_end(full: RateLimiter) -> None:
    assert sum(len(buckets) for buckets in full._buckets.values()) <= 2 * (MOST + 1)


def called(kind: str = "write", address: str = "192.0.2.1", token: str = "") -> str:
    """Whose bucket it is; tokens that begin with `of` verify."""
    headers = {b"authorization": f"Bearer {token}".encode()} if token else {}
    subject = lambda token: token.removeprefix("of ") if token.startswith("of ") else None  # noqa: E731
    return caller_of(kind, {"client": (address, 1)}, headers, lambda value: subject(token) if value else None)


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
        ("GET", "/interview/history", "read"),
        ("HEAD", "/", "read"),
        ("POST", "/interview/message", "write"),
        ("DELETE", "/api/v1/sessions/1", "write"),
    ],
)
def test_requests_are_told_apart_by_method_and_path(method: str, path: str, kind: str) -> None:
    assert request_class(method, path) == kind
