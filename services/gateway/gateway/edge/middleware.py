"""What every request passes: an id, a size and a time limit, a rate limit, one spelling of the path, a trace."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from opentelemetry import trace
from runtime.telemetry import bind_request, current_request, failure
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.edge.errors import ERROR, HUNG_UP, INTERNAL, LATER, UNAVAILABLE, is_unavailable
from gateway.edge.limits import (
    ADDRESS,
    CALLER,
    RateLimiter,
    RequestClass,
    Subject,
    TooMany,
    address_caller,
    caller_of,
    request_class,
)
from gateway.edge.metrics import Measures
from gateway.edge.outages import Limit, Outages
from gateway.problems import Problem, begin_request, given_up
from gateway.values import address_must_be_storable

log = structlog.get_logger()
BODY_SECONDS = 30.0
"""Within which a body has to be here that is no upload of a file."""
REFUSAL_SECONDS = 1.0
"""For so long who asks too often waits to be told so. A client that asks again at once would otherwise take, by being
refused, the time that others need."""
MOST_HELD = 1_000
"""Of such refusals at once: each keeps a connection."""
RECORDING_SECONDS = 120.0
"""The same of one that holds a recording: enough for 10 MB over a bad mobile connection."""
_REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_UPLOADS = (
    "/files/upload-resume",
    "/api/v1/resumes/upload",
    "/api/v1/documents/upload/",
    "/api/v1/question-banks/import",
    "/speech/",
    "/api/speech-to-text",
    "/api/text-to-speech",
    "/session/turn/",
)
"""Where files arrive: those routes have limits of their own."""
_TOO_LARGE = "The request is too large."
_TOO_SLOW = "The request took too long to arrive. Please try again."
_TOO_OFTEN = "Too many requests. Please wait a moment and try again."
_EVENTS = b"text/event-stream"


@dataclass
class _Answer:
    """What becomes of a request, seen from between the application and the server."""

    receive: Receive
    send: Send
    request_id: str
    stopping: asyncio.Event
    outages: Outages
    limit: Limit = field(default_factory=Limit)
    began: float = field(default_factory=time.perf_counter)
    status: int = 0
    complete: bool = False
    hung_up: bool = False
    first_event: float | None = None
    """When an event stream began, which goes on for as long as somebody listens."""
    given_up: bool = False
    work: asyncio.Task[None] | None = None
    """The application's, which may outlive the answer: ending it can take as long as what it waits for."""
    _ending: asyncio.Task[None] | None = None

    async def hear(self) -> Message:
        """Receive for the application. Meanwhile it is the client that is waited for."""
        self.outages.remove(self.limit)
        message = await self.receive()
        self.waits()
        self.hung_up = self.hung_up or message["type"] == "http.disconnect"
        return message

    def waits(self) -> None:
        """It is us who are waited for: the request may be given up."""
        if not self.status:
            self.outages.add(self.limit)

    async def reply(self, message: Message) -> None:
        """Send for the application."""
        if not self.given_up:
            await self.say(message)

    async def say(self, message: Message) -> None:
        """Send."""
        if message["type"] == "http.response.start":
            self.outages.remove(self.limit)
            self.status = message["status"]
            if any(name == b"content-type" and value.startswith(_EVENTS) for name, value in message["headers"]):
                self.first_event = time.perf_counter()
                self._ending = asyncio.create_task(self._end_when_stopping())
            message = {**message, "headers": [*message["headers"], (b"x-request-id", self.request_id.encode())]}
        elif message["type"] == "http.response.body":
            self.complete = not message.get("more_body", False)
        await self.send(message)

    async def _end_when_stopping(self) -> None:
        """An event stream never ends by itself. Its listener comes back to another replica, from where it was."""
        await self.stopping.wait()
        if self.work is not None:
            self.work.cancel()

    async def ended_by_us(self) -> bool:
        """Whether a cancellation was that of an event stream, which is then brought to a clean end."""
        if self.first_event is None or not self.stopping.is_set():
            return False
        await self.say({"type": "http.response.body", "body": b"", "more_body": False})
        return True

    def close(self) -> None:
        """All is said."""
        self.outages.remove(self.limit)
        if self._ending is not None:
            self._ending.cancel()

    @property
    def outcome(self) -> int:
        """The status to count: nobody has seen that of an answer that nobody waited for."""
        if self.hung_up and not self.complete and self.first_event is None:
            return HUNG_UP
        return self.status or 500

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.first_event or time.perf_counter()) - self.began


class Edge:
    """ASGI middleware in front of the routes. `recordings` are the paths whose JSON may hold one, with the bytes that
    each takes."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_body: int,
        limiter: RateLimiter,
        tracer: trace.Tracer | None,
        subject: Subject = lambda _: None,
        measures: Measures | None = None,
        body_seconds: float = BODY_SECONDS,
        refusal_seconds: float = REFUSAL_SECONDS,
        recordings: Mapping[str, int] | None = None,
        outages: Outages | None = None,
        stopping: asyncio.Event | None = None,
    ) -> None:
        self._app = app
        self._max_body = max_body
        self._limiter = limiter
        self._tracer = tracer
        self._subject = subject
        self._measures = measures or Measures()
        self._body_seconds = body_seconds
        self._recordings = recordings or {}
        self._outages = outages or Outages()
        self._stopping = stopping or asyncio.Event()
        self._refusal_seconds = refusal_seconds
        self._held = 0
        self._unwinding: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        _one_spelling(scope)
        bind_request(_request_id(headers))
        if scope["type"] == "websocket":
            await self._pass_socket(scope, headers, receive, send)
        elif self._tracer is None:
            await self._pass(scope, headers, receive, send)
        else:
            # The route's template is not known yet, and the path may hold a session's id: the name has neither.
            with self._tracer.start_as_current_span(f"HTTP {scope['method']}", kind=trace.SpanKind.SERVER):
                await self._pass(scope, headers, receive, send)

    async def _pass_socket(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send) -> None:
        """A handshake has a limit of its own: it holds more than a request does."""
        try:
            await self._count("socket", scope, headers)
            address_must_be_storable(scope["path"], scope["query_string"])
        except Exception as error:
            await self._hold(error)
            await _refuse_socket(scope, receive, send, _problem(error))
        else:
            await self._app(scope, receive, send)

    async def _pass(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send) -> None:
        answer = _Answer(receive, send, current_request(), self._stopping, self._outages)
        begin_request()
        work = answer.work = asyncio.create_task(self._admit(scope, headers, answer))
        answer.waits()
        try:
            await asyncio.wait((work, answer.limit.passed), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                answer.given_up = True
                raise Problem(503, given_up() or UNAVAILABLE, LATER)
            work.result()
        except Exception as error:
            await self._answer_for(error, scope, answer)
        except asyncio.CancelledError:
            if not await answer.ended_by_us():
                raise
        finally:
            answer.close()
            self._leave(work)
            self._measures.note(scope, answer.outcome, answer.seconds)
            self._tell(scope, answer.outcome)

    def _leave(self, work: asyncio.Task[None]) -> None:
        """End what nobody waits for any more, in its own time."""
        if not work.done():
            self._unwinding.add(work)
            work.add_done_callback(self._unwinding.discard)
            work.cancel()

    async def _admit(self, scope: Scope, headers: dict[bytes, bytes], answer: _Answer) -> None:
        receive, send = answer.hear, answer.reply
        await self._count(request_class(scope["method"], scope["path"]), scope, headers)
        address_must_be_storable(scope["path"], scope["query_string"])
        if _is_upload(scope["path"], headers):
            await self._app(scope, receive, send)
            return
        recorded = self._recordings.get(scope["path"])
        most, seconds = (recorded, RECORDING_SECONDS) if recorded else (self._max_body, self._body_seconds)
        if _declared_length(headers) > most:
            raise Problem(413, _TOO_LARGE)
        await self._app(scope, _limited(receive, most, seconds), send)

    async def _count(self, kind: RequestClass, scope: Scope, headers: dict[bytes, bytes]) -> None:
        scope[CALLER] = caller_of(kind, scope, headers, self._subject)
        await self._limiter.take(kind, scope[CALLER])
        if kind not in ("read", "poll"):
            await self._limiter.take(ADDRESS, address_caller(scope))

    async def _answer_for(self, error: Exception, scope: Scope, answer: _Answer) -> None:
        """An error that no route answered. Passed on, it would cost the connection, or end it in the middle of a reply
        to somebody else. One whose answer has begun can only be cut off, which the server does when we return."""
        known = _problem(error)
        await self._hold(error)
        if known.status >= 500:
            scope[ERROR] = failure(error)
        if not answer.status:
            await _refuse(answer.say, known)

    async def _hold(self, error: Exception) -> None:
        if isinstance(error, TooMany) and self._held < MOST_HELD:
            self._held += 1
            try:
                await asyncio.sleep(self._refusal_seconds)
            finally:
                self._held -= 1

    def _tell(self, scope: Scope, status: int) -> None:
        """One line for each answer that is our fault."""
        ended_in = scope.get(ERROR)
        if ended_in is None and (status < 500 or status == 503):  # the latter is what a probe says
            return
        details: dict[str, Any] = {"status": status, "route": self._measures.route(scope), **(ended_in or {})}
        if status in {503, 504}:
            log.warning("unavailable", **details)
        else:
            log.error("unexpected error", **details)


def _request_id(headers: Mapping[bytes, bytes]) -> str:
    given = headers.get(b"x-request-id", b"").decode("latin-1")
    return given if _REQUEST_ID.fullmatch(given) else f"{random.getrandbits(128):032x}"


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


def _limited(receive: Receive, limit: int, seconds: float) -> Receive:
    """A body of at most so many bytes, within a time. More, or later, is an error of whoever reads it: 413, 408."""
    taken, whole = 0, False
    deadline = asyncio.get_running_loop().time() + seconds

    async def counted() -> Message:
        nonlocal taken, whole
        if whole:  # what comes now is the end of the connection, which has all the time in the world
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise Problem(408, _TOO_SLOW, {"Connection": "close"}) from None
        taken, whole = taken + len(message.get("body", b"")), not message.get("more_body", False)
        if taken > limit:
            raise Problem(413, _TOO_LARGE)
        return message

    return counted


def _problem(error: Exception) -> Problem:
    """The answer to an error of the edge, or to one that nobody answered."""
    if isinstance(error, TooMany):
        return Problem(429, _TOO_OFTEN, {"Retry-After": str(error.retry_after)})
    if is_unavailable(error):
        return Problem(503, given_up() or UNAVAILABLE, LATER)
    return error if isinstance(error, Problem) else Problem(500, INTERNAL)


async def _refuse(send: Send, error: Problem, kind: str = "http") -> None:
    body = json.dumps({"detail": error.detail}).encode()
    headers = {"content-type": "application/json", "content-length": str(len(body)), **error.headers}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": f"{kind}.response.start", "status": error.status, "headers": raw})
    await send({"type": f"{kind}.response.body", "body": body})


async def _refuse_socket(scope: Scope, receive: Receive, send: Send, error: Problem) -> None:
    await receive()  # the handshake
    if "websocket.http.response" in scope.get("extensions", {}):
        await _refuse(send, error, "websocket.http")
    else:
        await send({"type": "websocket.close", "code": 1008})
