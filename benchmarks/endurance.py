"""Memory over 10,000 turns, and how long reads take under that load. `python -m benchmarks.endurance`."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
from devkit.stack import Stack
from sqlalchemy.engine import make_url

from benchmarks.turn import Candidate, memory

SESSIONS = 50
ROUTES = ("/interview/history", "/interview/per-turn-feedback", "/interview/stats", "/interview/final-summary-status")
QUERIES = {
    "one session's events": "SELECT * FROM session.load(NULL, $1, 0)",
    "one session's messages": "SELECT * FROM session.messages WHERE session_id = $1 ORDER BY seq",
    "one session's feedback": "SELECT * FROM session.feedback WHERE session_id = $1",
    "a whole conversation in one row": "SELECT * FROM session.interview_sessions WHERE session_id = $1",
    "what came of a request": "SELECT * FROM session.load(NULL, $1, 0) WHERE correlation_id = $1",
}


class Probe:
    """Times of reads, in milliseconds, by what was read."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)

    async def time(self, name: str, doing: Any) -> None:
        began = time.perf_counter()
        await doing
        self.times[name].append((time.perf_counter() - began) * 1000)

    def print(self) -> None:
        print(f"{'read under load':36} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8} {'count':>7}")
        for name, values in self.times.items():
            p99 = statistics.quantiles(values, n=100)[98]
            print(f"{name:36} {statistics.median(values):8.1f} {p99:8.1f} {max(values):8.1f} {len(values):7}")


async def read_over_http(probe: Probe, candidates: list[Candidate], stop: asyncio.Event) -> None:
    while not stop.is_set():
        for number, route in enumerate(ROUTES):
            candidate = candidates[(len(probe.times[route]) * 7 + number) % len(candidates)]
            await probe.time(route, candidate.get(route))
        await asyncio.sleep(0.05)


async def read_from_postgres(probe: Probe, url: str, owner: str, stop: asyncio.Event) -> None:
    """The queries behind the reads, in the service's own role."""
    connection = await asyncpg.connect(url)
    sessions = []
    while not stop.is_set():
        if not sessions:
            sessions = await _sessions(owner)
        session_id = sessions.pop()
        for name, query in QUERIES.items():
            async with connection.transaction():
                await connection.execute("SELECT set_config('parley.session_id', $1, true)", str(session_id))
                await probe.time(name, connection.fetch(query, session_id))
        await asyncio.sleep(0.05)
    await connection.close()


async def _sessions(url: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT session_id FROM session.sessions ORDER BY version DESC LIMIT 200")
    await connection.close()
    return [row["session_id"] for row in rows]


async def run(stack: Stack, turns: int) -> None:
    service = make_url(stack.database_url).set(username="parley_session", password=_service_password(stack))
    service_url = service.render_as_string(hide_password=False)
    probe, stop, done = Probe(), asyncio.Event(), 0
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        candidates = [Candidate(http, stack.url) for _ in range(SESSIONS)]
        await asyncio.gather(*(candidate.begin() for candidate in candidates))
        readers = [
            asyncio.create_task(read_over_http(probe, candidates, stop)),
            asyncio.create_task(read_from_postgres(probe, service_url, stack.database_url, stop)),
        ]
        print("resident memory, MiB:", _rounded(stack), "idle")
        while done < turns:
            step = turns // 10
            await asyncio.gather(*(_turns(candidate, step // SESSIONS) for candidate in candidates))
            done += step
            print("resident memory, MiB:", _rounded(stack), f"after {done} turns", flush=True)
        stop.set()
        await asyncio.gather(*readers)
    probe.print()


def _service_password(stack: Stack) -> str:
    return str(json.loads((stack.data_dir / "secrets.json").read_text())["service_password"])


async def _turns(candidate: Candidate, count: int) -> None:
    for _ in range(count):
        await candidate.turn()


def _rounded(stack: Stack) -> dict[str, int]:
    return {name: round(size) for name, size in memory(stack).items()}


def main() -> None:
    """Run it and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder), {"LOG_LEVEL": "WARNING"}) as stack:
        asyncio.run(run(stack, options.turns))


if __name__ == "__main__":
    main()
