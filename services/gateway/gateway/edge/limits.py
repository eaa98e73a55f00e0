"""How often a caller may ask: a bucket per caller and class of request, shared by all gateways."""

from __future__ import annotations

import asyncio
import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from runtime.http_protocol import block

from gateway.values import present

RequestClass = Literal["auth", "upload", "speech", "socket", "export", "write", "poll", "read"]
EXACT = frozenset({"auth", "upload", "speech", "socket", "export"})
"""Counted one by one. Of the others each gateway takes a share at a time, and spends it on its own."""
ADDRESS = "address"
"""The class of everything that changes something, of all callers behind one address together."""
SHARES: Mapping[str, int] = {"poll": 60}
"""A share is this part of a minute's worth, else a tenth: so much more than the limit may pass at each gateway."""
HELD: Mapping[str, int] = {"poll": 20}
"""The part of a minute's worth that may come at once: nobody polls so often in one go, and others have to wait then."""
MOST_CALLERS = 20_000
"""Whose shares are remembered: a few MB. Who is forgotten pays for the first share again."""
_GUESSES = ("/login", "/token", "/register")
"""Where passwords can be guessed. Tokens for a refresh or a logout cannot."""
_UPLOADS = ("/files/upload-resume", "/api/v1/resumes/upload", "/api/v1/documents/upload/")
_SPEECH = ("/api/speech-to-text", "/api/text-to-speech", "/speech/")
_POLLED = (
    "/per-turn-feedback",
    "/final-summary-status",
    "/time-remaining",
    "/history",
    "/messages",
    "/turns",
    "/feedback",
    "/status",
)
"""Ends of paths that clients read again and again."""
_EXPORTS = ("/api/v1/me/", "/api/v1/sessions/")
_SIGN_OF_LIFE = "/interview/session/ping"
_POLLED_UNDER = ("/session/state/", "/api/v1/documents/", "/health")
_LONGEST_ADDRESS = 64

CALLER = "parley.caller"
"""Where the scope of a request says whose it is: an account, or an address."""
Subject = Callable[[str], str | None]
"""Whose token it is, by its signature alone; None for one that is not ours."""


class TooMany(Exception):
    """A caller is over its rate; `retry_after` is in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Grant:
    """So many requests may pass; the next one may after `wait` seconds."""

    count: int
    wait: float


class Buckets(Protocol):
    """Token buckets that all gateways share."""

    async def take(self, name: str, limit: int, count: int, held: int | None = None, *, whole: bool = False) -> Grant:
        """Up to `count` from the bucket of a name, which fills at `limit` a minute, and holds a minute's worth where
        `held` says nothing else. `whole` takes all of `count` or nothing."""


@dataclass
class _Share:
    """What a gateway may still let pass of one bucket, and until when there is no more."""

    left: float
    closed_until: float = 0.0
    refill: asyncio.Task[None] | None = None


class RateLimiter:
    """`limits` are requests a minute by class; 0 is without limit, and so is everything without `buckets`.

    `spares_loopback`: no limit counts against an address of this machine.
    """

    def __init__(
        self, limits: Mapping[str, int], buckets: Buckets | None = None, *, spares_loopback: bool = False
    ) -> None:
        self._limits = limits if buckets is not None else {}
        self._buckets = buckets
        self._spares_loopback = spares_loopback
        self._shares: OrderedDict[str, _Share] = OrderedDict()

    async def take(self, kind: str, caller: str) -> None:
        """Count one request. Raises TooMany."""
        limit = self._limits.get(kind, 0)
        if not limit or self._buckets is None or (self._spares_loopback and is_loopback(caller)):
            return
        name = f"{kind} {caller}"
        if kind not in EXACT:
            size = max(1, limit // SHARES.get(kind, 10))
            await self._spend(name, limit, size, max(size, limit // HELD.get(kind, 1)))
            return
        grant = await self._buckets.take(name, limit, 1)
        if not grant.count:
            raise TooMany(max(1, math.ceil(grant.wait)))

    async def _spend(self, name: str, limit: int, size: int, held: int) -> None:
        """One of the share that is here. It is filled up beside the requests; only who is faster than that waits."""
        now = asyncio.get_running_loop().time
        share = self._shares.get(name)
        if share is None:
            share = self._shares[name] = _Share(size)
            self._fill(share, name, limit, size, held, owed=size)
        self._shares.move_to_end(name)
        if len(self._shares) > MOST_CALLERS:
            self._shares.popitem(last=False)
        while share.left < 1:
            if share.refill is None and now() < share.closed_until:
                raise TooMany(max(1, math.ceil(share.closed_until - now())))
            await asyncio.shield(share.refill or self._fill(share, name, limit, size, held))
        share.left -= 1
        if share.left < size / 2 and share.refill is None and now() >= share.closed_until:
            self._fill(share, name, limit, size, held)

    def _fill(self, share: _Share, name: str, limit: int, size: int, held: int, owed: int = 0) -> asyncio.Task[None]:
        share.refill = asyncio.create_task(self._refill(share, name, limit, size, held, owed))
        return share.refill

    async def _refill(self, share: _Share, name: str, limit: int, size: int, held: int, owed: int) -> None:
        assert self._buckets is not None
        try:
            grant = await self._buckets.take(name, limit, size, held)
        except Exception:  # who cannot count lets pass: what else is wrong then has answers of its own
            grant = Grant(size, 0.0)
        share.left += grant.count - owed
        if grant.count < size:
            share.closed_until = asyncio.get_running_loop().time() + grant.wait
        share.refill = None


def request_class(method: str, path: str) -> RequestClass:
    """Which limit a request counts against."""
    if method == "POST" and "/auth/" in path and path.endswith(_GUESSES):
        return "auth"
    if path.startswith(_SPEECH):
        return "poll" if method == "GET" else "speech"
    if method == "POST" and path.startswith(_UPLOADS):
        return "upload"
    if method not in {"GET", "HEAD"}:  # an id of a client's own may end as it likes
        return "poll" if path == _SIGN_OF_LIFE else "write"
    if path.endswith("/export") and path.startswith(_EXPORTS):
        return "export"
    return "poll" if path.endswith(_POLLED) or path.startswith(_POLLED_UNDER) else "read"


def caller_of(kind: str, scope: Mapping[str, Any], headers: Mapping[bytes, bytes], subject: Subject) -> str:
    """Whose bucket: the account where its token verifies, the address otherwise, and always for logins. A made-up token
    is no caller of its own, or each request could bring another one."""
    token = present(headers.get(b"authorization", b"").decode("latin-1").rpartition(" ")[2])
    user = subject(token) if token and kind != "auth" else None
    return f"user {user}" if user else address_caller(scope)


def address_caller(scope: Mapping[str, Any]) -> str:
    """The address as a caller."""
    return f"address {block(str((scope.get('client') or ('unknown',))[0])[:_LONGEST_ADDRESS])}"


def is_loopback(caller: str) -> bool:
    """Whether a caller is an address of this machine."""
    kind, _, address = caller.partition(" ")
    try:
        return kind == "address" and ipaddress.ip_network(address).is_loopback
    except ValueError:
        return False
