"""Heads without an end: one socket used to stop everybody."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator

import pytest

from .conftest import Serving, answers, ask, connect, received, send

KIB = 1024
REQUEST = b"GET / HTTP/1.1\r\nHost: parley\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: parley\r\nTransfer-Encoding: chunked\r\n\r\n"
UPGRADE = (
    REQUEST
    + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
    + base64.b64encode(b"0" * 16)
    + b"\r\n"
)
ENDLESS = {
    "many small headers": (REQUEST, b"X-Small: 1\r\n" * 100),
    "one header": (REQUEST + b"X-Large: ", b"a" * KIB),
    "one header's name": (REQUEST, b"a" * KIB),
    "a path": (b"GET /", b"a" * KIB),
    "a query": (b"GET /?", b"a" * KIB),
    "headers of a handshake": (UPGRADE, b"X-Small: 1\r\n" * 100),
    "one header of a handshake": (UPGRADE + b"X-Large: ", b"a" * KIB),
    "a trailer": (CHUNKED + b"1\r\nx\r\n0\r\nX-Large: ", b"a" * KIB),
    "many trailers": (CHUNKED + b"1\r\nx\r\n0\r\n", b"X-Small: 1\r\n" * 100),
    "a trailer behind a large body": (CHUNKED + b"40000\r\n" + b"x" * 0x40000 + b"\r\n0\r\nX-Large: ", b"a" * KIB),
    "a chunk's extension": (CHUNKED + b"1;", b"a" * KIB),
    "a second request's header": (REQUEST + b"\r\n" + REQUEST + b"X-Large: ", b"a" * KIB),
    "a second request's headers": (REQUEST + b"\r\n" + REQUEST, b"X-Small: 1\r\n" * 100),
}


@pytest.fixture(scope="module")
def port(serving: Serving) -> Iterator[int]:
    with serving() as port:
        yield port


@pytest.mark.parametrize(("begin", "endless"), ENDLESS.values(), ids=ENDLESS.keys())
def test_what_has_no_end_is_refused_and_nobody_else_waits(port: int, begin: bytes, endless: bytes) -> None:
    with connect(port) as attacker:
        attacker.sendall(begin)
        taken = send(attacker, endless)
        assert ask(port).status == 200
        *before, refused = answers(received(attacker))
    assert [answer.status for answer in before] == [200] * (
        begin.count(REQUEST) - 1 if b"\r\n\r\n" + REQUEST in begin else 0
    )
    assert (refused.status, refused.closes) == (431, True) and refused.detail
    assert taken < 64 * KIB * KIB


def exchange(port: int, request: bytes) -> list[int]:
    """The statuses that a request is answered with, once the connection is closed."""
    with connect(port) as connection:
        connection.sendall(request)
        return [answer.status for answer in answers(received(connection))]


@pytest.mark.parametrize(("size", "status"), [(31 * KIB, 200), (33 * KIB, 431)])
@pytest.mark.parametrize("lines", [1, 100], ids=["one line", "many"])
def test_the_limit_is_32_kib(port: int, size: int, status: int, lines: int) -> None:
    line = b"X-Line: " + b"a" * (size // lines - 10) + b"\r\n"
    assert exchange(port, REQUEST + b"Connection: close\r\n" + line * lines + b"\r\n") == [status]


@pytest.mark.parametrize("size", [1, 1400, 20_000])
def test_it_is_the_same_however_the_head_is_cut_into_pieces(port: int, size: int) -> None:
    head = REQUEST + b"Connection: close\r\nX-Large: " + b"a" * (20_000 if size > 1 else 500) + b"\r\n\r\n"
    with connect(port) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(head), size):
            connection.sendall(head[start : start + size])
        assert [answer.status for answer in answers(received(connection))] == [200]


def test_requests_in_one_piece_each_have_the_whole_limit(port: int) -> None:
    head = REQUEST + b"X-Large: " + b"a" * 25 * KIB + b"\r\n"
    assert exchange(port, (head + b"\r\n") * 3 + head + b"Connection: close\r\n\r\n") == [200] * 4


@pytest.mark.parametrize("size", [1, 10, 5000])
def test_a_body_in_chunks_may_be_as_large_as_the_application_takes(port: int, size: int) -> None:
    chunk = f"{size:x};name=value\r\n".encode() + b"x" * size + b"\r\n"
    request = CHUNKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + chunk * (200_000 // size // 4)
    assert exchange(port, request + b"0\r\n\r\n") == [200]


def test_a_trailer_becomes_no_header_of_this_request_or_the_next(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(CHUNKED + b"1\r\nx\r\n0\r\nX-Smuggled: 1\r\n\r\n" + REQUEST + b"Connection: close\r\n\r\n")
        first, second = answers(received(connection))
    assert b"x-smuggled" not in first.body + second.body
    assert (first.status, second.status) == (200, 200)


@pytest.mark.parametrize(
    "request_line",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"CONNECT parley:80 HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_not_http_is_400_with_a_sentence(
    port: int, request_line: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    with connect(port) as connection:
        connection.sendall(request_line)
        [answer] = answers(received(connection))
    assert (answer.status, answer.closes) == (400, True) and answer.detail
    assert ask(port).status == 200
    assert capfd.readouterr().out == ""


def test_an_upgrade_to_something_else_is_answered_as_a_plain_request(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(REQUEST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n")
        [answer] = answers(received(connection))
    assert (answer.status, answer.closes) == (200, True)


@pytest.mark.parametrize(
    ("more", "status"),
    [(b"", 101), (b"X-Line: " + b"a" * 8000 + b"\r\n", 101), (b"X-Line: " + b"a" * 8300 + b"\r\n", 431),
     (b"X-Small: 1\r\n" * 140, 431)],
    ids=["short", "long", "too long", "too many"],
)  # fmt: skip
def test_a_handshake_is_accepted_or_refused_with_a_sentence(port: int, more: bytes, status: int) -> None:
    with connect(port) as connection:
        connection.sendall(UPGRADE + more + b"\r\n")
        assert connection.recv(100).startswith(f"HTTP/1.1 {status} ".encode())
    assert ask(port).status == 200
