"""Requests while what all of them need is away: given up soon, with what is true of them, and never in the middle."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from gateway.edge import outages
from gateway.edge.errors import UNAVAILABLE
from gateway.edge.limits import RateLimiter
from gateway.edge.middleware import Edge
from gateway.edge.outages import Outages
from gateway.problems import if_given_up
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse

SENTENCE = "Send it again: it counts once."


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outages, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(outages, "AT_ONCE", 0.05)
    monkeypatch.setattr(outages, "STILL", 0.1)


class Parts:
    """What everybody needs."""

    away = False

    def is_away(self) -> bool:
        return self.away


@pytest.fixture
def parts() -> Parts:
    return Parts()


@pytest.fixture
async def watched(parts: Parts) -> Any:
    known = Outages(parts.is_away)
    async with known.watching():
        yield known


class Route:
    """Waits until it is let go, having begun what it may have begun. It takes its time to end, too."""

    def __init__(self, sentence: str = "", *, stubborn: bool = False) -> None:
        self.sentence = sentence
        self.stubborn = stubborn
        self.go = asyncio.Event()
        self.ended = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            if self.sentence:
                if_given_up(self.sentence)
            await self.go.wait()
            await PlainTextResponse("done")(scope, receive, send)
        finally:
            if self.stubborn:
                await asyncio.sleep(0.5)
            self.ended.set()


def behind(app: Any, known: Outages) -> Edge:
    return Edge(app, max_body=1000, limiter=RateLimiter({}), tracer=None, outages=known)


async def eventually(condition: Any) -> None:
    async with asyncio.timeout(5):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("stubborn", [False, True])
@pytest.mark.parametrize(("sentence", "told"), [("", UNAVAILABLE), (SENTENCE, SENTENCE)])
async def test_who_waits_is_told_what_is_true(
    call: Any, watched: Outages, parts: Parts, sentence: str, told: str, stubborn: bool
) -> None:
    route = Route(sentence, stubborn=stubborn)
    waiting = asyncio.create_task(call(behind(route, watched), "GET", "/"))
    await asyncio.sleep(0.05)
    parts.away = True
    answer = await waiting
    assert (answer.status, answer.json["detail"], answer.headers["retry-after"]) == (503, told, "2")
    assert route.ended.is_set() is not stubborn, "nobody waits for it to end"
    await asyncio.wait_for(route.ended.wait(), 5)


async def test_who_comes_later_gets_a_moment(call: Any, watched: Outages, parts: Parts) -> None:
    parts.away = True
    await eventually(lambda: watched._away)
    quick = Route()
    quick.go.set()
    assert (await call(behind(quick, watched), "GET", "/")).status == 200, "it may be over, or have been none"
    assert (await call(behind(Route(), watched), "GET", "/")).status == 503


async def test_an_outage_that_is_over_in_time_was_none(call: Any, watched: Outages, parts: Parts) -> None:
    route = Route()
    waiting = asyncio.create_task(call(behind(route, watched), "GET", "/"))
    await asyncio.sleep(0.02)
    parts.away = True
    await eventually(lambda: watched._away)
    parts.away = False
    await eventually(lambda: not watched._away)
    await asyncio.sleep(0.1)
    route.go.set()
    assert (await waiting).status == 200 and not watched._waiting


async def test_a_body_that_is_on_its_way_is_the_clients_time(watched: Outages, parts: Parts) -> None:
    parts.away = True
    await eventually(lambda: watched._away)
    arrived, sent = asyncio.Event(), list[Any]()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = await receive()
        await JSONResponse({"size": len(body["body"])})(scope, receive, send)

    async def receive() -> Any:
        await arrived.wait()
        return {"type": "http.request", "body": b"12345", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": [(b"content-length", b"5")]}
    asked = asyncio.create_task(behind(app, watched)(scope, receive, send))
    await asyncio.sleep(0.2)
    arrived.set()
    await asked
    assert sent[0]["status"] == 200


async def test_an_answer_that_has_begun_goes_on(call: Any, watched: Outages, parts: Parts) -> None:
    begun = asyncio.Event()

    async def pieces() -> Any:
        yield "one "
        begun.set()
        await asyncio.sleep(0.2)
        yield "two"

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await StreamingResponse(pieces(), media_type="text/plain")(scope, receive, send)

    waiting = asyncio.create_task(call(behind(app, watched), "GET", "/"))
    await begun.wait()
    parts.away = True
    answer = await waiting
    assert (answer.status, answer.body) == (200, b"one two")


async def test_a_look_that_comes_late_says_nothing(
    watched: Outages, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "STALLED_SECONDS", 0.0)
    parts.away = True
    await asyncio.sleep(0.1)
    assert not watched._away
