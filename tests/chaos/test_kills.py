"""Everything is killed and paused while people are interviewed. Nothing acknowledged is lost, said twice or left open.

`make chaos` does it with more people for longer: CHAOS_INTERVIEWS and CHAOS_SECONDS.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import aiohttp
import pytest
from candidates import (
    QUESTIONS,
    Candidate,
    all_reports_recorded,
    check_history,
    events_by_session,
    everything_twice,
    pause,
)
from devkit.stack import Stack

INTERVIEWS = int(os.environ.get("CHAOS_INTERVIEWS") or 50)
SECONDS = float(os.environ.get("CHAOS_SECONDS") or 60)
LONGEST_PAUSE = 9.0
VICTIMS = ("gateway", "session", "interviewer", "coach", "documents", "speech", "nats", "postgres")


@pytest.fixture
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("chaos"), {"LOG_LEVEL": "WARNING"}) as running:
        yield running


async def trouble_at_random(stack: Stack, seconds: float, chance: random.Random) -> tuple[Counter[str], Counter[str]]:
    """Every victim is killed and paused at least once, in random order, at random moments."""
    killed, paused = Counter[str](), Counter[str]()
    until = time.monotonic() + seconds
    queue: list[tuple[str, bool]] = []
    while time.monotonic() < until or min(len(killed), len(paused)) < len(VICTIMS):
        await asyncio.sleep(chance.uniform(0.5, 3.0))
        if not queue:
            queue = [(victim, kills) for victim in VICTIMS for kills in (True, False)]
            chance.shuffle(queue)
        victim, kills = queue.pop()
        if kills:
            number = signal.SIGTERM if victim == "nats" and chance.random() < 0.3 else signal.SIGKILL
            killed[victim] += stack.kill(victim, number)
        else:
            paused[victim] += await pause(stack, victim, chance.uniform(1, LONGEST_PAUSE))
    return killed, paused


async def probe_for_ever(stack: Stack) -> None:
    """As an orchestrator does, every second: a probe must not harm what it looks at."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as http:
        while True:
            for path in ("/health", "/health/ready", "/health/live"):
                try:
                    async with http.get(stack.url + path) as response:
                        assert response.status in (200, 503)
                except (aiohttp.ClientError, TimeoutError):
                    pass
            await asyncio.sleep(1)


@pytest.mark.timeout(SECONDS + 400)
async def test_interviews_survive_the_death_and_the_sleep_of_everything(stack: Stack) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    probing = asyncio.create_task(probe_for_ever(stack))
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
        everything_twice(stack) as copies,
    ):
        candidates = [Candidate(http, stack.url, number=number, longest=SECONDS / 6) for number in range(INTERVIEWS)]
        interviews = asyncio.gather(*(candidate.interview() for candidate in candidates))
        killed, paused = await trouble_at_random(stack, SECONDS, random.Random(seed))
        await interviews
    assert not probing.done(), probing.result()
    probing.cancel()
    assert min(copies[owner] for owner in ("gateway", "session", "interviewer", "coach")) > 0
    await all_reports_recorded(stack)
    histories = await events_by_session(stack)
    assert len(histories) == INTERVIEWS
    for candidate in candidates:
        check_history(candidate, histories[UUID(candidate.session_id)])
    slowest = max(candidate.slowest for candidate in candidates)
    print(f"killed {dict(killed)}; paused {dict(paused)}; copies {dict(copies)}; slowest answer {slowest:.1f} s")


SOON = 20.0
"""Seconds: ten on a machine of its own, and a busy one takes some to start a process. Asking again takes 45."""


@pytest.mark.parametrize("worker", ["interviewer", "session"])
async def test_a_turn_whose_worker_was_killed_is_answered_soon(stack: Stack, worker: str) -> None:
    async with aiohttp.ClientSession() as http:
        candidate = Candidate(http, stack.url, number=0)
        await candidate.begin(QUESTIONS)
        # Stopped first, the worker takes the message from the broker and can do nothing with it any more.
        text = "I have ten years of experience and built payment systems."
        if worker == "interviewer":
            stack.kill(worker, signal.SIGSTOP)
        answering = asyncio.create_task(candidate.say(text))
        if worker == "session":
            await asyncio.sleep(random.uniform(0, 0.02))
        else:
            await asyncio.sleep(0.3)
        began = time.monotonic()
        assert stack.kill(worker)
        reply = await answering
        assert reply["response_type"] in ("question", "follow_up")
        assert time.monotonic() - began < SOON
