"""Servers to attack, over real sockets, and a polite client beside the attacker."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import uvloop
from runtime.serving import make_server

HOST = "127.0.0.1"
DEADLINE = 10.0
"""Within which a polite client is answered, whatever goes on."""


@dataclass(frozen=True)
class Answer:
    """A response as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def detail(self) -> str:
        """The sentence of an error, which has no other content."""
        content = json.loads(self.body)
        assert list(content) == ["detail"] and content["detail"].endswith(".")
        return str(content["detail"])

    @property
    def closes(self) -> bool:
        return self.headers.get("connection") == "close"


def connect(port: int, host: str = HOST) -> socket.socket:
    """A connection that waits for nothing longer than the deadline."""
    return socket.create_connection((host, port), timeout=DEADLINE)


def send(connection: socket.socket, data: bytes, most: int = 64 * 1024 * 1024, seconds: float = DEADLINE) -> int:
    """Send `data` again and again until the server has enough of it; the bytes that it took."""
    sent, until = 0, time.monotonic() + seconds
    try:
        while sent < most and time.monotonic() < until:
            sent += connection.send(data)
    except OSError:
        pass
    return sent


def received(connection: socket.socket) -> bytes:
    """Everything until the server closes the connection."""
    pieces = []
    try:
        while piece := connection.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(pieces)


def answers(raw: bytes) -> list[Answer]:
    """The responses in what was received; each of ours declares its length."""
    found = []
    while raw:
        head, _, raw = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        found.append(Answer(int(first.split(" ")[1]), headers, raw[:length]))
        raw = raw[length:]
    return found


def next_answer(connection: socket.socket) -> Answer:
    """The next response on a connection that stays open."""
    raw = b""
    while b"\r\n\r\n" not in raw or len(answers(raw)[0].body) < int(answers(raw)[0].headers["content-length"]):
        piece = connection.recv(65536)
        assert piece, "the connection was closed"
        raw += piece
    return answers(raw)[0]


def ask(port: int, path: str = "/", host: str = HOST, **headers: str) -> Answer:
    """One polite request."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    with connect(port, host) as connection:
        request = "\r\n".join([f"GET {path} HTTP/1.1", "Host: parley", "Connection: close", *lines, "", ""])
        connection.sendall(request.encode("latin-1"))
        [answer] = answers(received(connection))
    return answer


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the size of the body and the names of the headers; accepts a WebSocket and closes it."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close"})
        return
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    names = sorted({name.decode() for name, _ in scope["headers"]})
    body = json.dumps({"size": size, "headers": names, "client": scope["client"][0]}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def _serving(app: Any = echo, host: str = HOST, **options: Any) -> Iterator[int]:
    """A server in a thread of its own; its port."""
    server = make_server(app, host, 0, **options)
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(server._serve()), daemon=True)
    thread.start()
    until = time.monotonic() + DEADLINE
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    try:
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(DEADLINE)
        asyncio.set_event_loop(None)


Serving = Callable[..., AbstractContextManager[int]]


@pytest.fixture(scope="session")
def serving() -> Serving:
    """Starts servers: `with serving(app, limits=...) as port`."""
    return _serving
