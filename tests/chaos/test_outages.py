"""While the broker or the database hangs: everybody is told within seconds, truthfully, and nothing is lost."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from candidates import pause
from devkit.stack import Stack

TEXT = "I built a queue that halved our losses, because every request came twice before."
FINDS_IT, KNOWS_IT = 10.0, 8.0
"""Deadlines in seconds for who finds the outage and for who comes later: 5 and 2 on a machine of its own."""
NOTICED = 6.0
PAUSE = 16.0


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("outages"), {"LOG_LEVEL": "ERROR"}) as running:
        yield running


@dataclass
class Told:
    """What a request was told, and after how many seconds."""

    route: str
    status: int
    body: Any
    seconds: float


@dataclass
class Caller:
    http: aiohttp.ClientSession
    url: str
    headers: dict[str, str]

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Told:
        began = time.monotonic()
        options = {"json": body} if body is not None else {}
        async with self.http.request(
            method, self.url + path, headers={**self.headers, **headers}, **options
        ) as response:
            return Told(f"{method} {path}", response.status, await response.json(), time.monotonic() - began)


async def prepared(http: aiohttp.ClientSession, url: str) -> tuple[Caller, str]:
    """Somebody with an interview that goes on."""
    caller = Caller(http, url, {})
    account = {"email": f"{uuid4().hex}@example.com", "password": "correct horse"}
    caller.headers["Authorization"] = f"Bearer {(await caller.ask('POST', '/auth/register', account)).body['token']}"
    session_id = str((await caller.ask("POST", "/interview/session", {"target_question_count": 10})).body["session_id"])
    caller.headers["X-Session-ID"] = session_id
    await caller.ask("POST", "/interview/start")
    return caller, session_id


def requests(session_id: str) -> list[tuple[str, str, Any]]:
    """Of every kind: answers, changes, reads, accounts, documents."""
    return [
        ("POST", "/interview/message", {"message": TEXT}),
        ("POST", "/interview/session", {}),
        ("POST", "/interview/start", None),
        ("POST", "/interview/end", None),
        ("GET", "/interview/history", None),
        ("GET", "/interview/per-turn-feedback", None),
        ("GET", "/api/v1/sessions", None),
        ("GET", f"/api/v1/sessions/{session_id}/report", None),
        ("POST", f"/api/v1/sessions/{session_id}/pause", None),
        ("POST", f"/session/start/{uuid4().hex}", None),
        ("POST", "/interviews", {"position": "Nurse"}),
        ("GET", "/interviews", None),
        ("GET", "/auth/me", None),
        ("POST", "/auth/login", {"email": "nobody@example.com", "password": "correct horse"}),
        ("GET", "/api/v1/documents", None),
        ("GET", "/api/v1/question-banks", None),
    ]


@pytest.mark.parametrize("victim", ["nats", "postgres"])
async def test_everybody_is_told_soon_and_truly(stack: Stack, victim: str) -> None:
    async with aiohttp.ClientSession() as http:
        callers = [await prepared(http, stack.url) for _ in range(len(requests("")))]

        async def all_of_them(key: str) -> list[Told]:
            asked = (
                caller.ask(*requests(session_id)[number], **{"Idempotency-Key": f"{key}-{session_id}"})
                for number, (caller, session_id) in enumerate(callers)
            )
            return await asyncio.gather(*asked)

        pausing = asyncio.create_task(pause(stack, victim, PAUSE))
        await asyncio.sleep(0.1)
        first = await all_of_them("first")
        await asyncio.sleep(max(0.0, NOTICED - max(each.seconds for each in first)))
        later = await all_of_them("later")
        assert await pausing
    for told, deadline in ((first, FINDS_IT), (later, KNOWS_IT)):
        slow = [each for each in told if each.seconds > deadline]
        assert not slow
        assert {each.status for each in told} <= {200, 400, 401, 503}


async def test_an_answer_that_was_on_its_way_is_to_be_sent_again_and_counts_once(stack: Stack) -> None:
    async with aiohttp.ClientSession() as http:
        caller, _ = await prepared(http, stack.url)
        answer, key = {"message": TEXT}, {"Idempotency-Key": str(uuid4())}
        assert stack.kill("interviewer", signal.SIGSTOP)
        try:
            waiting = asyncio.create_task(caller.ask("POST", "/interview/message", answer, **key))
            await asyncio.sleep(1)
            pausing = asyncio.create_task(pause(stack, "nats", PAUSE))
            told = await waiting
        finally:
            stack.kill("interviewer", signal.SIGCONT)
        assert (told.status, told.seconds < FINDS_IT) == (503, True) and "counts once" in told.body["detail"]
        assert await pausing
        async with asyncio.timeout(60):
            again = await caller.ask("POST", "/interview/message", answer, **key)
            for _ in range(60):
                if again.status == 200:
                    break
                await asyncio.sleep(1)
                again = await caller.ask("POST", "/interview/message", answer, **key)
        history = (await caller.ask("GET", "/interview/history")).body["history"]
    assert [each["content"] for each in history if each["role"] == "user"] == [TEXT]
    assert again.body["content"] == history[-1]["content"]
