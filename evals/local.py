"""`python -m evals.local`: an interview with the model server of this machine, through the whole of Parley.

Says how many turns and judgements came from the model, how many fell back and why, and how many because calls waited
for one another; exits with 1 if a reply did. OPENAI_BASE_URL says where the server answers, with its `/v1`,
INTERVIEWER_MODEL, SMALL_MODEL and COACH_MODEL which models, by default the first one that it lists. With a small model
most turns fall back because of what it writes: that is not what this is about.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from devkit.stack import Stack

THINKING = 20.0
LOOKING = 5.0
"""Seconds to find out whether there is a server."""
FEEDBACK = 180.0
"""Seconds after the last answer in which all of it is judged, by the model or not."""
ROLES = ("interviewer", "small", "coach")
ASKERS = ("interviewer", "coach")
"""The services whose counters say how calls ended."""
_CALLS = re.compile(r"^parley_model_calls_total\{(.+?)\} (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')
ANSWERS = (
    "Yes, I am ready. I have worked in logistics for six years, lately with a team of four in Kassel.",
    "When two drivers fell ill I called the customers first, moved three tours to the next day, and nobody left us.",
    "I would ask what is most urgent, write it down where all can see it, and drop what can wait until Friday.",
    "We lost a pallet of vaccines once. I traced it within two hours and changed how the night shift signs off.",
    "I do not know that system, but I learnt the last one in a week with the handbook and a patient colleague.",
)


class NoServer(Exception):
    """Nobody answers there. The message says where, and what to do."""


@dataclass
class Outcome:
    """What came of the turns. `calls` counts requests to the server by role and how they ended, `reasons` why the
    built-in engine stepped in, by service; `seconds` is how long each reply took."""

    turns: int = 0
    fell_back: int = 0
    judged: int = 0
    judged_by_rule: int = 0
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """Replies that never reached the server, since other calls of ours were in the way."""
        return sum(self.calls[role, "no_place"] for role in ("interviewer", "small", "question"))

    @property
    def late(self) -> int:
        """Judgements that never reached it: replies went first for as long as they had."""
        return self.calls["coach", "no_place"]

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"turns      {self.turns - self.fell_back} of {self.turns} by the model"
        yield f"judgements {self.judged - self.judged_by_rule} of {self.judged} by the model"
        slowest = max(self.seconds, default=0.0)
        yield f"a reply    {statistics.median(self.seconds or [0.0]):.1f} s at the median, {slowest:.1f} s at most"
        for (role, outcome), count in sorted(self.calls.items()):
            yield f"call       {role:<12} {outcome:<12} {count}"
        for (service, reason), count in self.reasons.most_common():
            yield f"fell back  {service:<12} {reason:<12} {count}"
        yield f"lost       {self.lost} replies to our own queue, and {self.late} judgements to replies that went first"


async def models_at(base_url: str, key: str = "") -> list[str]:
    """The models that a server lists. Raises NoServer."""
    url, headers = f"{base_url.rstrip('/')}/models", {"Authorization": f"Bearer {key}"} if key else {}
    advice = "start one, such as `llama-server -m model.gguf`, and set OPENAI_BASE_URL to its address with `/v1`"
    try:
        timeout = aiohttp.ClientTimeout(total=LOOKING)
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(url, headers=headers) as response:
            listed = await response.json(content_type=None)
        found = [str(each["id"]) for each in listed["data"]]
    except (aiohttp.ClientError, OSError, ValueError, KeyError, TypeError) as error:
        raise NoServer(f"No model server answers at {url} ({type(error).__name__}): {advice}.") from None
    if not found:
        raise NoServer(f"The server at {url} has no model: load one.")
    return found


async def hold(env: Mapping[str, str], turns: int, thinking: float = 0.0) -> Outcome:
    """Interviews of eight questions, one after another, until so many answers were given, each after some seconds."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder) / "data", {"LOG_FORMAT": "json", "MODEL_WARM_UP": "true", **env})
        await asyncio.to_thread(stack.start)
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120)) as http:
                while outcome.turns < turns:
                    await _interview(http, stack.url, turns - outcome.turns, outcome, thinking)
                outcome.calls = await _calls(http, stack)
        finally:
            await asyncio.to_thread(stack.stop)
        outcome.reasons = _reasons(stack.log)
    return outcome


async def _interview(http: aiohttp.ClientSession, url: str, most: int, outcome: Outcome, thinking: float) -> None:
    created = await _say(http, f"{url}/interview/session", {"job_role": "Dispatcher", "target_question_count": 8})
    headers = {"X-Session-ID": created["session_id"]}
    await _say(http, f"{url}/interview/start", {}, headers)
    answers, said = itertools.cycle(ANSWERS), 0
    while said < most:
        await asyncio.sleep(thinking)
        began = time.perf_counter()
        body = {"message": f"{next(answers)} That was in case {outcome.turns + 1}."}
        reply = await _say(http, f"{url}/interview/message", body, headers)
        said += 1
        outcome.turns += 1
        outcome.seconds.append(time.perf_counter() - began)
        outcome.fell_back += bool(reply["metadata"]["degraded"])
        if reply["response_type"] == "closing":
            break
    items = await _judged(http, url, said, headers)
    outcome.judged += len(items)
    outcome.judged_by_rule += sum(each["engine"] != "llm" for each in items)


async def _judged(http: aiohttp.ClientSession, url: str, count: int, headers: dict[str, str]) -> list[dict[str, Any]]:
    deadline = time.monotonic() + FEEDBACK
    while True:
        async with http.get(f"{url}/interview/per-turn-feedback", headers=headers) as response:
            items: list[dict[str, Any]] = await response.json()
        if len(items) >= count or time.monotonic() > deadline:
            return items
        await asyncio.sleep(0.2)


async def _say(
    http: aiohttp.ClientSession, url: str, body: dict[str, Any], headers: dict[str, str] | None = None
) -> dict[str, Any]:
    async with http.post(url, json=body, headers=headers) as response:
        answer: dict[str, Any] = await response.json()
        if response.status >= 300:
            raise RuntimeError(f"{url}: {response.status}")
        return answer


async def _calls(http: aiohttp.ClientSession, stack: Stack) -> Counter[tuple[str, str]]:
    """Requests by role and outcome, as the services count them."""
    found: Counter[tuple[str, str]] = Counter()
    for name in ASKERS:
        port = psutil.Process(stack.pid_of(name)).environ()["HEALTH_PORT"]
        async with http.get(f"http://127.0.0.1:{port}/metrics") as response:
            for labels, value in _CALLS.findall(await response.text()):
                label = dict(_LABEL.findall(labels))
                if count := int(float(value)):
                    found[label["role"], label["outcome"]] += count
    return found


def _reasons(log: Path) -> Counter[tuple[str, str]]:
    """Why the built-in engine stepped in, as the services log it."""
    found: Counter[tuple[str, str]] = Counter()
    for line in log.read_text("utf-8", "replace").splitlines():
        if "falling back to the scripted engine" in line and line.startswith("{"):
            said = json.loads(line)
            found[said.get("service", ""), said.get("error", "")] += 1
    return found


async def run(turns: int, thinking: float = THINKING) -> Outcome:
    """With the server that the environment names. Raises NoServer."""
    base_url = os.environ.get("OPENAI_BASE_URL", "")
    if not base_url:
        raise NoServer(
            "Set OPENAI_BASE_URL to the address of a model server on this machine, up to and with its `/v1`."
        )
    [first, *_] = await models_at(base_url, os.environ.get("OPENAI_API_KEY", ""))
    chosen = {name: os.environ.get(name) or first for name in (f"{role.upper()}_MODEL" for role in ROLES)}
    print(f"{base_url}: {', '.join(sorted(set(chosen.values())))}; {turns} turns", flush=True)
    return await hold({"OPENAI_BASE_URL": base_url, **chosen}, turns, thinking)


def main() -> int:
    """Hold them, and say what came of it."""
    parser = argparse.ArgumentParser(prog="evals.local", description=__doc__)
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--thinking", type=float, default=THINKING, help="seconds before each answer, as people take")
    options = parser.parse_args()
    try:
        outcome = asyncio.run(run(options.turns, options.thinking))
    except NoServer as nobody:
        print(nobody, file=sys.stderr)
        return 2
    print("\n".join(outcome.lines()))
    return 1 if outcome.lost else 0


if __name__ == "__main__":
    sys.exit(main())
