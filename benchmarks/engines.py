"""What a turn takes when engines are models: beside the provider's own time, and beside the times that were aimed at.

`python -m benchmarks.engines`. First with a provider that takes a second for each answer: question, evaluation and
report beside the aims of 3, 4 and 10 s, for five interviews at once, and for one whose provider has a single slot. Then
with one that takes no time: how long after the last word of an answer the first words of the reply reach the client,
beside asking the provider directly; the difference is our share.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from devkit.fake_openai import OpenAIServer, Reply
from devkit.stack import Stack

from evals.actor import Actor

AIMS = {"question": 3.0, "evaluation": 4.0, "report": 10.0}
"""Seconds."""
ANSWER = (
    "In case {n} I measured the queries first, decided for a partial index, and cut the waiting time by {n} percent."
)


class Candidate:
    """One interview over HTTP."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self._url = http, url
        self._headers: dict[str, str] = {}

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        async with self._http.request(method, self._url + path, json=body, headers=self._headers) as response:
            return await response.json()

    async def begin(self, **config: Any) -> str:
        created = await self.call("POST", "/interview/session", {"job_role": "Backend Engineer", **config})
        self._headers = {"X-Session-ID": created["session_id"]}
        await self.call("POST", "/interview/start")
        return str(created["session_id"])

    async def until(self, path: str, accept: Callable[[Any], bool]) -> None:
        while not accept(await self.call("GET", path)):  # noqa: ASYNC110 (polling is what clients do)
            await asyncio.sleep(0.01)


async def timed(work: Awaitable[Any]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


@asynccontextmanager
async def parley(server: OpenAIServer, places: int = 64) -> AsyncIterator[str]:
    """A Parley whose models answer at `server`, so many calls at once."""
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(
            Path(folder) / "data",
            {"OPENAI_BASE_URL": server.url, "MODEL_CONCURRENCY": str(places), "LOG_LEVEL": "WARNING"},
        )
        await asyncio.to_thread(stack.start)
        try:
            yield stack.url
        finally:
            await asyncio.to_thread(stack.stop)


async def slow_provider(interviews: int, places: int, at_once: int) -> None:
    """Times of each kind of work with a provider that takes a second an answer and works on `places` at once."""
    times: dict[str, list[float]] = {kind: [] for kind in ("provider", *AIMS)}
    server = OpenAIServer(Reply(Actor(), chunk=10_000, first_delay=1.0))
    async with server, parley(server, places) as url, aiohttp.ClientSession() as http:
        left = iter(range(interviews))

        async def one_after_another() -> None:
            for _ in left:
                await one_interview(Candidate(http, url), times)

        floor = asyncio.create_task(on_and_on(server, http, times["provider"]))
        await asyncio.gather(*(one_after_another() for _ in range(at_once)))
        floor.cancel()
    print(f"provider takes 1 s an answer and {places} at once, {at_once} interviews at once; seconds")
    for kind, found in times.items():
        p95 = statistics.quantiles(found, n=20)[18]
        print(f"  {kind:<12}p50 {statistics.median(found):6.2f}  p95 {p95:6.2f}  worst {max(found):6.2f}", end="")
        aim = f"   aim {AIMS[kind]:.0f}: {'kept' if p95 <= AIMS[kind] else 'missed'}" if kind in AIMS else ""
        print(f"   n {len(found)}{aim if places > 1 else ''}")


async def one_interview(candidate: Candidate, times: dict[str, list[float]]) -> None:
    """Of two questions, after a welcome."""
    await candidate.begin(target_question_count=2)
    for number in range(1, 4):
        began = time.perf_counter()
        said = {"message": ANSWER.format(n=number)}
        times["question"].append(await timed(candidate.call("POST", "/interview/message", said)))
        await candidate.until("/interview/per-turn-feedback", lambda items, n=number: len(items) >= n)
        times["evaluation"].append(time.perf_counter() - began)
    done = candidate.until("/interview/final-summary-status", lambda body: body["status"] == "completed")
    times["report"].append(await timed(done))


async def first_token(server: OpenAIServer, http: aiohttp.ClientSession) -> float:
    """Milliseconds to the first piece of an answer, asked from the provider directly."""
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Allowed actions: new_question."}]}
    began = time.perf_counter()
    async with http.post(f"{server.url}/chat/completions", json=body) as response:
        await response.content.readuntil(b"\n\n")
    return (time.perf_counter() - began) * 1000


async def on_and_on(server: OpenAIServer, http: aiohttp.ClientSession, times: list[float]) -> None:
    """Ask the provider directly until it is ended: what Parley cannot be faster than, on a machine as busy as it is."""
    while True:
        times.append(await first_token(server, http) / 1000)


async def first_words(url: str, http: aiohttp.ClientSession, turns: int) -> list[float]:
    """Milliseconds from the last word of an answer to the first words of the reply, by chat, turn by turn."""
    candidate = Candidate(http, url)
    found: list[float] = []
    while len(found) < turns:
        interview = await candidate.begin(target_question_count=50)
        async with http.ws_connect(f"{url}/api/v1/interview/{interview}/chat") as socket:
            await _until(socket, "interview_state", "waiting_for_user_input")
            for number in range(49):
                began = time.perf_counter()
                await socket.send_json({"type": "final", "payload": ANSWER.format(n=number)})
                while (await socket.receive_json())["type"] not in {"llm_response_draft", "llm_response"}:
                    pass
                found.append((time.perf_counter() - began) * 1000)
                await _until(socket, "interview_state", "waiting_for_user_input")
    return found[:turns]


async def _until(socket: aiohttp.ClientWebSocketResponse, kind: str, state: str) -> None:
    while True:
        message = await socket.receive_json()
        if message["type"] == kind and message.get("state") == state:
            return


async def instant_provider(turns: int) -> None:
    """Our share of the time to the first words."""
    async with OpenAIServer(Reply(Actor(), chunk=10)) as server, parley(server) as url, aiohttp.ClientSession() as http:
        await first_words(url, http, 20)
        ours = await first_words(url, http, turns)
        floor = [await first_token(server, http) for _ in range(turns)]
    print("provider takes no time; milliseconds to the first words, p50 and p99")
    for name, found in (("ours", ours), ("provider alone", floor)):
        print(f"  {name:<16}{statistics.median(found):8.1f}{statistics.quantiles(found, n=100)[98]:8.1f}")
    print(f"  ratio of medians {statistics.median(ours) / statistics.median(floor):.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interviews", type=int, default=20)
    parser.add_argument("--turns", type=int, default=200)
    arguments = parser.parse_args()
    asyncio.run(slow_provider(arguments.interviews, places=64, at_once=5))
    asyncio.run(slow_provider(max(2, arguments.interviews // 4), places=1, at_once=1))
    asyncio.run(instant_provider(arguments.turns))


if __name__ == "__main__":
    main()
