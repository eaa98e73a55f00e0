"""Two gateways behind a proxy that gives each connection to the next one: nobody notices which of them answers."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import psutil
import pytest
import pytest_asyncio
from devkit.embedded.process import free_port
from devkit.stack import Stack

ANSWER = "I led the migration of our payment service to Postgres, which cut the incidents by {n}0 percent in a year."
LOGINS, READS = 12, 40
STOPS_IN = 60.0
"""What an orchestrator gives a gateway: requests in flight may wait for their reply."""
SETTINGS = {
    "ENV": "production",
    "JWT_SECRET": "a secret of the tests with two gateways",
    "ALLOW_ANONYMOUS": "true",
    "FORWARDED_ALLOW_IPS": "127.0.0.1",
    "RATE_LIMIT_AUTH": str(LOGINS),
    "RATE_LIMIT_WRITE": "0",
    "RATE_LIMIT_ADDRESS": "0",
    "RATE_LIMIT_READ": str(READS),
    "ADMIN_EMAIL": "Anne@Example.com",
    "ADMIN_PASSWORD": "correct horse",
}
RESUME = (
    "Anne Example\n\nExperience\n\nData Scientist, Northwind\n2019 - Present\n- Built models.\n\nSkills\nPython, SQL\n"
)
_addresses = itertools.count(1)


@pytest.fixture(scope="module")
def gateways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """The ports of both."""
    folder: Path = tmp_path_factory.mktemp("two")
    with Stack(folder / "parley", SETTINGS) as stack:
        first = psutil.Process(stack.pid_of("gateway"))
        port = free_port()
        env = first.environ() | {"PORT": str(port), "HEALTH_PORT": str(free_port())}
        with (folder / "second.log").open("wb") as log:
            second = subprocess.Popen([sys.executable, "-m", "gateway"], env=env, stdout=log, stderr=log)
        try:
            _wait_for(port)
            yield stack.port, port
        finally:
            second.terminate()
            try:
                second.wait(STOPS_IN)
            except subprocess.TimeoutExpired:
                second.kill()
                raise AssertionError(f"it does not stop: {(folder / 'second.log').read_text()[-4000:]}") from None


def _wait_for(port: int) -> None:
    """Until it says that a turn would succeed."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10):
                return
        except OSError:
            assert time.monotonic() < deadline, "the second gateway does not start"
            time.sleep(0.1)


@dataclass
class Proxy:
    """Each connection goes to the next gateway; `used` counts them."""

    ports: tuple[int, int]
    used: int = 0

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = self.ports[self.used % 2]
        self.used += 1
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(ConnectionError):
            await asyncio.gather(_copy(reader, to_writer), _copy(to_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    finally:
        writer.close()


@pytest_asyncio.fixture
async def proxy(gateways: tuple[int, int]) -> AsyncIterator[tuple[Proxy, str]]:
    proxy = Proxy(gateways)
    async with await asyncio.start_server(proxy.connected, "127.0.0.1", 0) as server:
        yield proxy, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@dataclass
class Person:
    """Somebody with an address of their own, and no connection that lasts."""

    http: aiohttp.ClientSession
    url: str
    headers: dict[str, str]

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        headers = {**self.headers, **options.pop("headers", {})}
        if body is not None:
            options["json"] = body
        async with self.http.request(method, self.url + path, headers=headers, **options) as response:
            is_json = "json" in response.headers.get("content-type", "")
            return response.status, await response.json() if is_json else await response.text()

    async def ok(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        status, answer = await self.call(method, path, body, **options)
        assert status in (200, 201), (path, status, answer)
        return answer

    async def register(self) -> dict[str, str]:
        account = {"email": f"{uuid4().hex}@example.com", "password": "correct horse"}
        self.headers["Authorization"] = f"Bearer {(await self.ok('POST', '/auth/register', account))['token']}"
        return account


@pytest_asyncio.fixture
async def somebody(proxy: tuple[Proxy, str]) -> AsyncIterator[Person]:
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as http:
        yield Person(http, proxy[1], {"X-Forwarded-For": f"198.51.100.{next(_addresses)}"})


@pytest_asyncio.fixture
async def ada(somebody: Person, proxy: tuple[Proxy, str]) -> AsyncIterator[Person]:
    await somebody.register()
    yield somebody
    assert proxy[0].used >= 2, "both were asked"


def answers() -> Iterator[str]:
    return (ANSWER.format(n=number) for number in itertools.count(1))


async def test_the_first_admin_is_appointed_once(somebody: Person) -> None:
    account = {"email": "anne@example.com", "password": "correct horse"}
    somebody.headers["Authorization"] = f"Bearer {(await somebody.ok('POST', '/auth/login', account))['token']}"
    admins = [each["email"] for each in await somebody.ok("GET", "/users") if each["role"] == "admin"]
    assert admins == ["anne@example.com"]


async def test_the_agent_api(ada: Person) -> None:
    session_id = (await ada.ok("POST", "/interview/session", {"target_question_count": 2}))["session_id"]
    ada.headers["X-Session-ID"] = session_id
    await ada.ok("POST", "/interview/start")
    said = answers()
    for _ in range(8):
        if (await ada.ok("POST", "/interview/message", {"message": next(said)}))["response_type"] == "closing":
            break
    assert len((await ada.ok("POST", "/interview/end"))["per_turn_feedback"]) == 3


async def test_the_interviews_api(ada: Person) -> None:
    number = (await ada.ok("POST", "/interviews", {"position": "Nurse", "num_questions": 2}))["id"]
    token = (await ada.ok("POST", f"/interviews/{number}/start"))["session_token"]
    assert (await ada.ok("POST", f"/interviews/{number}/start"))["session_token"] == token
    for text in itertools.islice(answers(), 2):
        said = await ada.ok("POST", "/interviews/session/submit", {"session_token": token, "response_text": text})
    assert said["is_completed"] and (await ada.ok("GET", f"/interviews/{number}/results"))["questions_answered"] == 2


async def test_the_turn_api(ada: Person) -> None:
    await ada.ok("POST", "/session/start/int_1", {"target_question_count": 1})
    said = answers()
    for number in range(2):
        turned = await ada.ok("POST", "/session/turn/int_1", {"text": next(said)})
        assert turned["turn_number"] == 3 + 2 * number
    assert turned["interviewer_response"]["should_continue"] is False


async def test_the_resume_api(ada: Person) -> None:
    form = aiohttp.FormData()
    form.add_field("file", RESUME.encode(), filename="resume.txt", content_type="text/plain")
    resume_id = (await ada.ok("POST", "/api/v1/resumes/upload", data=form))["resume_id"]
    wanted = {"resume_id": resume_id, "job_role": "Data Scientist", "target_question_count": 1}
    session_id = (await ada.ok("POST", "/api/v1/interviews/start", wanted))["session_id"]
    for text in ("Yes, I'm ready!", *itertools.islice(answers(), 2)):
        said = await ada.ok("POST", f"/api/v1/sessions/{session_id}/answer", {"answer": text})
    assert said["report"]["session_id"] == session_id


async def test_the_live_chat_moves_from_one_to_the_other(ada: Person) -> None:
    interview_id = (await ada.ok("POST", "/api/v1/interview/start", {"target_question_count": 2}))["interview_id"]
    url = f"{ada.url}/api/v1/interview/{interview_id}/chat"
    async with ada.http.ws_connect(url) as first:
        question = await _question(first)
        async with ada.http.ws_connect(url) as second:
            assert await _question(second) == question
            async with asyncio.timeout(20):
                while (await first.receive()).type is aiohttp.WSMsgType.TEXT:
                    pass
            assert first.close_code == 1008
            await second.send_json({"type": "final", "payload": ANSWER.format(n=1), "is_final": True})
            assert await _question(second) != question


async def _question(socket: aiohttp.ClientWebSocketResponse) -> str:
    async with asyncio.timeout(20):
        while True:
            message = await socket.receive_json()
            if message["type"] == "llm_response" and not message.get("tentative"):
                return str(message["payload"])


async def test_a_ticket_is_good_once_wherever_it_is_shown(ada: Person, proxy: tuple[Proxy, str]) -> None:
    session_id = (await ada.ok("POST", "/interview/session", {}))["session_id"]
    ticket = (await ada.ok("POST", "/api/v1/tickets"))["ticket"]
    url = f"{ada.url}/api/v1/sessions/{session_id}/events?ticket={ticket}"
    async with ada.http.get(url) as events:
        assert events.status == 200 and (await events.content.readline()).strip()
    for _ in range(2):
        async with ada.http.get(url) as again:
            assert again.status == 401


async def test_a_key_makes_one_of_many(ada: Person) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    made = await asyncio.gather(*(ada.ok("POST", "/interview/session", {}, headers=key) for _ in range(6)))
    assert len({each["session_id"] for each in made}) == 1
    ada.headers["X-Session-ID"] = made[0]["session_id"]
    begun = await asyncio.gather(*(ada.ok("POST", "/interview/start") for _ in range(4)))
    assert len({each["content"] for each in begun}) == 1
    body, key = {"message": ANSWER.format(n=7)}, {"Idempotency-Key": str(uuid4())}
    said = await asyncio.gather(*(ada.ok("POST", "/interview/message", body, headers=key) for _ in range(6)))
    assert len({each["content"] for each in said}) == 1
    history = (await ada.ok("GET", "/interview/history"))["history"]
    assert [each["role"] for each in history] == ["assistant", "user", "assistant"]


async def test_a_login_that_is_over_is_over_everywhere(ada: Person) -> None:
    for _ in range(2):
        await ada.ok("GET", "/auth/me")
    await ada.ok("POST", "/auth/logout")
    assert [(await ada.call("GET", "/auth/me"))[0] for _ in range(4)] == [401] * 4


async def test_they_count_logins_together(somebody: Person) -> None:
    guess = {"email": f"{uuid4().hex}@example.com", "password": "a wrong one"}
    guesses = [guess | {"email": f"{number}{guess['email']}"} for number in range(40)]
    began = time.monotonic()
    told = [(await somebody.call("POST", "/auth/login", each))[0] for each in guesses]
    refilled = (time.monotonic() - began) * LOGINS / 60
    assert LOGINS <= told.count(401) <= LOGINS + refilled + 1 and 429 in told
    somebody.headers["X-Forwarded-For"] = f"198.51.100.{next(_addresses)}"
    assert (await somebody.call("POST", "/auth/login", guess))[0] == 401


async def test_they_count_reads_together_with_a_tenth_more_each(ada: Person) -> None:
    began = time.monotonic()
    told = [(await ada.call("GET", "/auth/me"))[0] for _ in range(100)]
    refilled, shares = (time.monotonic() - began) * READS / 60, 2 * READS / 10
    assert READS <= told.count(200) <= READS + shares + refilled + 2
    assert 429 in told or refilled > 50


async def test_who_guesses_a_password_waits_longer_and_the_owner_does_not(somebody: Person) -> None:
    account = await somebody.register()
    there = somebody.headers.copy()
    await somebody.ok("POST", "/auth/login", account)
    told: list[tuple[int, Any]] = []
    while not told or told[-1][0] != 429:  # a slow machine may need longer for a guess than it would have to wait
        somebody.headers["X-Forwarded-For"] = "203.0.113.7"
        told.append(await somebody.call("POST", "/auth/login", account | {"password": "a guess"}))
    assert [status for status, _ in told[:5]] == [401] * 5
    assert "this email address" in told[-1][1]["detail"]
    somebody.headers = there
    assert (await somebody.call("POST", "/auth/login", account))[0] == 200
