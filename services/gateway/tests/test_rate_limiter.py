"""Rates: a bucket per caller and class of request."""

from __future__ import annotations

import pytest
from gateway import door
from gateway.door import RateLimiter, TooMany, request_class


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


def test_the_callers_longest_silent_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_TRACKED_CALLERS", 2)
    limiter = RateLimiter({"write": 1})
    for caller in ("ada", "bob", "cyd"):
        limiter.take("write", caller, 0)
    assert allowed(limiter, now=0, caller="cyd") == 0
    assert allowed(limiter, now=0, caller="ada") == 1


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/auth/login", "auth"),
        ("POST", "/api/v1/auth/register", "auth"),
        ("GET", "/auth/me", "read"),
        ("GET", "/interview/history", "read"),
        ("HEAD", "/", "read"),
        ("POST", "/interview/message", "write"),
        ("DELETE", "/api/v1/sessions/1", "write"),
    ],
)
def test_requests_are_told_apart_by_method_and_path(method: str, path: str, kind: str) -> None:
    assert request_class(method, path) == kind
