"""What stays open ends with the login that it was opened with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from contracts.documents.asks import DocumentView
from contracts.session.asks import History
from contracts.subjects import live_subject
from gateway.auth import logins
from gateway.auth.errors import InvalidToken
from gateway.auth.logins import LOGIN_OVER, Login, login_of
from gateway.auth.tokens import AccessClaims
from gateway.bus.commands import Caller
from gateway.bus.stream import SessionStream
from gateway.dialects.ours.documents import _lines
from gateway.dialects.ours.sessions import lines
from gateway.problems import Problem
from starlette.requests import HTTPConnection

ADA = AccessClaims(uuid4(), uuid4(), uuid4(), datetime.now(UTC) + timedelta(hours=1))
SESSION_ID = uuid4()


@dataclass
class Accounts:
    """Knows one login, until it is `revoked`; `trouble` is what asking ends in."""

    revoked: bool = False
    trouble: Exception | None = None
    asked: int = 0
    tickets: dict[str, AccessClaims] = field(default_factory=lambda: {"a-ticket": ADA})

    async def claims(self, token: str) -> AccessClaims:
        if token != "a-token" or self.revoked:
            raise InvalidToken
        return ADA

    async def confirm(self, claims: AccessClaims) -> None:
        self.asked += 1
        if self.trouble:
            raise self.trouble
        if self.revoked:
            raise InvalidToken

    async def redeem(self, value: str) -> AccessClaims | None:
        return self.tickets.pop(value, None)


@pytest.fixture
def accounts() -> Accounts:
    return Accounts()


@pytest.fixture
def login(accounts: Accounts) -> Login:
    return Login(accounts, ADA)  # type: ignore[arg-type]


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logins are looked at again at once."""
    monkeypatch.setattr(logins, "RECHECK_SECONDS", 0.01)


def connection(accounts: Accounts, query: str = "", **headers: str) -> HTTPConnection:
    app = SimpleNamespace(container=SimpleNamespace(identity=accounts, tickets=accounts))
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "websocket", "app": app, "query_string": query.encode(), "headers": raw})


# Who opens something


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("token=a-token", {}),
        ("ticket=a-ticket", {}),
        ("", {"authorization": "Bearer a-token"}),
        ("token=", {}),
        ("", {}),
    ],
)
async def test_one_is_who_one_says_to_be_or_nobody(accounts: Accounts, query: str, headers: dict[str, str]) -> None:
    found = await login_of(connection(accounts, query, **headers), token_in_query=True)
    assert found.user_id == (ADA.user_id if "a-t" in query or headers else None)


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("token=another", {}),
        ("ticket=another", {}),
        ("ticket=another&token=a-token", {}),
        ("", {"authorization": "Bearer another"}),
        ("", {"authorization": "Basic a-token"}),
        ("token=a-token", {"authorization": "Bearer another"}),
    ],
)
async def test_what_is_there_and_bad_is_refused(accounts: Accounts, query: str, headers: dict[str, str]) -> None:
    with pytest.raises(Problem) as refused:
        await login_of(connection(accounts, query, **headers), token_in_query=True)
    assert refused.value.status == 401


async def test_a_token_in_the_address_is_for_sockets_alone(accounts: Accounts) -> None:
    assert (await login_of(connection(accounts, "token=a-token"))).user_id is None


async def test_a_ticket_dies_with_its_login_before_it_is_used(accounts: Accounts) -> None:
    accounts.revoked = True
    with pytest.raises(Problem, match="ticket is not valid"):
        await login_of(connection(accounts, "ticket=a-ticket"))


# Whether it still is


@pytest.mark.usefixtures("often")
async def test_it_ends_when_it_is_revoked(login: Login, accounts: Accounts) -> None:
    ending = asyncio.create_task(login.ended())
    async with asyncio.timeout(10):
        while accounts.asked < 3:  # noqa: ASYNC110 - it is asked by the clock
            await asyncio.sleep(0.01)
    assert not ending.done()
    accounts.revoked = True
    await asyncio.wait_for(ending, 10)
    assert await login.has_ended()


async def test_it_is_not_looked_at_more_often_than_needed(login: Login, accounts: Accounts) -> None:
    accounts.revoked = True
    assert [await login.is_over() for _ in range(100)] == [False] * 100
    assert accounts.asked == 0


async def test_it_goes_on_while_accounts_cannot_be_asked(login: Login, accounts: Accounts) -> None:
    accounts.trouble = ConnectionRefusedError()
    assert not await login.has_ended()
    accounts.trouble = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await login.has_ended()


async def test_who_did_not_log_in_is_not_logged_out() -> None:
    assert not await Login().has_ended()


# What was opened with it


class Session:
    """A session in which nothing happens."""

    @asynccontextmanager
    async def everything(self, session_id: Any) -> AsyncIterator[asyncio.Queue[Any]]:
        yield asyncio.Queue()

    async def history(self, caller: Caller, session_id: Any, after: int) -> History:
        return History(found=True)


@pytest.mark.usefixtures("often")
async def test_the_events_of_a_session_end_with_the_login(login: Login, accounts: Accounts) -> None:
    stream = SessionStream(Session(), Session(), Caller(None), SESSION_ID, 0, 0.02)  # type: ignore[arg-type]
    sent = lines(stream, login)
    assert [await anext(sent) for _ in range(3)] == ["retry: 2000\n\n", ": still here\n\n", ": still here\n\n"]
    accounts.revoked = True
    rest = [line async for line in sent]
    assert len(rest) == 1 and rest[0].startswith("event: error\n") and LOGIN_OVER in rest[0]


class Library:
    """A document that is being read for ever, and whose progress is told all the time if it is `busy`."""

    def __init__(self, busy: bool) -> None:
        self.busy = busy

    async def view(self, caller: Caller, document_id: Any) -> DocumentView:
        return VIEW

    @asynccontextmanager
    async def progress(self, document_id: Any) -> AsyncIterator[asyncio.Queue[Any]]:
        queue: asyncio.Queue[Any] = asyncio.Queue()
        if self.busy:
            message = SimpleNamespace(subject=live_subject(document_id, "progress"), data=PROGRESS)
            queue.get = lambda: asyncio.sleep(0.005, message)  # type: ignore[method-assign]
        yield queue


VIEW = DocumentView(
    document_id=uuid4(), kind="resume", filename="cv.pdf", status="processing", created_at=datetime.now(UTC), size=1,
    series_id=uuid4(), version=1,
)  # fmt: skip
PROGRESS = b'{"stage": "reading", "percent": 30}'


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("busy", [False, True])
async def test_the_events_of_a_document_end_with_the_login(
    login: Login, accounts: Accounts, busy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.dialects.ours.documents.POLL_SECONDS", 0.02)
    library: Any = Library(busy)
    sent = _lines(library, library, Caller(ADA.user_id), VIEW, login)
    assert await anext(sent) == "retry: 2000\n\n"
    assert (await anext(sent)).startswith("event: progress" if busy else ": still here")
    accounts.revoked = True
    async with asyncio.timeout(10):
        rest = [line async for line in sent]
    assert rest[-1].startswith("event: error\n") and LOGIN_OVER in rest[-1]
