"""One Parley for all end-to-end tests, and a client to talk to it."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio
from devkit.fake_openai import OpenAIServer
from devkit.fake_server import apart
from devkit.stack import Stack

from tools.conformance import conformance

ANSWER = (
    "I led the migration of our payment service to Postgres. First we measured where the time went, then I added a"
    " unique key for each request, because retries had charged customers twice. It reduced incidents by 40 percent."
)


LONGEST = ("test_up.py", "test_rotation.py")
"""Files that take minutes: begun last, one process would be busy with them long after the others have ended."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)


@dataclass(frozen=True)
class Reply:
    """A response, read to its end."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def detail(self) -> str:
        """The sentence of an error, which has no other content."""
        assert list(self.body) == ["detail"] and isinstance(self.body["detail"], str) and self.body["detail"]
        return str(self.body["detail"])


@dataclass(frozen=True)
class Seen:
    """One server-sent event; `number` is its `id`."""

    kind: str
    number: str | None
    data: Any


@dataclass
class Listener:
    """Reads a stream of server-sent events."""

    response: aiohttp.ClientResponse

    async def read(self, seconds: float = 20) -> Seen | None:
        """The next event; None at the end of the stream."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(seconds):
            async for raw in self.response.content:
                line = raw.decode().rstrip("\n")
                name, _, value = line.partition(": ")
                if not line and "event" in fields:
                    return Seen(fields["event"], fields.get("id"), json.loads(fields["data"]))
                fields[name] = value
        return None

    async def until(self, kind: str, times: int = 1) -> list[Seen]:
        """All events up to one of this kind, or to the last of so many."""
        seen: list[Seen] = []
        while [each.kind for each in seen].count(kind) < times:
            event = await self.read()
            assert event is not None, f"the stream ended before {kind}: {[each.kind for each in seen]}"
            seen.append(event)
        return seen


@dataclass
class Client:
    """A candidate's client: remembers its token and its session."""

    http: aiohttp.ClientSession
    url: str
    headers: dict[str, str] = field(default_factory=dict)

    async def call(self, method: str, path: str, body: Any = None, *, data: Any = None, **headers: str | None) -> Reply:
        """One request, never redirected; `None` as a header's value takes it away. `data` is sent as it is. The answer
        has to be one that the API's description has."""
        merged = {name: value for name, value in {**self.headers, **headers}.items() if value is not None}
        options: dict[str, Any] = {"data": data} if body is None else {"json": body}
        async with self.http.request(
            method, self.url + path, headers=merged, allow_redirects=False, **options
        ) as response:
            raw = await response.read()
            is_json = "json" in response.headers.get("content-type", "")
            content = await response.json() if is_json else raw
            kind = response.headers.get("content-type", "")
            conformance().must_describe(method, urlsplit(path).path, response.status, kind, content)
            return Reply(response.status, content, dict(response.headers))

    async def get(self, path: str, **headers: str | None) -> Reply:
        return await self.call("GET", path, **headers)

    async def post(self, path: str, body: Any = None, **headers: str | None) -> Reply:
        return await self.call("POST", path, body, **headers)

    @asynccontextmanager
    async def listening(self, session_id: str, query: str = "", **headers: str) -> AsyncIterator[Listener]:
        """The events of a session, as they are sent."""
        url = f"{self.url}/api/v1/sessions/{session_id}/events{query}"
        async with self.http.get(url, headers={**self.headers, **headers}) as response:
            yield Listener(response)

    def having(self, **headers: str) -> Client:
        """Another client with these headers and no others."""
        return Client(self.http, self.url, headers)

    async def register(self) -> dict[str, Any]:
        """Create an account and use its token from now on."""
        account = {"email": f"{uuid4().hex}@example.com", "password": "correct horse", "name": "Ada"}
        reply = await self.post("/auth/register", account)
        assert reply.status == 201, reply
        self.headers["Authorization"] = f"Bearer {reply.body['access_token']}"
        return {**account, **reply.body}

    async def begin(self, **config: Any) -> str:
        """Create and start a session, and use it from now on."""
        body = {"job_role": "Backend Engineer", "target_question_count": 3, **config}
        created = await self.post("/interview/session", body)
        assert created.status == 200, created
        self.headers["X-Session-ID"] = created.body["session_id"]
        started = await self.post("/interview/start")
        assert started.status == 200, started
        return str(created.body["session_id"])

    async def say(self, text: str, **headers: str) -> Reply:
        """Answer the current question."""
        return await self.post("/interview/message", {"message": text}, **headers)

    async def to_the_end(self, text: str = ANSWER) -> list[Reply]:
        """Answer until the closing."""
        replies = []
        for number in range(60):
            replies.append(await self.say(f"{text} That was example number {number}."))
            assert replies[-1].status == 200, replies[-1]
            if replies[-1].body["response_type"] == "closing":
                return replies
        raise AssertionError(f"the interview does not end: {[reply.body for reply in replies[:8]]}")

    async def eventually(self, path: str, accept: Any, seconds: float = 15) -> Any:
        """Poll until `accept(body)`."""
        body = None
        for _ in range(int(seconds / 0.1)):
            body = (await self.get(path)).body
            if accept(body):
                return body
            await asyncio.sleep(0.1)
        raise AssertionError(f"{path} never became what it should: {body}")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Parley with every service as its own process."""
    with Stack(tmp_path_factory.mktemp("parley")) as running:
        yield running


@pytest.fixture(scope="session")
def hanging() -> Callable[[Stack, str], AbstractContextManager[None]]:
    """Lets a service hang for a while: it is there, and does not answer."""

    @contextmanager
    def stopped(stack: Stack, service: str) -> Iterator[None]:
        assert stack.kill(service, signal.SIGSTOP)
        try:
            yield
        finally:
            stack.kill(service, signal.SIGCONT)

    return stopped


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    """On a loop of its own: it outlives those of the tests."""
    with apart(OpenAIServer()) as running:
        yield running


@pytest_asyncio.fixture
async def client_of() -> AsyncIterator[Callable[[Stack], Client]]:
    """Makes anonymous clients of any Parley."""
    async with aiohttp.ClientSession() as http:
        yield lambda stack: Client(http, stack.url)


@pytest_asyncio.fixture
async def client(stack: Stack) -> AsyncIterator[Client]:
    """An anonymous client."""
    async with aiohttp.ClientSession() as http:
        yield Client(http, stack.url)


@pytest_asyncio.fixture
async def other(stack: Stack) -> AsyncIterator[Client]:
    """Somebody else."""
    async with aiohttp.ClientSession() as http:
        yield Client(http, stack.url)
