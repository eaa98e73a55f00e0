"""What probes tell: the last results of tests that run in the background, and nothing that is too old."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from runtime import health
from runtime.health import Monitor, Unhealthy, health_app, probes


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test every 20 ms that may take 50."""
    for name, value in {"EVERY": 0.02, "SOON": 0.01, "TIMEOUT": 0.05, "_STALE": 0.2}.items():
        monkeypatch.setattr(health, name, value)


@asynccontextmanager
async def running(monitor: Monitor) -> AsyncIterator[None]:
    task = asyncio.create_task(monitor.run())
    try:
        yield
    finally:
        task.cancel()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 (it asks)
            await asyncio.sleep(0.005)


async def good() -> None:
    pass


async def bad() -> None:
    raise ConnectionError("where it is")


class Switch:
    """A part that is as it is told."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.abandoned = 0

    async def check(self) -> None:
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.abandoned += 1
            raise


async def test_nothing_is_healthy_before_it_was_tested() -> None:
    monitor = Monitor({"part": good})
    assert monitor.results() == {"part": "not tested yet"}
    assert not monitor.works
    async with running(monitor):
        await until(lambda: monitor.works)


async def test_a_part_that_does_not_answer_fails_while_it_does_not_and_no_test_is_abandoned() -> None:
    part = Switch()
    monitor = Monitor({"part": part.check})
    async with running(monitor):
        await until(lambda: monitor.works)
        part.gate.clear()
        await until(lambda: not monitor.works)
        assert monitor.results()["part"].startswith("no answer for")
        await asyncio.sleep(0.3)
        assert part.abandoned == 0
        part.gate.set()
        await until(lambda: monitor.works)


async def test_a_failure_is_told_by_its_type_or_in_words_that_are_meant_to_be_told() -> None:
    async def full() -> None:
        raise Unhealthy("the event stream is full")

    monitor = Monitor({"a": bad, "b": full})
    async with running(monitor):
        await until(lambda: "not tested yet" not in monitor.results().values())
        assert monitor.results() == {"a": "ConnectionError", "b": "the event stream is full"}


async def test_one_part_that_hangs_hides_nothing_of_the_others() -> None:
    part = Switch()
    part.gate.clear()
    monitor = Monitor({"hangs": part.check, "works": good})
    async with running(monitor):
        await until(lambda: monitor.results()["works"] == "ok" and monitor.results()["hangs"].startswith("no answer"))


async def test_old_results_say_nothing() -> None:
    monitor = Monitor({"part": good})
    async with running(monitor):
        await until(lambda: monitor.works)
    await asyncio.sleep(0.3)
    assert monitor.results() == {"part": "not tested lately"}


async def test_parts_that_are_only_shown_change_nothing() -> None:
    monitor = Monitor({"needed": good, "beside": bad}, essential=lambda name: name != "beside")
    async with running(monitor):
        await until(lambda: monitor.works and monitor.results()["beside"] == "ConnectionError")


@pytest.mark.parametrize(
    ("parts", "draining", "always", "expected"),
    [
        (good, False, False, {"/health/live": 200, "/health/ready": 200, "/health": 200}),
        (bad, False, False, {"/health/live": 200, "/health/ready": 503, "/health": 503}),
        (bad, False, True, {"/health/live": 200, "/health/ready": 200, "/health": 503}),
        (good, True, True, {"/health/live": 200, "/health/ready": 503, "/health": 503}),
    ],
    ids=["well", "a part is away", "a gateway without its parts", "about to stop"],
)
async def test_three_probes_ask_three_questions(
    parts: Callable[[], Awaitable[None]], draining: bool, always: bool, expected: dict[str, int]
) -> None:
    monitor = Monitor({"part": parts})
    monitor.draining = draining
    async with running(monitor):
        await until(lambda: monitor.results()["part"] != "not tested yet")
        assert {path: await status_of(monitor, path, always=always) for path in expected} == expected


async def status_of(monitor: Monitor, path: str, *, always: bool) -> int:
    statuses: list[int] = []

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(int(str(message["status"])))

    await health_app(probes("x", monitor, always_ready=always))({"type": "http", "path": path}, None, send)
    return statuses[0]


FULL_DISK = """
import asyncio
from runtime import health
from runtime.settings import RuntimeSettings
from runtime.telemetry import configure_logging

health.EVERY = health.SOON = 0.01
results = ["bad", "ok", "bad", "ok"]

async def check():
    if results and results.pop() == "bad":
        raise ConnectionError

async def main():
    monitor = health.Monitor({"broker": check})
    running = asyncio.create_task(monitor.run())
    while results or not monitor.ready:
        await asyncio.sleep(0.01)
        assert not running.done(), running.exception()

configure_logging("session", RuntimeSettings())
asyncio.run(main())
"""


def test_parts_are_tested_on_though_what_is_logged_about_them_cannot_be_written() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-u", "-c", FULL_DISK], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30
        )
    assert done.returncode == 0, done.stderr
