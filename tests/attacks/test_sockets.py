"""Sockets and streams of others, of too many, and of logins that are over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio
from devkit.stack import Stack

TIMEOUT = 40
"""Seconds; a login is looked at again every 15."""


@dataclass
class Person:
    """Somebody with an account, or without."""

    http: aiohttp.ClientSession
    url: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def token(self) -> str:
        return self.headers["Authorization"].removeprefix("Bearer ")

    async def post(self, path: str, body: Any = None) -> Any:
        async with self.http.post(self.url + path, json=body or {}, headers=self.headers) as response:
            assert response.status < 300, await response.text()
            return await response.json()

    async def registered(self) -> Person:
        account = {"email": f"{uuid4().hex}@example.com", "password": "correct horse", "name": "Ada"}
        self.headers["Authorization"] = f"Bearer {(await self.post('/auth/register', account))['access_token']}"
        return self

    async def interview(self) -> str:
        return str((await self.post("/api/v1/interview/start", {"job_role": "Engineer"}))["interview_id"])

    @asynccontextmanager
    async def chat(self, interview_id: str, query: str = "", **headers: str) -> AsyncIterator[Chat]:
        """A socket, which says by itself nothing of who opens it."""
        url = f"{self.url}/api/v1/interview/{interview_id}/chat{query}"
        async with self.http.ws_connect(url, headers=headers) as socket:
            yield Chat(socket)


@dataclass
class Chat:
    socket: aiohttp.ClientWebSocketResponse
    seen: list[Any] = field(default_factory=list)

    async def until(self, kind: str) -> Any:
        while not self.seen or self.seen[-1]["type"] != kind:
            self.seen.append(await self.socket.receive_json(timeout=TIMEOUT))
        return self.seen[-1]

    async def is_open(self) -> bool:
        return bool(await self.until("llm_response"))

    async def refusal(self) -> tuple[str, int | None]:
        """What is said last, and the code that it is closed with."""
        async with asyncio.timeout(TIMEOUT):
            async for message in self.socket:
                self.seen.append(json.loads(message.data))
        assert self.seen[-1]["type"] == "error"
        return self.seen[-1]["payload"], self.socket.close_code


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("sockets")) as running:
        yield running


@pytest_asyncio.fixture
async def nobody(stack: Stack) -> AsyncIterator[Person]:
    async with aiohttp.ClientSession() as http:
        yield Person(http, stack.url)


@pytest_asyncio.fixture
async def ada(nobody: Person) -> Person:
    return await Person(nobody.http, nobody.url).registered()


@pytest_asyncio.fixture
async def eve(nobody: Person) -> Person:
    return await Person(nobody.http, nobody.url).registered()


async def ticket(person: Person) -> str:
    return str((await person.post("/api/v1/tickets"))["ticket"])


async def test_the_owner_is_let_in_by_token_header_ticket_or_id(ada: Person) -> None:
    interview = await ada.interview()
    for query, headers in [
        ("", {}),
        (f"?token={ada.token}", {}),
        ("", {"Authorization": f"Bearer {ada.token}"}),
        (f"?ticket={await ticket(ada)}", {}),
    ]:
        async with ada.chat(interview, query, **headers) as chat:
            assert await chat.is_open()


async def test_a_token_that_is_bad_or_anothers_opens_nothing(ada: Person, eve: Person) -> None:
    interview = await ada.interview()
    used = await ticket(ada)
    async with ada.chat(interview, f"?ticket={used}") as chat:
        assert await chat.is_open()
    for query, headers in [
        (f"?token={eve.token}", {}),
        ("?token=nonsense", {}),
        ("", {"Authorization": "Bearer nonsense"}),
        ("", {"Authorization": f"Bearer {eve.token}"}),
        (f"?ticket={await ticket(eve)}", {}),
        (f"?ticket={used}", {}),
    ]:
        async with ada.chat(interview, query, **headers) as chat:
            sentence, code = await chat.refusal()
            assert sentence.endswith(".") and code == 1008 and len(chat.seen) == 1


async def test_a_logout_ends_what_was_opened_before(ada: Person) -> None:
    interview = await ada.interview()
    unused = await ticket(ada)
    events = f"{ada.url}/api/v1/sessions/{interview}/events"
    async with (
        ada.chat(interview, f"?token={ada.token}") as chat,
        ada.http.get(events, headers=ada.headers) as by_token,
        ada.http.get(f"{events}?ticket={await ticket(ada)}") as by_ticket,
    ):
        assert await chat.is_open() and by_token.status == by_ticket.status == 200
        await ada.post("/auth/logout")
        async with asyncio.timeout(TIMEOUT):
            ends = await asyncio.gather(by_token.text(), by_ticket.text(), chat.refusal())
    for text in ends[:2]:
        assert "event: error" in text.strip().rpartition("\n\n")[2]
    assert ends[2][1] == 1008 and "log in" in ends[2][0]
    async with ada.http.get(f"{events}?ticket={unused}") as late:
        assert late.status == 401


async def test_an_account_has_five_chats_open_and_may_load_one_again(ada: Person, eve: Person) -> None:
    interviews = [await ada.interview() for _ in range(6)]
    async with AsyncExitStack() as opened:
        for interview in interviews[:5]:
            assert await (await opened.enter_async_context(ada.chat(interview))).is_open()
        async with ada.chat(interviews[5]) as sixth:
            assert (await sixth.refusal())[1] == 1008
        async with ada.chat(interviews[0]) as again:
            assert await again.is_open()
        async with eve.chat(await eve.interview()) as hers:
            assert await hers.is_open()


async def test_a_setting_demands_the_token(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Stack(tmp_path_factory.mktemp("strict"), {"CHAT_TOKEN_REQUIRED": "true"}) as stack:
        async with aiohttp.ClientSession() as http:
            nobody = Person(http, stack.url)
            ada = await Person(http, stack.url).registered()
            interview = await ada.interview()
            async with ada.chat(interview) as chat:
                assert (await chat.refusal())[1] == 1008
            async with ada.chat(interview, f"?token={ada.token}") as chat:
                assert await chat.is_open()
            async with nobody.chat(await nobody.interview()) as chat:
                assert await chat.is_open()
