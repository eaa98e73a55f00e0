"""The outermost layer of HTTP: how large a request's head may be, how slow, and how many connections one may hold."""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import MAX_LINE_LENGTH, MAX_NUM_HEADERS

PIECE = 16 * 1024
"""Bytes that the parser gets at a time, so that what it collects is looked at before it grows."""
FRAMING_PER_BYTE = 16
"""Bytes of chunk sizes and extensions that may come with one byte of a body."""
LINGER_SECONDS = 1.0
"""A refused connection stays so long. Closed at once, with something unread, it would take our answer with it."""
HEAD_TOO_LARGE = "The head of the request is too large."
FRAMING_TOO_LARGE = "The request wraps its content in too much else."
HEAD_TOO_SLOW = "The request took too long to arrive. Please try again."
TOO_MANY_CONNECTIONS = "There are too many open connections from your address. Please close some and try again."
NOT_HTTP = "The request is not valid HTTP."

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Limits:
    """What a connection may take: bytes of a request's head, seconds until it is complete (and for the rest of a body
    that was answered before it was here), connections of one address."""

    head_bytes: int = 32 * 1024
    head_seconds: float = 10.0
    connections_per_address: int = 500


def block(address: str) -> str:
    """Whose address it is: one subscriber has a whole /64 of IPv6. What is no address is its own block."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def networks(listed: str) -> list[Network]:
    """Addresses and networks, comma-separated. Raises ValueError."""
    return [ipaddress.ip_network(each.strip()) for each in listed.split(",") if each.strip()]


@dataclass
class Guard:
    """What the connections of one server share. A proxy that we trust holds connections for many people."""

    limits: Limits
    trusted: Iterable[Network] = ()
    held: Counter[str] = field(default_factory=Counter)

    def enter(self, client: tuple[str, int] | None) -> bool:
        """Count a connection; whether it is one too many."""
        self.held[self._holder(client)] += 1
        return self.held[self._holder(client)] > self.limits.connections_per_address and not self._is_proxy(client)

    def leave(self, client: tuple[str, int] | None) -> None:
        """It is gone."""
        holder = self._holder(client)
        self.held[holder] -= 1
        if self.held[holder] <= 0:
            del self.held[holder]

    def _holder(self, client: tuple[str, int] | None) -> str:
        return block(client[0]) if client else ""

    def _is_proxy(self, client: tuple[str, int] | None) -> bool:
        if client is None:
            return True
        address = ipaddress.ip_address(client[0].partition("%")[0])
        return any(address in network for network in self.trusted)


class _TooLarge(Exception):
    """Raised within the parser, which then stops."""


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol with an end to everything: httptools itself collects names, values and paths for ever, and
    joins their pieces at a cost that grows with the square of their length."""

    def __init__(self, *args: Any, guard: Guard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._guard = guard
        self._limits = guard.limits
        self._deadline: asyncio.TimerHandle | None = None
        self._within: Literal["nothing", "head", "body"] = "nothing"
        self._begun = False
        """Whether a request began in the piece that the parser has."""
        self._collected = 0
        """Bytes of the path and of complete header lines, or of complete trailers."""
        self._fed = 0
        """Bytes since the head began: a line counts before it is complete."""
        self._around = 0
        """Bytes around the body under way, less what may come with each of its bytes."""
        self._refusal: tuple[int, str] | None = None
        self._refused = False
        self._handed_over = False

    # Connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        one_too_many = self._guard.enter(self.client)
        self._arm()
        if one_too_many:
            self._refuse(429, TOO_MANY_CONNECTIONS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._guard.leave(self.client)
        self._disarm()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """Hand over to the protocol of WebSockets, which has narrower limits and no answer for what exceeds them."""
        lines = [len(name) + len(value) + len(": \r\n") for name, value in self.headers]
        path = len(self.url) + len("GET  HTTP/1.1\r\n")
        if max([path, *lines]) > MAX_LINE_LENGTH or len(lines) > MAX_NUM_HEADERS:
            self._refuse(431, HEAD_TOO_LARGE)
        elif self._answering():
            self._refuse(400, NOT_HTTP)
        else:
            self._handed_over = True
            self._guard.leave(self.client)
            super().handle_websocket_upgrade()

    # What arrives

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        for start in range(0, len(data), PIECE):
            if self._refusal or self._handed_over or self.transport.is_closing():
                return
            self._take(data[start : start + PIECE])
        if not self._handed_over and (self._within == "head" or not self._answering()):
            self._arm()

    def _take(self, piece: bytes) -> None:
        """Let the parser have a piece, and see what came of it."""
        within, self._begun = self._within, False
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            self._upgrade()
        except httptools.HttpParserError as error:
            if isinstance(error.__context__, _TooLarge):
                self._refuse(431, HEAD_TOO_LARGE)
            else:
                self._refuse(400, NOT_HTTP)
        else:
            if within == self._within and not self._begun:
                self._weigh(len(piece))

    def _weigh(self, size: int) -> None:
        if self._within == "head":
            self._fed += size
        elif self._within == "body":
            self._around = max(0, self._around + size)
        if max(self._fed, self._around) > self._limits.head_bytes:
            self._refuse(431, HEAD_TOO_LARGE if self._within == "head" else FRAMING_TOO_LARGE)

    def _upgrade(self) -> None:
        if self._should_upgrade():
            self.handle_websocket_upgrade()
        else:  # it is answered as a plain request; where the next one begins is not known
            self.cycle.keep_alive = False

    # What the parser finds

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._within, self._begun = "head", True
        self._collected, self._fed, self._around = 0, 0, 0

    def on_url(self, url: bytes) -> None:
        self._collect(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._collect(len(name) + len(value) + len(": \r\n"))
        if self._within == "head":  # nobody asks for trailers, and the application has the headers already
            super().on_header(name, value)

    def _collect(self, size: int) -> None:
        self._collected += size
        if self._collected > self._limits.head_bytes:
            raise _TooLarge

    def on_headers_complete(self) -> None:
        self._disarm()
        super().on_headers_complete()
        self._within, self._collected, self._fed = "body", 0, 0

    def on_body(self, body: bytes) -> None:
        self._around -= len(body) * (1 + FRAMING_PER_BYTE)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._disarm()
        self._within, self._around = "nothing", 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if self._refusal and not self.pipeline:
            self._say_refusal()
        elif self._within == "body":  # answered before all of it was here
            self._arm()

    # Time

    def _arm(self) -> None:
        if self._deadline is None and not self._refused:
            self._deadline = self.loop.call_later(self._limits.head_seconds, self._too_slow)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if self.flow.read_paused:  # we do not listen just now: it is not the client who is slow
            self._arm()
        elif self._within == "head":
            self._refuse(408, HEAD_TOO_SLOW)
        else:
            self.transport.close()

    # Refusals

    def _answering(self) -> bool:
        # uvicorn declares it to be there always.
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _refuse(self, status: int, sentence: str) -> None:
        """Answer and close, once what came before on this connection is answered."""
        self._disarm()
        self._refusal = (status, sentence)
        if not self._answering():
            self._say_refusal()
        elif self._within == "body" and self.pipeline:
            self.pipeline.popleft()  # its turn had not come
        elif self._within == "body":
            self._withdraw()

    def _withdraw(self) -> None:
        """The request that is being answered is the one that is refused."""
        self.cycle.disconnected = True
        self.cycle.message_event.set()
        if self.cycle.response_started:
            self.transport.close()
        else:
            self._say_refusal()

    def _say_refusal(self) -> None:
        assert self._refusal is not None
        self._refused = True
        self._unset_keepalive_if_required()
        self.flow.pause_reading()
        self.transport.write(_answer(*self._refusal))
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self.loop.call_later(LINGER_SECONDS, self.transport.close)
        else:
            self.transport.close()

    def shutdown(self) -> None:
        """Called when the server stops."""
        if self._refused:
            self.transport.close()
        else:
            super().shutdown()


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's protocol; counts as a connection."""

    def __init__(self, *args: Any, guard: Guard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._guard = guard

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._guard.enter(self.client)

    def connection_lost(self, exc: Exception | None) -> None:
        self._guard.leave(self.client)
        super().connection_lost(exc)


def _answer(status: int, sentence: str) -> bytes:
    body = json.dumps({"detail": sentence})
    head = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        *(["retry-after: 5"] if status == 429 else []),
        "connection: close",
    ]
    return "\r\n".join([*head, "", body]).encode()
