"""How often a caller may ask: a bucket per caller and class of request."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from runtime.http_protocol import block

from gateway.values import present

MOST_CALLERS = 20_000
"""Callers that are remembered in each class: a few MB."""
_LOOKED_AT = 16
_EVERYBODY_ELSE = ""
_GUESSES = ("/login", "/token", "/register")
"""Where passwords can be guessed. Tokens for a refresh or a logout cannot."""
_LONGEST_ADDRESS = 64

CALLER = "parley.caller"
"""Where the scope of a request says whose it is: an account, or an address."""
Subject = Callable[[str], str | None]
"""Whose token it is, by its signature alone; None for one that is not ours."""


class TooMany(Exception):
    """A caller is over its rate; `retry_after` is in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after


class RateLimiter:
    """A token bucket per caller and class of request, in this process's memory.

    `limits` are requests a minute; 0 is without limit. Several gateways each allow their own share.
    """

    def __init__(self, limits: Mapping[str, int]) -> None:
        self._limits = limits
        self._buckets: dict[str, OrderedDict[str, tuple[float, float]]] = {kind: OrderedDict() for kind in limits}

    def take(self, kind: str, caller: str, now: float) -> None:
        """Count one request at `now` (seconds on any steady clock). Raises TooMany."""
        limit = self._limits.get(kind, 0)
        if not limit:
            return
        buckets, per_second = self._buckets[kind], limit / 60
        if caller not in buckets and len(buckets) >= MOST_CALLERS and not _make_room(buckets, limit, now):
            caller = _EVERYBODY_ELSE
        tokens = _level(buckets.pop(caller, (float(limit), now)), limit, now)
        buckets[caller] = (tokens - 1 if tokens >= 1 else tokens, now)
        if tokens < 1:
            raise TooMany(max(1, math.ceil((1 - tokens) / per_second)))


def _level(bucket: tuple[float, float], limit: int, now: float) -> float:
    tokens, since = bucket
    return min(float(limit), tokens + (now - since) * limit / 60)


def _make_room(buckets: OrderedDict[str, tuple[float, float]], limit: int, now: float) -> bool:
    """Forget callers whose bucket is full again, which is as if they had never called: nobody who is being limited gets
    away. Looks at those who have been silent longest."""
    silent = [caller for caller, _ in zip(buckets, range(_LOOKED_AT), strict=False)]
    forgotten = [caller for caller in silent if _level(buckets[caller], limit, now) >= limit]
    for caller in forgotten:
        del buckets[caller]
    return bool(forgotten)


def request_class(method: str, path: str) -> str:
    """Which limit a request counts against."""
    if method == "POST" and "/auth/" in path and path.endswith(_GUESSES):
        return "auth"
    return "read" if method in {"GET", "HEAD"} else "write"


def caller_of(kind: str, scope: Mapping[str, Any], headers: Mapping[bytes, bytes], subject: Subject) -> str:
    """Whose bucket: the account where its token verifies, the address otherwise, and always for logins. A made-up token
    is no caller of its own, or each request could bring another one."""
    token = present(headers.get(b"authorization", b"").decode("latin-1").rpartition(" ")[2])
    user = subject(token) if token and kind != "auth" else None
    address = str((scope.get("client") or ("unknown",))[0])[:_LONGEST_ADDRESS]
    return f"user {user}" if user else f"address {block(address)}"
