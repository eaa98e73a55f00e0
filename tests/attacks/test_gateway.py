"""Attacks on a whole Parley by strangers without an account. Somebody polite is answered meanwhile."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from devkit.stack import Stack

from .conftest import DEADLINE, Answer, answers, ask, connect, next_answer, received, send

KIB = 1024
UPLOADS = "/files/upload-resume"
FORM_HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="cv.txt"\r\n\r\n'


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("attacked"), {"LOG_FORMAT": "json"}) as running:
        yield running


def post(path: str, body: bytes, content_type: str = "application/json", **headers: str) -> bytes:
    """A request that says how long its body is, and ends the connection."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = [f"POST {path} HTTP/1.1", "Host: parley", f"Content-Type: {content_type}", *lines]
    return "\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body


def exchange(port: int, request: bytes) -> Answer:
    with connect(port) as connection:
        connection.sendall(request.replace(b"Host: parley\r\n", b"Host: parley\r\nConnection: close\r\n"))
        [answer] = answers(received(connection))
    return answer


def form(size: int) -> bytes:
    return FORM_HEAD + b"x" * size + b"\r\n--b--\r\n"


def test_an_endless_head_stops_nobody(stack: Stack) -> None:
    with contextlib.ExitStack() as attack:
        attackers = [attack.enter_context(connect(stack.port)) for _ in range(5)]
        for attacker in attackers:
            attacker.sendall(b"GET /auth/me HTTP/1.1\r\nHost: parley\r\nX-Large: ")
            send(attacker, b"a" * 64 * KIB, most=16 * KIB * KIB, seconds=1)
            assert ask(stack.port, "/health/live").status == 200
        assert all(answers(received(attacker))[-1].status == 431 for attacker in attackers)


def test_half_uploads_of_one_caller_keep_nobody_out(stack: Stack) -> None:
    whole = post(UPLOADS, form(1000), "multipart/form-data; boundary=b")
    with contextlib.ExitStack() as attack:
        attackers = [attack.enter_context(connect(stack.port)) for _ in range(80)]
        for attacker in attackers:
            attacker.sendall(whole[:-500])
        refused = attackers[-1]
        assert next_answer(refused).status == 429
        with socket.create_connection(
            ("127.0.0.1", stack.port), 3 * DEADLINE, source_address=("127.0.0.9", 0)
        ) as other:
            other.sendall(whole.replace(b"Host: parley\r\n", b"Host: parley\r\nConnection: close\r\n"))
            assert [answer.status for answer in answers(received(other))] == [200]


def test_who_hangs_up_half_way_leaves_no_line(stack: Stack) -> None:
    before = stack.log.read_text()
    for path, content_type in (
        ("/interview/session", "application/json"),
        (UPLOADS, "multipart/form-data; boundary=b"),
    ):
        for _ in range(10):
            with connect(stack.port) as rude:
                rude.sendall(post(path, form(1000), content_type)[:-500])
    until = time.monotonic() + DEADLINE
    while measured(stack, "499") < 20 and time.monotonic() < until:
        time.sleep(0.1)
    assert measured(stack, "499") >= 20
    assert stack.log.read_text() == before


def measured(stack: Stack, status: str) -> float:
    """How many requests ended so."""
    metrics = ask(stack.port, "/metrics").body.decode()
    found = re.findall(rf'parley_http_seconds_count{{[^}}]*status="{status}"}} ([\d.]+)', metrics)
    return sum(float(each) for each in found)


BAD = [
    ("/interview/session", rb'{"domains": ["\ud800"]}'),
    ("/interview/session", rb'{"domains": ["a\u0000"]}'),
    ("/interview/session", rb'{"a\u0000": 1}'),
    ("/interview/session?job_role=%00", b"{}"),
    ("/auth/login", rb'{"email": "a@b.org", "password": "\u0000"}'),
    ("/interview/%00", b"{}"),
]


@pytest.mark.parametrize(("path", "body"), BAD)
def test_bad_input_is_400_and_the_connection_stays_good(stack: Stack, path: str, body: bytes) -> None:
    with connect(stack.port) as connection:
        connection.sendall(post(path, body))
        refused = next_answer(connection)
        assert refused.status == 400 and refused.detail
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: parley\r\n\r\n")
        assert next_answer(connection).status == 200


def test_two_strangers_with_the_same_key_have_two_interviews(stack: Stack) -> None:
    def created(key: str) -> str:
        answer = exchange(stack.port, post("/interview/session", b"{}", Idempotency_Key=key, User_Agent="Browser"))
        return str(json.loads(answer.body)["session_id"])

    assert created("1") != created("1")
    mine = str(uuid4())
    assert created(mine) == created(mine)


def test_two_strangers_with_the_same_key_have_two_documents(stack: Stack) -> None:
    def uploaded(key: str, content: int) -> Answer:
        body = form(content)
        request = post(UPLOADS, body, "multipart/form-data; boundary=b", Idempotency_Key=key, User_Agent="Browser")
        return exchange(stack.port, request)

    assert [uploaded("1", 100).status, uploaded("1", 200).status] == [200, 200]
    mine = str(uuid4())
    assert [uploaded(mine, 100).status, uploaded(mine, 200).status] == [200, 409]


def test_what_is_answered_is_for_one_person(stack: Stack) -> None:
    for path in ("/auth/me", "/health/live", "/nothing", "/interview/history"):
        headers = ask(stack.port, path).headers
        assert headers["cache-control"] == "no-store" and headers["x-content-type-options"] == "nosniff"


def test_nothing_that_people_send_is_fetched(stack: Stack) -> None:
    """Addresses in a document or a configuration lead nowhere."""
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.1)
        address = f"http://127.0.0.1:{trap.getsockname()[1]}/metadata"
        page = (
            f'<html><head><link rel="stylesheet" href="{address}"><base href="{address}"></head><body>'
            f'<img src="{address}"><iframe src="{address}"></iframe><p>Experience: {address}</p></body></html>'
        ).encode()
        head = FORM_HEAD.replace(b"cv.txt", b"cv.html")
        sent = exchange(stack.port, post(UPLOADS, head + page + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"))
        assert sent.status == 200
        config = {"job_description": address, "resume_content": address, "job_role": address, "resume_id": None}
        made = exchange(stack.port, post("/interview/session", json.dumps(config).encode(), "application/json"))
        assert made.status == 200
        with pytest.raises(TimeoutError):
            trap.accept()
