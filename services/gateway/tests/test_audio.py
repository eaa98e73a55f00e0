"""Addresses that play a message, and parts of a file."""

from __future__ import annotations

from uuid import uuid4

import pytest
from gateway.auth.audio_links import PATH, AudioLinks
from gateway.auth.settings import IdentitySettings
from gateway.edge.ranges import ranged
from gateway.problems import Problem
from pydantic import SecretStr

SECRET, OTHER = "the secret of the tests, " * 3, "another secret, quite as long, " * 3
DATA = bytes(range(10))


def links(secret: str = SECRET, now: float = 4_000_000_000.0, lifetime: float = 60) -> AudioLinks:
    return AudioLinks(IdentitySettings(jwt_secret=SecretStr(secret)), lifetime, lambda: now)


def token(path: str) -> str:
    return path.removeprefix(PATH)


def test_an_address_opens_its_message_and_nothing_else() -> None:
    session_id = uuid4()
    good = token(links().path(session_id, 7))
    assert links().opened(good) == (session_id, 7)
    head, _, signature = good.rpartition(".")
    session, seq, expires = head.split(".")
    forged = [
        f"{session}.8.{expires}.{signature}", f"{session}.{seq}.{int(expires) + 1}.{signature}",
        f"{uuid4().hex}.{seq}.{expires}.{signature}", head, "", good + "x", token(links(OTHER).path(session_id, 7)),
    ]  # fmt: skip
    for each in forged:
        with pytest.raises(Problem) as problem:
            links().opened(each)
        assert problem.value.status == 404


def test_an_address_expires() -> None:
    with pytest.raises(Problem):
        links().opened(token(links(now=1_000_000_000.0).path(uuid4(), 7)))


@pytest.mark.parametrize(
    ("wanted", "status", "body", "part"),
    [
        (None, 200, DATA, None),
        ("bytes=0-", 206, DATA, "bytes 0-9/10"),
        ("bytes=2-4", 206, DATA[2:5], "bytes 2-4/10"),
        ("bytes=8-99", 206, DATA[8:], "bytes 8-9/10"),
        ("bytes=-3", 206, DATA[7:], "bytes 7-9/10"),
        ("bytes=-30", 206, DATA, "bytes 0-9/10"),
        ("bytes=0-1,4-5", 200, DATA, None),
        ("lines=1-2", 200, DATA, None),
        ("bytes=-", 200, DATA, None),
    ],
)
def test_a_part_of_a_file(wanted: str | None, status: int, body: bytes, part: str | None) -> None:
    answer = ranged(DATA, "audio/mpeg", wanted, {"Cache-Control": "private"})
    assert (answer.status_code, bytes(answer.body), answer.headers.get("content-range")) == (status, body, part)
    assert answer.headers["accept-ranges"] == "bytes" and answer.headers["cache-control"] == "private"


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=99-100", "bytes=5-2", "bytes=-0"])
def test_a_part_behind_the_end(wanted: str) -> None:
    with pytest.raises(Problem) as problem:
        ranged(DATA, "audio/mpeg", wanted, {})
    assert problem.value.status == 416 and problem.value.headers == {"Content-Range": "bytes */10"}
