"""Candidates who keep a ledger of what was acknowledged, and what must hold about it whatever happened meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import nats
import psutil
from devkit.client import JUST_NOW, Client
from devkit.stack import Stack
from nats.aio.msg import Msg

QUESTIONS = 4
DUPLICATE = "Parley-Test-Duplicate"


@dataclass
class Candidate(Client):
    """Answers until the closing, repeats a request under its key until it is answered, and keeps a ledger."""

    number: int = 0
    again: frozenset[int] = JUST_NOW | {500}
    patience: float = 150.0
    session_id: str = ""
    acknowledged: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    slowest: float = 0.0
    longest: float = 7.0
    """Seconds that it thinks at most."""

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        began = time.monotonic()
        answer = await super().call(method, path, body)
        self.slowest = max(self.slowest, time.monotonic() - began)
        return answer

    async def interview(self) -> None:
        if self.number % 2:
            account = {"email": f"{uuid4().hex}@example.com", "password": "correct horse"}
            registered = await self.call("POST", "/auth/register", account)
            self.headers["Authorization"] = f"Bearer {registered['access_token']}"
        self.session_id = await self.create(QUESTIONS)
        await self.call("POST", "/interview/start")
        for number in range(40):
            await asyncio.sleep(random.uniform(2, max(3.0, self.longest)))
            text = f"Candidate {self.number}, answer {number}: I built a queue, which cut losses by {number} %."
            reply = await self.say(text)
            self.acknowledged.append(text)
            self.replies.append(reply["content"])
            if reply["response_type"] == "closing":
                return
        raise AssertionError("the interview does not end")


@asynccontextmanager
async def everything_twice(stack: Stack) -> AsyncIterator[Counter[str]]:
    """Publish a copy of every event, as a broker does that delivers twice. Yields how many by owner."""
    copies: Counter[str] = Counter()
    connection = await nats.connect(stack.nats_url, max_reconnect_attempts=-1, reconnect_time_wait=1)

    async def copy(message: Msg) -> None:
        headers = dict(message.headers or {})
        if DUPLICATE in headers or connection.is_reconnecting:
            return
        headers |= {DUPLICATE: "1", "Nats-Msg-Id": f"{headers.get('Nats-Msg-Id')}-again"}
        await connection.publish(message.subject, message.data, headers=headers)
        copies[message.subject.split(".")[1]] += 1

    await connection.subscribe("evt.>", cb=copy)
    try:
        yield copies
    finally:
        await connection.close()


async def pause(stack: Stack, victim: str, seconds: float) -> bool:
    """Stop a process, with all of its own, for a while; False when it is down."""
    pid = stack.pid_of(victim)
    if pid is None:
        return False
    try:
        process = psutil.Process(pid)
        stopped = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return False
    _signal_all(stopped, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        _signal_all(stopped, signal.SIGCONT)
    return True


def _signal_all(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


async def events_by_session(stack: Stack) -> dict[UUID, list[asyncpg.Record]]:
    connection = await asyncpg.connect(stack.database_url)
    query = "SELECT stream_id, version, type, data FROM session.events ORDER BY stream_id, version"
    rows = await connection.fetch(query)
    await connection.close()
    grouped: dict[UUID, list[asyncpg.Record]] = defaultdict(list)
    for row in rows:
        grouped[row["stream_id"]].append(row)
    return grouped


def check_history(candidate: Candidate, events: list[asyncpg.Record]) -> None:
    """What promises 1 and 2 of the design say about one interview."""
    assert [event["version"] for event in events] == list(range(1, len(events) + 1))
    answers, questions = [], Counter[int]()
    for event in events:
        data = json.loads(event["data"])
        if event["type"] == "session.answer_recorded.v1":
            answers.append((data["turn"], data["text"]))
        elif event["type"] == "session.question_asked.v1":
            questions[data["turn"]] += 1
    assert [text for _, text in answers] == candidate.acknowledged, "an acknowledged answer is lost or recorded twice"
    assert set(questions.values()) == {1}, "a turn has two replies"
    assert all(questions[turn + 1] == 1 for turn, _ in answers), "an answer has no outcome"
    types = Counter(event["type"] for event in events)
    assert types["session.completed.v1"] == 1, "the interview did not finish"
    assert types["session.feedback_recorded.v1"] == len(answers)


async def all_reports_recorded(stack: Stack, seconds: float = 90) -> None:
    """Every interview ends in a report, or a plain statement that there is none."""
    connection = await asyncpg.connect(stack.database_url)
    try:
        for _ in range(int(seconds / 0.5)):
            missing = await connection.fetchval(
                "SELECT count(*) FROM session.sessions WHERE report_status NOT IN ('completed', 'error')"
            )
            if missing == 0:
                return
            await asyncio.sleep(0.5)
        raise AssertionError(f"{missing} interviews have no report")
    finally:
        await connection.close()
