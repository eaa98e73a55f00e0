"""What the servers that stand in for providers have in common: they listen here, note what came, and misbehave."""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self, TypeVar

from aiohttp import web

Body = dict[str, Any]
LARGEST = 64 * 2**20
"""Bytes of a request."""


@dataclass(frozen=True)
class Status:
    """An error status. `retry_after` is the header's text, if any; `body` replaces the provider's own."""

    status: int
    retry_after: str | None = None
    retry_after_ms: str | None = None
    body: Any = None

    @property
    def headers(self) -> dict[str, str]:
        """Those that say when to come back."""
        given = {"retry-after": self.retry_after, "retry-after-ms": self.retry_after_ms}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True)
class Hang:
    """Takes the request and never answers, not even with headers."""


@dataclass(frozen=True)
class Slow:
    """Answers as it should, `seconds` later."""

    seconds: float


@dataclass(frozen=True)
class Cut:
    """Closes the connection in the middle of the answer; of a stream, after `after` seconds of audio."""

    after: float = 0.0


Trouble = Status | Hang | Slow | Cut


@dataclass
class Received:
    """A request. `body` is its JSON or its form, `data` anything else; of a stream, `data` is the audio so far and
    `messages` the types of the others. `left` is set when the client closed the connection before the answer was
    complete."""

    path: str
    headers: dict[str, str]
    query: dict[str, list[str]]
    body: Body = field(default_factory=dict)
    data: bytes = b""
    messages: list[str] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)


class FakeServer(ABC):
    """`async with` it: it answers below `/v1` on a free port of 127.0.0.1, unless `listens` is set to another address
    and port before, and `url` says where."""

    root = ""
    """What follows the port in `url`."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.listens = ("127.0.0.1", 0)
        self.url = ""
        self._closing = asyncio.Event()

    @abstractmethod
    async def _answer(self, request: web.Request, received: Received) -> web.StreamResponse:
        """What the provider would say."""

    @abstractmethod
    def _refusal(self, status: Status) -> web.StreamResponse:
        """An error, in the provider's words."""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=LARGEST)
        app.router.add_route("*", "/v1/{path:.*}", self._handle)
        # Handlers are cancelled when the client goes, which is how that is noticed.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, *self.listens).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}{self.root}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        headers = {key.lower(): value for key, value in request.headers.items()}
        query = {key: request.query.getall(key) for key in request.query}
        received = Received("/" + request.match_info["path"], headers, query)
        if request.can_read_body and request.content_type == "application/json":
            received.body = await request.json()
        elif request.content_type.startswith("multipart/"):
            received.body = await _form(request)
        elif request.can_read_body:
            received.data = await request.read()
        self.received.append(received)
        try:
            return await self._answer(request, received)
        except (asyncio.CancelledError, ConnectionError):
            if not self._closing.is_set():
                received.left.set()
            raise

    async def _troubled(
        self, request: web.Request, trouble: Trouble | None, answer: web.Response
    ) -> web.StreamResponse:
        """The answer, but for what is in its way."""
        if isinstance(trouble, Status | Hang):
            return await self._failing(trouble)
        if isinstance(trouble, Slow):
            await asyncio.sleep(trouble.seconds)
        if isinstance(trouble, Cut) and isinstance(answer.body, bytes):
            begun = web.StreamResponse(headers={"content-type": answer.content_type})
            begun.content_length = len(answer.body)
            await begun.prepare(request)
            await begun.write(answer.body[: len(answer.body) // 2])
            abort(request)
        return answer

    async def _failing(self, trouble: Status | Hang) -> web.StreamResponse:
        return self._refusal(trouble) if isinstance(trouble, Status) else await self._silence()

    async def _silence(self) -> NoReturn:
        await self._closing.wait()
        raise asyncio.CancelledError


def abort(request: web.Request) -> NoReturn:
    """Close the connection at once, without a word."""
    if request.transport:
        request.transport.abort()
    raise ConnectionResetError


async def _form(request: web.Request) -> Body:
    """Files as bytes; what a name that ends in brackets stands for, as a list."""
    form = await request.post()
    given = {key: [_plain(each) for each in form.getall(key)] for key in form}
    return {key: values if key.endswith("[]") else values[-1] for key, values in given.items()}


def _plain(value: str | bytearray | bytes | web.FileField) -> str | bytes:
    if isinstance(value, web.FileField):
        return value.file.read()
    return value if isinstance(value, str) else bytes(value)


Server = TypeVar("Server", bound=FakeServer)


@contextmanager
def apart(server: Server) -> Iterator[Server]:
    """A server that runs in a thread of its own, for who has no event loop, or several."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    running = asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
    try:
        yield running
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
