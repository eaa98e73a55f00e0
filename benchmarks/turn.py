"""HTTP turn latency and throughput, beside the floor measured in the same run. `python -m benchmarks.turn`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import aiohttp
import psutil
from devkit.embedded import free_port
from devkit.stack import Stack
from sqlalchemy.engine import make_url

from benchmarks.floor import ROLES, provision

CONCURRENCY = (1, 50, 200)
TURNS_PER_SESSION = 50
INSTANT = {name: f"benchmarks.instant_{name}" for name in ("interviewer", "coach")}
"""Engines that take no time, in place of the real ones."""
ROOT = Path(__file__).parents[1]
TEXT = "I built a payment service with retries, measured it for a month, and reduced failures by {} percent."
Turn = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Measured:
    """One run: latencies in milliseconds, and turns a second."""

    latencies: list[float]
    seconds: float

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, percent: float) -> float:
        return statistics.quantiles(self.latencies, n=1000)[min(998, int(percent * 10) - 1)]


async def measure(turns: list[Turn], seconds: float) -> Measured:
    """Each of `turns` over and over, side by side, for about `seconds`."""
    latencies: list[float] = []
    until = time.perf_counter() + seconds

    async def loop(turn: Turn) -> None:
        while time.perf_counter() < until:
            began = time.perf_counter()
            await turn()
            latencies.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    await asyncio.gather(*(loop(turn) for turn in turns))
    return Measured(latencies, time.perf_counter() - began)


class Candidate:
    """Answers question after question; begins a new session when one is used up."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self._url = http, url
        self._left = 0
        self._headers: dict[str, str] = {}

    async def begin(self) -> None:
        config = {"job_role": "Backend Engineer", "target_question_count": TURNS_PER_SESSION}
        async with self._http.post(f"{self._url}/interview/session", json=config) as response:
            self._headers = {"X-Session-ID": (await response.json())["session_id"]}
        async with self._http.post(f"{self._url}/interview/start", headers=self._headers) as response:
            assert response.status == 200, await response.text()
        self._left = TURNS_PER_SESSION

    async def turn(self) -> None:
        if self._left == 0:
            await self.begin()
        self._left -= 1
        body = {"message": TEXT.format(self._left)}
        async with self._http.post(f"{self._url}/interview/message", json=body, headers=self._headers) as response:
            assert response.status == 200, await response.text()
            await response.read()

    async def get(self, path: str) -> None:
        async with self._http.get(self._url + path, headers=self._headers) as response:
            assert response.status == 200, await response.text()
            await response.read()


@contextlib.asynccontextmanager
async def parley_turns(url: str, count: int) -> AsyncIterator[list[Turn]]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        candidates = [Candidate(http, url) for _ in range(count)]
        await asyncio.gather(*(candidate.begin() for candidate in candidates))
        yield [candidate.turn for candidate in candidates]


@contextlib.asynccontextmanager
async def floor_turns(url: str, count: int) -> AsyncIterator[list[Turn]]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:

        def candidate() -> Turn:
            address = f"{url}/{uuid4()}"

            async def turn() -> None:
                async with http.post(address, json={"message": TEXT.format(1)}) as response:
                    assert response.status == 200
                    await response.read()

            return turn

        yield [candidate() for _ in range(count)]


@contextlib.contextmanager
def floor_processes(stack: Stack) -> Iterator[tuple[str, dict[str, int]]]:
    asyncio.run(provision(stack.nats_url, stack.database_url))
    port = free_port()
    database = make_url(stack.database_url).set(username="floor", password="floor")
    env = os.environ | {
        "FLOOR_NATS": stack.nats_url,
        "FLOOR_DATABASE": database.render_as_string(hide_password=False),
        "FLOOR_PORT": str(port),
    }
    command = [sys.executable, "-m", "benchmarks.floor"]
    processes = {role: subprocess.Popen([*command, role], env=env) for role in ROLES}
    _wait_for_port(port)
    try:
        yield f"http://127.0.0.1:{port}", {role: process.pid for role, process in processes.items()}
    finally:
        for process in processes.values():
            process.terminate()
            process.wait()


def _wait_for_port(port: int, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def memory(stack: Stack) -> dict[str, float]:
    """Resident memory of each process, in MiB."""
    sizes = {}
    for name in ("gateway", "session", "interviewer", "coach", "documents", "nats"):
        pid = stack.pid_of(name) or stack.pid_of(INSTANT.get(name, name))
        if pid:
            sizes[name] = psutil.Process(pid).memory_info().rss / 2**20
    return sizes


def cpu_seconds(pids: dict[str, int]) -> dict[str, float]:
    """Processor time used so far by each process, in seconds."""
    used = {}
    for name, pid in pids.items():
        process = psutil.Process(pid)
        tree = [process, *process.children(recursive=True)] if name == "postgres" else [process]
        times = [each.cpu_times() for each in tree]
        used[name] = sum(each.user + each.system for each in times)
    return used


async def cpu_per_turn(stack: Stack, floor: str, floor_pids: dict[str, int], seconds: float, count: int = 50) -> None:
    """Print the processor time of a turn, by process: unlike latency, other load on the machine hardly moves it."""
    servers = {name: stack.pid_of(name) or 0 for name in ("nats", "postgres")}
    services = {name: stack.pid_of(INSTANT.get(name, name)) or 0 for name in ROLES}
    print(f"\nprocessor time per turn at {count} sessions, ms")
    for label, url, pids, factory in (
        ("floor", floor, servers | floor_pids, floor_turns),
        ("parley", stack.url, servers | services, parley_turns),
    ):
        async with factory(url, count) as turns:
            await asyncio.sleep(1)
            before = cpu_seconds(pids)
            done = len((await measure(turns, seconds)).latencies)
            after = cpu_seconds(pids)
        spent = {name: (after[name] - before[name]) / done * 1000 for name in pids}
        print(f"{label:8} {sum(spent.values()):6.2f} = " + " + ".join(f"{ms:.2f} {name}" for name, ms in spent.items()))


async def compare(parley: str, floor: str, seconds: float, rounds: int) -> None:
    print(f"{'sessions':>8} {'':10} {'p50 ms':>8} {'p99 ms':>8} {'turns/s':>8}")
    for count in CONCURRENCY:
        results: dict[str, list[Measured]] = {"floor": [], "parley": []}
        for _ in range(rounds):  # alternating, so that noise of the machine meets both
            async with floor_turns(floor, count) as turns:
                results["floor"].append(await measure(turns, seconds))
            async with parley_turns(parley, count) as turns:
                await asyncio.sleep(0.5)
                results["parley"].append(await measure(turns, seconds))
        best = {}
        for name, runs in results.items():
            p50 = statistics.median(run.percentile(50) for run in runs)
            p99 = statistics.median(run.percentile(99) for run in runs)
            rate = statistics.median(run.per_second for run in runs)
            best[name] = (p50, rate)
            print(f"{count:>8} {name:10} {p50:>8.2f} {p99:>8.2f} {rate:>8.0f}")
        latency, throughput = best["parley"][0] / best["floor"][0], best["parley"][1] / best["floor"][1]
        print(f"{count:>8} {'ratio':10} {latency:>8.2f} {'':8} {throughput:>8.2f}")


def main() -> None:
    """Run it and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="length of each run")
    parser.add_argument("--rounds", type=int, default=3, help="alternating runs of floor and Parley")
    parser.add_argument("--profile", action="store_true", help="where the time goes at 50 sessions, by py-spy")
    parser.add_argument("--cpu", action="store_true", help="only the processor time per turn")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        env = {"LOG_LEVEL": "WARNING", "PYTHONPATH": str(ROOT)}
        with Stack(Path(folder), env, modules=INSTANT) as stack, floor_processes(stack) as (floor, pids):
            print("resident memory when idle, MiB:", {name: round(size) for name, size in memory(stack).items()})
            if options.profile:
                from benchmarks.profile import profile

                asyncio.run(profile(stack, options.seconds))
                return
            asyncio.run(cpu_per_turn(stack, floor, pids, options.seconds))
            if not options.cpu:
                asyncio.run(compare(stack.url, floor, options.seconds, options.rounds))


if __name__ == "__main__":
    main()
