"""How many interviews Parley holds at once: each answers every 20 seconds, with word vectors and with the encoder.

`python -m benchmarks.live --interviews 250 1000`. Prints the time from an answer to the reply at each number, without
an encoder and with one of the size and arithmetic of the one that operators install, and the ratio of both: what else
runs on the machine slows either. The encoder is given 0.3 seconds, and words do for it where it is not done by then,
or where it says that it would not be; which made the vectors is printed, too.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import psutil
from devkit.stack import Stack

from benchmarks.crowd import SETTINGS, Person, Times
from benchmarks.shaped_encoder import lay_out

_CALLS = re.compile(r'^parley_encoder_calls_total\{model="(.+?)"\} (\S+)', re.MULTILINE)
THINKING = 20.0
"""Seconds from one answer of a candidate to the next, on average."""
AIM = 0.55
"""Seconds at p99."""
WITH_ENCODER = {"documents": "benchmarks.encoding_documents"}
SENTENCES = (
    "I took over {thing} when it was {many} weeks behind.",
    "First I sat down with {who} and wrote a list of what was really missing.",
    "I decided to leave out {thing}, because nobody had used it for {many} months.",
    "We agreed on a date, and I called {who} each Friday with what was done.",
    "In the end it took {many} days less than planned, and {who} asked for me again.",
    "What I would do differently is to ask about {thing} before I promise anything.",
)
THINGS = ("the migration", "a renovation", "the night shifts", "our price list", "the stock count", "a textbook")
WHO = ("the customer", "the head nurse", "two suppliers", "the parents", "our auditor", "the night porter")


def story(number: int, said: int) -> str:
    """An answer of candidate `number`, who never says the same twice."""
    told = random.sample(SENTENCES, 4)
    words = " ".join(told).format(
        thing=random.choice(THINGS), who=random.choice(WHO), many=(number + said * 7919) % 997
    )
    return f"{words} That was case {number * 1000 + said}."


class Candidate(Person):
    """Thinks longer, and never says the same twice."""

    def answer(self) -> str:
        self.said += 1
        return story(self.number, self.said)

    async def think(self) -> None:
        await asyncio.sleep(random.uniform(0.5, 1.5) * THINKING)

    async def hold(self, times: Times) -> None:
        """An interview by request, begun at some time within the first seconds."""
        await asyncio.sleep(random.uniform(0, 0.75) * THINKING)
        await self.by_request(times)


async def measure(url: str, count: int, seconds: float) -> list[float]:
    """Milliseconds of each turn while so many interviews are under way."""
    times = Times()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=120)) as http:
        holding = [asyncio.create_task(Candidate(http, url, number).hold(times)) for number in range(count)]
        await asyncio.sleep(2 * THINKING)
        times.request.clear()
        await asyncio.sleep(seconds)
        took = list(times.request)
        for task in holding:
            if task.done():
                task.result()  # nobody leaves early
            task.cancel()
        await asyncio.gather(*holding, return_exceptions=True)
    return took


async def one(modules: Mapping[str, str], count: int, seconds: float, encoder: Path) -> tuple[float, float]:
    """p50 and p99 in milliseconds, printed with what else is known of the run."""
    with tempfile.TemporaryDirectory() as folder:
        root = str(Path(__file__).parents[1])
        env = SETTINGS | {"PYTHONPATH": root, "SHAPED_ENCODER": str(encoder)}
        stack = Stack(Path(folder) / "data", env, modules=modules)
        await asyncio.to_thread(stack.start)
        try:
            before = _cpu(stack)
            took = await measure(stack.url, count, seconds)
            used = {name: round(spent - before[name], 1) for name, spent in _cpu(stack).items()}
            calls = await _made_vectors(stack)
            memory = psutil.Process(_pid(stack, "documents")).memory_info().rss / 2**20
        finally:
            await asyncio.to_thread(stack.stop)
    p50, p99 = statistics.median(took), statistics.quantiles(took, n=100)[98]
    kind = "encoder" if modules else "words"
    print(f"{count:>5} interviews, {kind:<8} p50 {p50:7.1f}  p99 {p99:7.1f} ms  of {len(took)} turns", end="")
    print(f"   vectors by {calls}", end="")
    print(f"   documents {memory:.0f} MiB   processor seconds {used}   load {os.getloadavg()[0]:.1f}", flush=True)
    return p50, p99


async def _made_vectors(stack: Stack) -> dict[str, int]:
    """Calls for vectors by what made them, as the interviewer counts them."""
    process = psutil.Process(stack.pid_of("interviewer"))
    url = f"http://127.0.0.1:{process.environ()['HEALTH_PORT']}/metrics"
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        return {name: int(float(count)) for name, count in _CALLS.findall(await response.text())}


def _pid(stack: Stack, name: str) -> int | None:
    return stack.pid_of(name) or stack.pid_of(WITH_ENCODER.get(name, name))


def _cpu(stack: Stack) -> dict[str, float]:
    found = {}
    for name in ("gateway", "session", "interviewer", "coach", "documents", "nats"):
        if pid := _pid(stack, name):
            times = psutil.Process(pid).cpu_times()
            found[name] = times.user + times.system
    return found


async def compare(counts: list[int], seconds: float) -> None:
    """Each number with words and with the encoder, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        shaped = lay_out(Path(folder))
        for count in counts:
            _, words = await one({}, count, seconds, shaped)
            _, encoder = await one(WITH_ENCODER, count, seconds, shaped)
            verdict = "kept" if max(words, encoder) <= AIM * 1000 else "missed"
            print(f"{count:>5} interviews: p99 with the encoder {encoder / words:.2f} times that of words;", end="")
            print(f" at most {AIM} s: {verdict}", flush=True)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interviews", type=int, nargs="+", default=[250, 1000])
    parser.add_argument("--seconds", type=float, default=20, help="of each measurement")
    options = parser.parse_args()
    began = time.perf_counter()
    asyncio.run(compare(options.interviews, options.seconds))
    print(f"took {time.perf_counter() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
