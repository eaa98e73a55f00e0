"""Two hundred chats and two hundred interviews by request at once, beside one who floods and one who reads nothing.

`python -m benchmarks.crowd`. Prints how long a turn takes for the others, quietly and beside those two, the ratio of
both (the target is 2 at most), and what an open chat costs the gateway in memory. Candidates think for some seconds
between two answers, as people do, and have an address each, which a trusted proxy would tell.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from devkit.stack import Stack

CHATS, REQUESTS = 200, 200
THINKING = 12.0
"""Seconds between two answers of a candidate, on average."""
TARGET = 2.0
ANSWER = "I measured the queries first, then I changed index number {}, which cut the waiting time by a third."
SETTINGS = {
    "ENV": "production",
    "JWT_SECRET": "a secret of the benchmark, which is long enough",
    "ALLOW_ANONYMOUS": "true",
    "LOG_LEVEL": "ERROR",
    "FORWARDED_ALLOW_IPS": "127.0.0.1",
}
"""The limits are those of production: they are what keeps one client from taking the time of all others."""
CONFIG = {"target_question_count": 50}


@dataclass
class Times:
    """How long turns took, in milliseconds."""

    chat: list[float] = field(default_factory=list)
    request: list[float] = field(default_factory=list)

    def percentile(self, kind: str, percent: int) -> float:
        """0 without any turn."""
        found: list[float] = getattr(self, kind)
        return statistics.quantiles(found, n=100)[percent - 1] if len(found) > 1 else 0.0


@dataclass
class Person:
    """One candidate, with an address of their own."""

    http: aiohttp.ClientSession
    url: str
    number: int
    said: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """Where they are."""
        return {"X-Forwarded-For": f"10.0.{self.number // 250}.{self.number % 250 + 1}"}

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """A request that has to succeed."""
        async with self.http.post(self.url + path, json=body, headers={**self.headers, **headers}) as response:
            answer = await response.json()
            if response.status >= 300:
                raise RuntimeError(f"{path}: {response.status} {answer}")
            return answer

    def answer(self) -> str:
        """Other words each time."""
        self.said += 1
        return ANSWER.format(1000 * self.number + self.said)

    async def think(self) -> None:
        """For a while."""
        await asyncio.sleep(random.uniform(0.5, 1.5) * THINKING)

    async def by_request(self, times: Times) -> None:
        """Hold an interview by request and answer."""
        header = {"X-Session-ID": (await self.post("/interview/session", CONFIG))["session_id"]}
        await self.post("/interview/start", **header)
        while True:
            await self.think()
            began = time.perf_counter()
            await self.post("/interview/message", {"message": self.answer()}, **header)
            times.request.append((time.perf_counter() - began) * 1000)

    async def by_chat(self, times: Times) -> None:
        """Hold an interview by live chat."""
        interview_id = (await self.post("/api/v1/interview/start", CONFIG))["interview_id"]
        url = f"{self.url}/api/v1/interview/{interview_id}/chat"
        async with self.http.ws_connect(url, headers=self.headers) as chat:
            await _reply(chat)
            while True:
                await self.think()
                began = time.perf_counter()
                await chat.send_json({"type": "final", "payload": self.answer(), "is_final": True})
                await _reply(chat)
                times.chat.append((time.perf_counter() - began) * 1000)

    async def flood(self, times: Times) -> None:
        """Ask and say as much as goes, by request and over a chat."""
        header = {"X-Session-ID": (await self.post("/interview/session", CONFIG))["session_id"]}
        await self.post("/interview/start", **header)
        interview_id = (await self.post("/api/v1/interview/start", CONFIG))["interview_id"]
        url = f"{self.url}/api/v1/interview/{interview_id}/chat"
        async with asyncio.TaskGroup() as group:
            for _ in range(4):
                group.create_task(self._ask_on_and_on(header))
            await self._send_on_and_on(url, {"type": "chunk", "payload": "word " * 20}, 0.001)

    async def _send_on_and_on(self, url: str, message: Any, pause: float) -> None:
        """Over a chat that nobody reads; who is thrown out comes back."""
        while True:
            with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                async with self.http.ws_connect(url, headers=self.headers) as chat:
                    while True:
                        await chat.send_json(message)
                        await asyncio.sleep(pause)
            await asyncio.sleep(0.1)

    async def _ask_on_and_on(self, header: dict[str, str]) -> None:
        while True:
            url = f"{self.url}/interview/history"
            async with self.http.get(url, headers={**self.headers, **header}) as response:
                await response.read()

    async def read_nothing(self, times: Times) -> None:
        """Open a chat and an event stream, say on and on, and never read what comes."""
        interview_id = (await self.post("/api/v1/interview/start", CONFIG))["interview_id"]
        host, _, port = self.url.removeprefix("http://").partition(":")
        events = socket.create_connection((host, int(port)))
        events.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        path = f"/api/v1/sessions/{interview_id}/events"
        events.sendall(f"GET {path} HTTP/1.1\r\nHost: parley\r\nX-Forwarded-For: 10.9.9.9\r\n\r\n".encode())
        with contextlib.closing(events):
            url = f"{self.url}/api/v1/interview/{interview_id}/chat"
            await self._send_on_and_on(url, {"type": "control", "payload": "repeat"}, 0.01)


async def _reply(chat: aiohttp.ClientWebSocketResponse) -> None:
    while True:
        message = await chat.receive_json()
        if message["type"] == "llm_response" and not message.get("tentative"):
            return


@asynccontextmanager
async def present(url: str, *ways: str, first: int = 0) -> AsyncIterator[Times]:
    """While one person for each way is there."""
    times = Times()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=120)) as http:
        people = [Person(http, url, first + number) for number in range(len(ways))]
        tasks = [asyncio.create_task(getattr(person, way)(times)) for person, way in zip(people, ways, strict=True)]
        try:
            yield times
            for task in tasks:
                if task.done():
                    task.result()  # nobody leaves early
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def intruders(url: str) -> AsyncIterator[None]:
    """In a process of their own: what they cost themselves is not in the times of the others."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.crowd", "--intrude", url)
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def intrude(url: str) -> None:
    """Until the process is ended."""
    async with present(url, "flood", "read_nothing", first=5000):
        await asyncio.Event().wait()


def memory(stack: Stack) -> float:
    """Of the gateway, in MiB."""
    return float(psutil.Process(stack.pid_of("gateway")).memory_info().rss / 1024 / 1024)


async def measured(times: Times, seconds: float) -> Times:
    """The turns of the next seconds."""
    times.chat.clear()
    times.request.clear()
    await asyncio.sleep(seconds)
    return Times(list(times.chat), list(times.request))


async def compare(stack: Stack, seconds: float) -> None:
    """Print both, and their ratio."""
    before = memory(stack)
    async with present(stack.url, *["by_chat"] * CHATS) as times:
        await asyncio.sleep(2 * THINKING)
        print(f"memory of an open chat: {(memory(stack) - before) * 1024 / CHATS:.0f} KiB")
    async with present(stack.url, *["by_chat"] * CHATS, *["by_request"] * REQUESTS, first=CHATS) as times:
        await asyncio.sleep(2 * THINKING)
        quiet = await measured(times, seconds)
        async with intruders(stack.url):
            await asyncio.sleep(2)
            beside = await measured(times, seconds)
    for kind in ("chat", "request"):
        ratio = beside.percentile(kind, 99) / quiet.percentile(kind, 99)
        print(f"{kind:<8} quiet {_shown(quiet, kind)}   beside {_shown(beside, kind)}   ratio {ratio:4.1f}", end="")
        print("" if ratio <= TARGET else f"  above the target of {TARGET:g}")


def _shown(times: Times, kind: str) -> str:
    count = len(getattr(times, kind))
    return f"p50 {times.percentile(kind, 50):6.1f} p99 {times.percentile(kind, 99):7.1f} ms of {count} turns"


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=40, help="of each measurement")
    parser.add_argument("--intrude", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.intrude:
        asyncio.run(intrude(options.intrude))
        return
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder), SETTINGS) as stack:
        asyncio.run(compare(stack, options.seconds))


if __name__ == "__main__":
    main()
