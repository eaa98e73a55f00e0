"""What every request passes: an id, a size limit, a rate limit, one spelling of the path, a trace."""

from __future__ import annotations

import json
import math
import random
import re
import time
from collections import OrderedDict

from opentelemetry import trace
from prometheus_client import Histogram
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.identity.fields import present

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HEADERS = ("Authorization", "X-Session-ID", "Idempotency-Key", "Last-Event-ID", "Content-Type")
EXPOSED = ("Retry-After", "Location", "X-Request-ID")
REQUESTS = Histogram(
    "parley_http_seconds",
    "Time to answer a request, in seconds.",
    ["method", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
_REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_UPLOADS = (
    "/files/upload-resume",
    "/api/v1/resumes/upload",
    "/api/v1/documents/upload/",
    "/api/v1/question-banks/import",
    "/speech/",
    "/api/speech-to-text",
    "/api/text-to-speech",
)
"""Where files arrive: those routes have limits of their own."""
_TOO_LARGE = "The request is too large."
_TRACKED_CALLERS = 20_000


def with_cors(app: ASGIApp, origins: list[str]) -> ASGIApp:
    """CORS outside of everything else, so that errors carry its headers as well."""
    return CORSMiddleware(
        app, allow_origins=origins, allow_methods=METHODS, allow_headers=HEADERS, expose_headers=EXPOSED, max_age=600
    )


class TooMany(Exception):
    """A caller is over its rate; `retry_after` is in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after


class RateLimiter:
    """A token bucket per caller and class of request, in this process's memory.

    `limits` are requests a minute; 0 is without limit. Several gateways each allow their own share.
    """

    def __init__(self, limits: dict[str, int]) -> None:
        self._limits = limits
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, kind: str, caller: str, now: float) -> None:
        """Count one request at `now` (seconds on any steady clock). Raises TooMany."""
        limit = self._limits.get(kind, 0)
        if not limit:
            return
        per_second = limit / 60
        tokens, since = self._buckets.pop((kind, caller), (float(limit), now))
        tokens = min(float(limit), tokens + (now - since) * per_second)
        if tokens < 1:
            self._buckets[kind, caller] = (tokens, now)
            raise TooMany(max(1, math.ceil((1 - tokens) / per_second)))
        self._buckets[kind, caller] = (tokens - 1, now)
        if len(self._buckets) > _TRACKED_CALLERS:
            self._buckets.popitem(last=False)


def request_class(method: str, path: str) -> str:
    """Which limit a request counts against."""
    if "/auth/" in path and method == "POST":
        return "auth"
    return "read" if method in {"GET", "HEAD"} else "write"


class Door:
    """ASGI middleware in front of the routes."""

    def __init__(self, app: ASGIApp, *, max_body: int, limiter: RateLimiter, tracer: trace.Tracer | None) -> None:
        self._app = app
        self._max_body = max_body
        self._limiter = limiter
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] in {"http", "websocket"}:
            _one_spelling(scope)
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._tracer is None:
            await self._pass(scope, receive, send)
            return
        # The route's template is not known yet, and the path may hold a session's id: the name has neither.
        with self._tracer.start_as_current_span(f"HTTP {scope['method']}", kind=trace.SpanKind.SERVER):
            await self._pass(scope, receive, send)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = given if _REQUEST_ID.fullmatch(given) else f"{random.getrandbits(128):032x}"
        started, status = time.perf_counter(), 500

        async def reply(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], (b"x-request-id", request_id.encode())]}
            await send(message)

        try:
            kind = request_class(scope["method"], scope["path"])
            self._limiter.take(kind, _caller(kind, scope, headers), started)
            if _is_upload(scope["path"], headers):
                await self._app(scope, receive, reply)
            elif _declared_length(headers) > self._max_body:
                await _refuse(reply, 413, _TOO_LARGE)
            else:
                await self._app(scope, _limited(receive, self._max_body), reply)
        except TooMany as error:
            extra = [(b"retry-after", str(error.retry_after).encode())]
            await _refuse(reply, 429, "Too many requests. Please wait a moment and try again.", extra)
        finally:
            REQUESTS.labels(scope["method"], str(status)).observe(time.perf_counter() - started)


def _one_spelling(scope: Scope) -> None:
    """With and without a trailing slash the same route answers, without a redirect."""
    path = scope["path"]
    if len(path) > 1 and path.endswith("/"):
        scope["path"] = path.rstrip("/") or "/"
        scope["raw_path"] = scope["path"].encode()


def _declared_length(headers: dict[bytes, bytes]) -> int:
    declared = headers.get(b"content-length", b"0")
    return int(declared) if declared.isdigit() else 0


def _is_upload(path: str, headers: dict[bytes, bytes]) -> bool:
    return path.startswith(_UPLOADS) and headers.get(b"content-type", b"").lower().startswith(b"multipart/form-data")


def _limited(receive: Receive, limit: int) -> Receive:
    """Chunked bodies declare no length: count what arrives. More is an error of whoever reads it, and a 413."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise HTTPException(413, _TOO_LARGE)
        return message

    return counted


def _caller(kind: str, scope: Scope, headers: dict[bytes, bytes]) -> str:
    """Whose bucket: the token where there is one, the address otherwise, and always for logins: who guesses
    passwords would bring another token each time."""
    token = present(headers.get(b"authorization", b"").decode("latin-1").rpartition(" ")[2])
    return str(hash(token)) if token and kind != "auth" else str((scope.get("client") or ("unknown",))[0])


async def _refuse(send: Send, status: int, detail: str, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    body = json.dumps({"detail": detail}).encode()
    basic = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*basic, *(headers or [])]})
    await send({"type": "http.response.body", "body": body})
