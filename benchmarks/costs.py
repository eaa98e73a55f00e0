"""What an interview of eight questions costs: the tokens of every request that models are sent, and dollars at example
prices.

`python -m benchmarks.costs`. The prompts are the real ones, about a résumé and a job; what models answer is written by
a stand-in, whose answers are shorter than real ones, so that the tokens of answers are counted apart. Four characters
count as a token, as for English text.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
from devkit.fake_openai import OpenAIServer, Reply
from devkit.stack import Stack

from benchmarks.engines import Candidate
from evals.actor import Actor

PRICES = {"gpt-4o and gpt-4o-mini": ((2.5, 10.0), (0.15, 0.6)), "gpt-4o-mini alone": ((0.15, 0.6), (0.15, 0.6))}
"""US dollars per million tokens, input and output: of the model for interviewer and coach, and of the small one."""
MODELS = {f"{role.upper()}_MODEL": role for role in ("interviewer", "small", "coach", "documents")}
"""Named for their roles, so that a request tells whose it is."""
RESUME = """Backend Engineer, Kestrel Freight, 2019 to 2024
- Rebuilt the booking service as an event-sourced system, 2 million bookings a month
- Cut the p99 of the price search from 900 ms to 140 ms
- Led the move from one Oracle server to PostgreSQL with logical replication
Developer, Hollis and Daughters, 2015 to 2019
- Wrote the invoicing module in Python, used by 400 shops
Skills: Python, Go, PostgreSQL, Kafka, Kubernetes, Terraform"""
JOB = """Senior Backend Engineer. You will design services that take 5,000 orders a second at peak, own their
reliability, and mentor two engineers. You need PostgreSQL under load, a message broker, and calm in incidents."""
ANSWERS = (
    "I have written backend services for nine years, lately at Kestrel Freight, where I led four people who kept the"
    " booking service up. I am here because I would like to work on larger volumes of orders.",
    "We had a price search that took nine hundred milliseconds at its worst. I traced it for a week, found that two"
    " thirds was one query without an index, and moved the rest to a cache that we filled at night. It went down to a"
    " hundred and forty, and the support tickets about it stopped within a month.",
    "First I would look at whether it is one customer or all of them, because that tells me whether to roll back. Last"
    " year we had exactly that: the consumer lag grew after a deployment, I rolled back within ten minutes, and"
    " afterwards we added an alarm on the lag, which fired twice since, both times before anybody called.",
)


def kind_of(body: dict[str, Any]) -> str:
    """Whose request it is, and what for."""
    wanted = ((body.get("response_format") or {}).get("json_schema") or {}).get("name", "text")
    return f"{body['model']}: {wanted}"


async def interview(url: str, server: OpenAIServer, questions: int) -> None:
    """Hold one, to its report."""
    async with aiohttp.ClientSession() as http:
        candidate = Candidate(http, url)
        config = {"resume_content": RESUME, "job_description": JOB, "target_question_count": questions}
        await candidate.begin(**config)
        answers = itertools.cycle(ANSWERS)
        for number in itertools.count(1):
            reply = await candidate.call("POST", "/interview/message", {"message": f"{next(answers)} ({number})"})
            await candidate.until("/interview/per-turn-feedback", lambda items, n=number: len(items) >= n)
            if reply["response_type"] == "closing":
                break
        await candidate.until("/interview/final-summary-status", lambda body: body["status"] == "completed")


def counted(server: OpenAIServer, actor: Actor) -> dict[str, list[int]]:
    """By kind: requests, tokens in, tokens out."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for body in server.bodies():
        said = sum(len(each["content"]) for each in body["messages"])
        schema = len(json.dumps(body.get("response_format") or ""))
        row = found[kind_of(body)]
        row[0] += 1
        row[1] += (said + schema) // 4
        row[2] += len(actor(body)) // 4
    return found


def lines(found: dict[str, list[int]]) -> Iterator[str]:
    """A table, and the sums."""
    yield "| request | how many | tokens in | tokens out |"
    yield "|---|---|---|---|"
    for kind, (calls, given, got) in sorted(found.items(), key=lambda each: -each[1][1]):
        yield f"| {kind} | {calls} | {given:,} | {got:,} |"
    small = [row for kind, row in found.items() if kind.startswith(("small:", "documents:"))]
    large = [row for row in found.values() if row not in small]
    total = [sum(column) for column in zip(*found.values(), strict=True)]
    yield f"| all | {total[0]} | {total[1]:,} | {total[2]:,} |"
    for name, (of_large, of_small) in PRICES.items():
        for times in (1, 5):
            cost = sum(
                (row[1] * price[0] + times * row[2] * price[1]) / 1e6
                for rows, price in ((large, of_large), (small, of_small))
                for row in rows
            )
            yield f"{name}, answers {times} times as long as the stand-in's: {cost:.3f} dollars"


async def measure(questions: int) -> None:
    """Print what one interview takes."""
    server = OpenAIServer(Reply(Actor()))
    with tempfile.TemporaryDirectory() as folder:
        async with server:
            env = {"OPENAI_BASE_URL": server.url, "MODEL_CONCURRENCY": "64", "LOG_LEVEL": "WARNING", **MODELS}
            stack = Stack(Path(folder) / "data", env)
            await asyncio.to_thread(stack.start)
            try:
                await interview(stack.url, server, questions)
            finally:
                await asyncio.to_thread(stack.stop)
    print("\n".join(lines(counted(server, Actor()))))


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=8)
    asyncio.run(measure(parser.parse_args().questions))


if __name__ == "__main__":
    main()
