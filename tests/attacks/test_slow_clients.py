"""Clients that are slow on purpose, or hold more connections than anybody needs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Iterator

import pytest
from gateway.edge.limits import RateLimiter
from gateway.edge.middleware import Edge
from runtime.http_protocol import Limits, block

from .conftest import DEADLINE, Answer, Serving, answers, ask, connect, echo, next_answer, received

HEAD_SECONDS = 0.5
MOST = 20
KIB = 1024
SECRET = "the candidate's own words"
REQUEST = b"GET / HTTP/1.1\r\nHost: parley\r\n"
UPGRADE = (
    REQUEST
    + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    + b"Sec-WebSocket-Key: MDAwMDAwMDAwMDAwMDAwMA==\r\n\r\n"
)


@pytest.fixture(scope="module")
def port(serving: Serving) -> Iterator[int]:
    with serving(limits=Limits(head_seconds=HEAD_SECONDS, connections_per_address=MOST)) as port:
        yield port


def dripped(connection: socket.socket, drop: bytes) -> list[Answer]:
    """Send a drop now and then until the server has enough; what it said."""
    until = time.monotonic() + DEADLINE
    with contextlib.suppress(OSError):
        while time.monotonic() < until:
            connection.sendall(drop)
            time.sleep(HEAD_SECONDS / 10)
    assert time.monotonic() < until, "the connection is still open"
    return answers(received(connection))


def test_a_head_that_drips_in_is_408_and_nobody_else_waits(port: int) -> None:
    with connect(port) as attacker:
        attacker.sendall(REQUEST + b"X-Slow: ")
        assert ask(port).status == 200
        [answer] = dripped(attacker, b"a")
    assert (answer.status, answer.closes) == (408, True) and answer.detail


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"\r\n\r\n\r\n"], ids=["nothing", "a line", "lines"])
def test_a_connection_that_begins_no_request_is_closed(port: int, sent: bytes) -> None:
    with connect(port) as idle:
        idle.sendall(sent)
        assert received(idle) == b""


def test_nor_do_empty_lines_keep_a_connection_that_had_an_answer(port: int) -> None:
    with connect(port) as idle:
        idle.sendall(REQUEST + b"\r\n")
        [answer] = dripped(idle, b"\r\n")
    assert answer.status == 200


def test_a_head_that_stops_half_way_is_408(port: int) -> None:
    with connect(port) as slow:
        slow.sendall(REQUEST)
        [answer] = answers(received(slow))
    assert answer.status == 408


def test_so_is_the_second_on_a_connection(port: int) -> None:
    with connect(port) as slow:
        slow.sendall(REQUEST + b"\r\n" + REQUEST)
        first, second = answers(received(slow))
    assert (first.status, second.status) == (200, 408)


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "in chunks"])
def test_a_body_that_drips_in_is_408_and_nobody_else_waits(serving: Serving, declared: bool) -> None:
    edge = Edge(echo, max_body=KIB, limiter=RateLimiter({}), tracer=None, body_seconds=HEAD_SECONDS)
    head = b"POST / HTTP/1.1\r\nHost: parley\r\n"
    with serving(edge) as port, connect(port) as attacker:
        attacker.sendall(
            head + (b"Content-Length: 1000\r\n\r\n" if declared else b"Transfer-Encoding: chunked\r\n\r\n")
        )
        assert ask(port).status == 200
        [answer] = dripped(attacker, b"a" if declared else b"1\r\na\r\n")
    assert (answer.status, answer.closes) == (408, True) and answer.detail


def test_an_error_of_ours_is_json_and_the_connection_stays_good(
    serving: Serving, capfd: pytest.CaptureFixture[str]
) -> None:
    async def fails(scope: object, receive: object, send: object) -> None:
        raise RuntimeError(SECRET)

    with serving(Edge(fails, max_body=KIB, limiter=RateLimiter({}), tracer=None)) as port, connect(port) as client:
        for _ in range(3):
            client.sendall(REQUEST + b"\r\n")
            answer = next_answer(client)
            assert (answer.status, answer.closes) == (500, False) and answer.detail
    said = capfd.readouterr().out
    assert "RuntimeError" in said and "Traceback" not in said and SECRET not in said


def test_what_the_door_does_not_see_is_no_traceback_either(serving: Serving, capfd: pytest.CaptureFixture[str]) -> None:
    async def fails(scope: object, receive: object, send: object) -> None:
        raise RuntimeError(SECRET)

    with serving(fails) as port:
        assert ask(port).status == 500
    said = capfd.readouterr()
    assert "RuntimeError" in said.out and "Traceback" not in said.out + said.err and SECRET not in said.out + said.err


async def late(scope: object, receive: object, send: object) -> None:
    """Answers when the deadline for heads is over, without reading the body."""
    await asyncio.sleep(2 * HEAD_SECONDS)
    assert callable(send)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def test_a_late_answer_is_not_the_clients_fault(serving: Serving) -> None:
    with serving(late, limits=Limits(head_seconds=HEAD_SECONDS)) as port, connect(port) as patient:
        for _ in range(2):
            patient.sendall(REQUEST + b"\r\n")
            assert patient.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_a_body_that_goes_on_after_its_answer_ends_with_the_connection(serving: Serving) -> None:
    with serving(late, limits=Limits(head_seconds=HEAD_SECONDS)) as port, connect(port) as attacker:
        attacker.sendall(b"POST / HTTP/1.1\r\nHost: parley\r\nContent-Length: 1000000\r\n\r\n")
        [answer] = dripped(attacker, b"x")
    assert answer.status == 200


def test_a_websocket_outlives_the_deadline_for_heads(serving: Serving) -> None:
    async def held(scope: object, receive: object, send: object) -> None:
        assert callable(send)
        await send({"type": "websocket.accept"})
        await asyncio.sleep(3 * HEAD_SECONDS)
        await send({"type": "websocket.send", "text": "still here"})
        await send({"type": "websocket.close"})

    with serving(held, limits=Limits(head_seconds=HEAD_SECONDS)) as port, connect(port) as client:
        client.sendall(UPGRADE)
        raw = b""
        while b"still here" not in raw:
            piece = client.recv(1000)
            assert piece, "closed early"
            raw += piece


def test_one_address_holds_only_so_many_connections(serving: Serving) -> None:
    with serving(limits=Limits(connections_per_address=MOST)) as port, contextlib.ExitStack() as held:
        for _ in range(MOST):
            held.enter_context(connect(port))
        with connect(port) as another:
            [answer] = answers(received(another))
        assert (answer.status, answer.closes) == (429, True) and answer.detail and answer.headers["retry-after"]
        with socket.create_connection(("127.0.0.1", port), DEADLINE, source_address=("127.0.0.2", 0)) as elsewhere:
            elsewhere.sendall(REQUEST + b"Connection: close\r\n\r\n")
            assert [each.status for each in answers(received(elsewhere))] == [200]
        held.close()
        assert eventually_served(port)


def eventually_served(port: int) -> bool:
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        if ask(port).status == 200:
            return True
        time.sleep(0.05)
    return False


def test_a_trusted_proxy_holds_connections_for_many(serving: Serving) -> None:
    limits = Limits(connections_per_address=2)
    with serving(limits=limits, forwarded_allow_ips="127.0.0.0/8") as port, contextlib.ExitStack() as held:
        for _ in range(10):
            held.enter_context(connect(port))
        assert ask(port).status == 200


def test_subscribers_are_told_apart_by_what_belongs_to_one() -> None:
    assert block("2001:db8:1:2::1") == block("2001:db8:1:2:ffff::9") != block("2001:db8:1:3::1")
    assert block("192.0.2.1") == block("::ffff:192.0.2.1") != block("192.0.2.2")
    assert block("fe80::1%eth0") == block("fe80::2%eth1")
    assert block("no address") == "no address"


FORWARDED = [
    ("", "198.51.100.7", "127.0.0.1"),
    ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
    ("127.0.0.1", "203.0.113.1, 198.51.100.7", "198.51.100.7"),
    ("127.0.0.0/8, 10.0.0.0/8", "203.0.113.1, 198.51.100.7, 10.1.2.3", "198.51.100.7"),
    ("10.0.0.0/8", "198.51.100.7", "127.0.0.1"),
    ("127.0.0.1", "", "127.0.0.1"),
]


@pytest.mark.parametrize(("trusted", "said", "client"), FORWARDED)
def test_the_clients_address_is_the_last_hop_that_is_no_proxy_of_ours(
    serving: Serving, trusted: str, said: str, client: str
) -> None:
    with serving(forwarded_allow_ips=trusted) as port:
        answer = ask(port, X_Forwarded_For=said)
    assert json.loads(answer.body)["client"] == client


def test_an_address_that_is_none_keeps_the_server_from_starting(serving: Serving) -> None:
    with pytest.raises(ValueError, match="IPv4 or IPv6"), serving(forwarded_allow_ips="proxy.example"):
        pass


def test_a_websocket_gives_its_connection_back(serving: Serving) -> None:
    with serving(limits=Limits(connections_per_address=2)) as port:
        for _ in range(5):
            with connect(port) as client:
                client.sendall(UPGRADE)
                assert b" 101 " in client.recv(1000)
            assert eventually_served(port)
