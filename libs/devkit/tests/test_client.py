"""What a client repeats, and under which key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from devkit.client import Client, UnansweredError
from devkit.embedded import free_port

Answer = Callable[[], web.Response]


@asynccontextmanager
async def answering(*answers: Answer, patience: float = 20) -> AsyncIterator[tuple[Client, list[str]]]:
    """A client of a server that gives these answers in turn, the last one again and again; the keys of its requests."""
    keys: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        keys.append(request.headers["Idempotency-Key"])
        return answers[min(len(keys), len(answers)) - 1]()

    app = web.Application()
    app.router.add_route("*", "/path", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        async with aiohttp.ClientSession() as http:
            yield Client(http, f"http://127.0.0.1:{port}", patience=patience), keys
    finally:
        await runner.cleanup()


async def test_what_is_not_just_now_is_asked_again_under_the_same_key() -> None:
    later = [lambda status=status: web.Response(status=status) for status in (502, 503, 504)]
    async with answering(*later, lambda: web.json_response({"said": 1})) as (client, keys):
        assert await client.call("POST", "/path", {}) == {"said": 1}
        assert client.repeated == {"502": 1, "503": 1, "504": 1}
        assert len(keys) == 4 and len(set(keys)) == 1
        await client.call("POST", "/path", {})
        assert len(set(keys)) == 2, "another request has another key"


async def test_a_refusal_is_not_asked_again() -> None:
    async with answering(lambda: web.Response(status=422, text="no such thing")) as (client, keys):
        with pytest.raises(UnansweredError, match="422 no such thing"):
            await client.call("POST", "/path", {})
        assert len(keys) == 1


async def test_its_patience_ends() -> None:
    async with answering(lambda: web.Response(status=503), patience=0.3) as (client, keys):
        with pytest.raises(UnansweredError, match="503"):
            await client.call("GET", "/path")
        assert len(keys) > 1


async def test_a_server_that_is_away_is_asked_again() -> None:
    async with aiohttp.ClientSession() as http:
        client = Client(http, f"http://127.0.0.1:{free_port()}", patience=0.3)
        with pytest.raises(UnansweredError, match="ClientConnectorError"):
            await client.call("GET", "/path")
        assert client.repeated["ClientConnectorError"] > 1
