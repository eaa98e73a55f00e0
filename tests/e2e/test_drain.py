"""A gateway that is told to stop finishes what it began, and says first that it takes nothing new."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from devkit.processes import runs
from devkit.stack import Stack

ANSWER = "I wrote the migration myself, and measured the queries before and after it."


@pytest.fixture(scope="module")
def draining(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("drain"), {"DRAIN_SECONDS": "3"}) as running:
        yield running


async def until(condition: Any, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "it did not come about"
        await asyncio.sleep(0.1)


async def test_turns_in_flight_are_answered_and_streams_end(draining: Stack, client_of: Any, hanging: Any) -> None:
    client = client_of(draining)
    session_id = await client.begin()
    gateway = draining.pid_of("gateway")
    assert gateway

    async def is_not_ready() -> bool:
        return bool((await client.get("/health/ready")).status == 503)

    async def is_gone() -> bool:
        return not runs(gateway)

    async with client.listening(session_id) as listener:
        with hanging(draining, "interviewer"):
            turn = asyncio.create_task(client.say(ANSWER))
            await asyncio.sleep(0.5)
            os.kill(gateway, signal.SIGTERM)
            await until(is_not_ready, 2)
            # A balancer learns it late: what it still sends is answered.
            assert (await client.get("/interview/history")).status == 200
            await asyncio.sleep(4)
            with pytest.raises(aiohttp.ClientError):
                await client.having().get("/")
            assert not turn.done()
        assert (await turn).status == 200
        assert await ended(listener)
    await until(is_gone)


async def ended(listener: Any) -> bool:
    """Whether the stream comes to a clean end."""
    while await listener.read(10) is not None:
        pass
    return True


async def test_a_chat_is_told_to_come_back(draining: Stack, client_of: Any) -> None:
    client = client_of(draining)

    async def is_healthy() -> bool:
        try:
            return bool((await client.get("/health")).status == 200)
        except aiohttp.ClientError:
            return False

    await until(is_healthy, 30)
    session_id = await client.begin()
    url = f"{draining.url}/api/v1/interview/{session_id}/chat".replace("http", "ws", 1)
    async with client.http.ws_connect(url) as socket:
        assert json.loads((await socket.receive()).data)["type"]
        os.kill(draining.pid_of("gateway") or 0, signal.SIGTERM)
        async with asyncio.timeout(15):
            async for _ in socket:
                pass
        assert socket.close_code == 1012, "service restart: try again"
