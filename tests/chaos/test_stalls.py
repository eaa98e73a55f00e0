"""One part after the other sleeps for nine seconds under probes, as a paused machine or a slow disk does it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from candidates import Candidate, pause
from devkit.stack import Stack

STALL = 9.0
NOTICED = 5.0
"""Seconds for which health may say that all is well while it is not."""
BACK = 5.0
"""Seconds after the stall within which everything works again."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stalls"), {"LOG_LEVEL": "WARNING"}) as running:
        yield running


@dataclass
class Probes:
    """What `/health` said, by the second."""

    http: aiohttp.ClientSession
    url: str
    said: list[tuple[float, bool]] = field(default_factory=list)

    async def run(self) -> None:
        while True:
            asked = time.monotonic()
            self.said.append((asked, await self.is_healthy()))
            await asyncio.sleep(max(0.0, asked + 0.5 - time.monotonic()))

    async def is_healthy(self) -> bool:
        try:
            async with self.http.get(self.url + "/health", timeout=aiohttp.ClientTimeout(total=2)) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def until_healthy(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not await self.is_healthy():
            assert time.monotonic() < deadline, f"not healthy within {seconds} s"
            await asyncio.sleep(0.1)

    def healthy_between(self, begin: float, end: float) -> list[float]:
        """When it said healthy, in seconds after `begin`."""
        return [round(at - begin, 1) for at, healthy in self.said if healthy and begin < at < end]


@pytest.mark.parametrize(
    ("victim", "stops_turns"),
    [
        ("nats", True),
        ("postgres", True),
        ("session", True),
        ("interviewer", True),
        ("gateway", True),
        ("coach", False),
        ("documents", False),
    ],
)
async def test_after_a_stall_everything_works_again_and_health_told_the_truth(
    stack: Stack, victim: str, stops_turns: bool
) -> None:
    async with aiohttp.ClientSession() as http:
        probes, candidate = Probes(http, stack.url), Candidate(http, stack.url, number=1)
        await candidate.begin(10)
        await probes.until_healthy(10)
        probing = asyncio.create_task(probes.run())
        begin = time.monotonic()
        assert await pause(stack, victim, STALL)
        end = time.monotonic()
        async with asyncio.timeout(BACK):
            await probes.until_healthy(BACK)
            reply = await candidate.say("I built a queue that halved our losses.")
        assert reply["response_type"] in ("question", "follow_up", "clarification")
        probing.cancel()
        if stops_turns:
            lied = probes.healthy_between(begin + NOTICED, end)
            assert not lied, f"healthy at {lied} s, and nothing worked"
        else:
            assert probes.healthy_between(begin + NOTICED, end), "turns succeed without it"
