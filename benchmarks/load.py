"""How much load one machine carries, and whether anything is lost while every service is restarted under half of it.

`python -m benchmarks.load`, or `make load`. In containers of the compose file: two gateways behind the proxy, two
sessions, three interviewers. Interviews begin at a rate that does not wait for replies, and each turn has a time at
which it is due, from which its latency counts: a system that stalls is charged for all who would have spoken meanwhile.
The rate rises until the 99th percentile is over a second (`--limit`), or turns are answered later than they come: the
step before is the knee. Memory and processor time are what the engine counts, beside what the services take when idle.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import os
import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import docker
from devkit.client import Client, UnansweredError
from devkit.compose import SERVICES, Compose, engine

from benchmarks.live import story

ROOT = Path(__file__).parents[1]
REPLICAS = {"SESSION_REPLICAS": "2", "INTERVIEWER_REPLICAS": "3"}
RESTARTED = ("gateway", "gateway-second", *SERVICES[1:])
QUESTIONS = 4
MOST_ANSWERS = 20
"""After so many the candidate ends the interview."""
PAUSE = 2.0
"""Seconds from one turn that is due to the next."""
RAMP = 16.0
"""Seconds after which about as many interviews end as begin; what is due before is no part of a step's figures."""
IDLE = 20.0
"""Seconds for which services are watched while nobody uses them."""
KEPT_UP = 0.95
"""Share of the turns due that has to be answered within the step."""
FIRST_RATE, GROWTH = 0.5, 1.5
"""Interviews a second of the first step, and how many times as many of each next one."""


@dataclass
class Held:
    """What became of interviews. Moments are of `time.monotonic()`, in seconds."""

    measured_from: float
    measured_to: float = float("inf")
    interviews: int = 0
    turns: list[tuple[float, float]] = field(default_factory=list)
    """When each was due, and when its reply came."""
    lost: int = 0
    """Answers that the transcript lacks, has twice or has elsewhere, though they were acknowledged."""
    unreported: int = 0
    failed: list[str] = field(default_factory=list)
    """Requests that failed in spite of being repeated."""
    repeated: Counter[str] = field(default_factory=Counter)

    @property
    def seconds(self) -> float:
        """For which turns are measured."""
        return self.measured_to - self.measured_from

    @property
    def latencies(self) -> list[float]:
        """Seconds of each turn that was due while it was measured."""
        return [came - due for due, came in self.turns if self.measured_from <= due < self.measured_to]

    @property
    def offered(self) -> float:
        """Turns a second that were due."""
        return len(self.latencies) / self.seconds

    @property
    def achieved(self) -> float:
        """Turns a second that were answered."""
        return sum(self.measured_from <= came < self.measured_to for _, came in self.turns) / self.seconds

    def percentile(self, percent: int) -> float:
        """In seconds."""
        return statistics.quantiles(self.latencies, n=100)[percent - 1]

    def is_within(self, limit: float) -> bool:
        """Whether the rate was carried, with so many seconds at the 99th percentile."""
        return self.percentile(99) <= limit and self.achieved >= KEPT_UP * self.offered and not self.failed

    def __str__(self) -> str:
        found = " ".join(f"p{percent} {self.percentile(percent) * 1000:6.0f}" for percent in (50, 95, 99))
        again = ", ".join(f"{reason} {times}" for reason, times in self.repeated.most_common()) or "none"
        return (
            f"{self.interviews:5} interviews  {self.offered:6.1f} turns/s due, {self.achieved:6.1f} answered"
            f"  {found} ms  lost {self.lost}  failed {len(self.failed)}  without a report {self.unreported}"
            f"  repeated: {again}"
        )


async def interview(client: Client, number: int, due: float, held: Held) -> None:
    """A whole one, each turn when it is due or as soon as the one before is through; then what it left is read."""
    said: list[str] = []
    try:
        await client.create(QUESTIONS)
        reply = await _turn(client.call("POST", "/interview/start"), due := due + PAUSE, held)
        while reply["response_type"] != "closing" and len(said) < MOST_ANSWERS:
            text = story(number, len(said))
            reply = await _turn(client.say(text), due := due + PAUSE, held)
            said.append(text)
        if reply["response_type"] != "closing":
            await client.call("POST", "/interview/end")
        kept = [entry["content"] for entry in await client.history() if entry["role"] == "user"]
        held.lost += sum(one != other for one, other in itertools.zip_longest(said, kept))
    except UnansweredError as error:
        held.failed.append(str(error))
    held.repeated += client.repeated


async def _turn(request: Awaitable[Any], due: float, held: Held) -> Any:
    await asyncio.sleep(max(0.0, due - time.monotonic()))
    reply = await request
    held.turns.append((due, time.monotonic()))
    return reply


async def hold(url: str, rate: float, meanwhile: Awaitable[None]) -> Held:
    """Interviews that begin at `rate` a second, at random, until `meanwhile` is over, and that are all finished."""
    held = Held(time.monotonic() + RAMP)
    clients: list[Client] = []
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http, asyncio.TaskGroup() as group:
        ending = asyncio.ensure_future(meanwhile)
        due = time.monotonic()
        while not ending.done():
            due += random.expovariate(rate)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            clients.append(Client(http, url))
            group.create_task(interview(clients[-1], len(clients), due, held))
        await ending
        held.measured_to, held.interviews = time.monotonic(), len(clients)
    async with aiohttp.ClientSession() as http:
        for client in clients:
            client.http = http
            held.unreported += not await _is_reported(client)
    return held


async def _is_reported(client: Client) -> bool:
    with contextlib.suppress(UnansweredError):
        return bool(
            await client.eventually("/interview/final-summary-status", lambda body: body["status"] == "completed")
        )
    return False


async def restart_in_turn(compose: Compose, *, together: bool) -> None:
    """Each replica of each service alone, as an update does it, or `together` all of a service at once."""
    for service in RESTARTED:
        containers = await asyncio.to_thread(compose.containers, service)
        for batch in [containers] if together else [[each] for each in containers]:
            await asyncio.to_thread(compose.restart, batch)


@dataclass
class Used:
    """By service, at a moment: MiB of its largest container, processor seconds of all, connections to Postgres."""

    memory: dict[str, float]
    processor: dict[str, float]
    connections: dict[str, int]
    moment: float = field(default_factory=time.monotonic)

    def spent_since(self, before: Used) -> dict[str, float]:
        """Processor seconds."""
        return {name: spent - before.processor[name] for name, spent in self.processor.items()}


def used(compose: Compose) -> Used:
    """As the engine and Postgres count it; memory is without files that the kernel keeps as long as there is room."""
    memory: dict[str, float] = defaultdict(float)
    processor: dict[str, float] = defaultdict(float)
    label = f"com.docker.compose.project={compose.project}"
    for container in docker.from_env().containers.list(filters={"label": label}):
        service = container.labels["com.docker.compose.service"].removesuffix("-second")
        found = container.stats(stream=False, one_shot=True)
        files = found["memory_stats"]["stats"]
        kept = files.get("inactive_file", 0) if "total_inactive_file" not in files else files["total_inactive_file"]
        memory[service] = max(memory[service], (found["memory_stats"]["usage"] - kept) / 2**20)
        processor[service] += found["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9
    rows = query(compose, "SELECT usename, count(*) FROM pg_stat_activity WHERE usename LIKE 'parley%' GROUP BY 1")
    connections = {role.removeprefix("parley_"): int(count) for role, count in rows}
    return Used(memory, processor, connections)


def query(compose: Compose, text: str) -> list[list[str]]:
    """Rows, as the owner of the database."""
    command = ("psql", "--host", "127.0.0.1", "--username", "postgres", "--dbname", "parley", "-tAc", text)
    password = f"PGPASSWORD={compose.variables.get('POSTGRES_PASSWORD', 'development')}"
    found = compose("exec", "-T", "-e", password, "postgres", *command)
    return [line.split("|") for line in found.splitlines()]


def disk(compose: Compose) -> dict[str, float]:
    """MiB of the tables with their indexes, of what Postgres logs before it writes, and of the broker's folder."""
    query(compose, "CHECKPOINT")
    [[tables]] = query(compose, "SELECT pg_database_size('parley')")
    [[logged]] = query(compose, "SELECT sum(size) FROM pg_ls_waldir()")
    [nats] = compose.containers("nats")
    broker = engine("docker", "exec", nats, "du", "-sk", "/data").split()[0]
    return {"tables": int(tables) / 2**20, "write-ahead log": int(logged) / 2**20, "broker": int(broker) / 2**10}


async def find_knee(compose: Compose, seconds: float, limit: float) -> tuple[float, int]:
    """Interviews a second of the last step that was carried, and how many interviews were held; prints each step."""
    idle = await _idle(compose)
    knee, rate, interviews = 0.0, FIRST_RATE, 0
    while True:
        before, found = await asyncio.to_thread(used, compose), list[Used]()
        held = await hold(compose.proxy_url, rate, _watch(compose, seconds, found))
        interviews += held.interviews
        print(f"{rate:5.2f} interviews a second: {held}   load {os.getloadavg()[0]:.1f}")
        _print_used(idle, before, found[0], sum(came <= held.measured_to for _, came in held.turns))
        if not held.is_within(limit):
            return knee, interviews
        knee, rate = rate, rate * GROWTH


async def _idle(compose: Compose) -> dict[str, float]:
    """Processor seconds a second of each service that nobody uses: tests of its parts, and probes."""
    before = await asyncio.to_thread(used, compose)
    await asyncio.sleep(IDLE)
    after = await asyncio.to_thread(used, compose)
    idle = {name: spent / (after.moment - before.moment) for name, spent in after.spent_since(before).items()}
    for name, spent in sorted(idle.items()):
        print(f"  idle {name:<12} {after.memory[name]:6.0f} MiB  {spent * 1000:6.1f} ms of processor a second")
    return idle


async def _watch(compose: Compose, seconds: float, found: list[Used]) -> None:
    await asyncio.sleep(seconds)
    found.append(await asyncio.to_thread(used, compose))


def _print_used(idle: dict[str, float], before: Used, after: Used, turns: int) -> None:
    for name, spent in sorted(after.spent_since(before).items()):
        each = (spent - idle[name] * (after.moment - before.moment)) / turns * 1000
        print(f"  {name:<17} {after.memory[name]:6.0f} MiB  {each:6.2f} ms of processor a turn", end="")
        print(f"  {after.connections[name]} connections" if name in after.connections else "")


async def run(compose: Compose, seconds: float, limit: float) -> None:
    """All of it, printed."""
    before = disk(compose)
    knee, interviews = await find_knee(compose, seconds, limit)
    after = disk(compose)
    print(f"knee: {knee:.2f} interviews a second" if knee else f"{FIRST_RATE} interviews a second are too many")
    for name, size in after.items():
        print(f"{name}: {size:.0f} MiB, of which {(size - before[name]) / interviews * 1000:.1f} for 1,000 interviews")
    for together in (False, True):
        held = await hold(compose.proxy_url, (knee or FIRST_RATE) / 2, restart_in_turn(compose, together=together))
        print(f"restarted {'all replicas of a service at once' if together else 'one replica at a time'}: {held}")
        for failure in held.failed:
            print(f"  {failure}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=45, help="of each step")
    parser.add_argument("--limit", type=float, default=1, help="seconds that a turn may take at the 99th percentile")
    options = parser.parse_args()
    compose = Compose(ROOT, REPLICAS)
    with compose.running():
        asyncio.run(run(compose, options.seconds, options.limit))


if __name__ == "__main__":
    main()
