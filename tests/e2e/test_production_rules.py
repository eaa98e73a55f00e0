"""The strict defaults of ENV=production, rate limits, and what clients see while a service hangs."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from devkit.stack import Stack

SOMEBODYS = "7b0c5e0e-6d5a-4c57-9a53-2f1f0a6f6c11"
HOME = "https://app.example.com"
SECOND_HOME = "https://admin.example.com"
FOREIGN = "https://evil.example.net"
LIMITS = {"RATE_LIMIT_AUTH": "8", "RATE_LIMIT_WRITE": "20", "RATE_LIMIT_READ": "200"}
ENVIRONMENT = {
    "ENV": "production",
    "JWT_SECRET": "a secret of the production tests, long enough",
    "ALLOWED_ORIGINS": f"{HOME}, {SECOND_HOME}",
    "REPLY_TIMEOUT": "3",
    **LIMITS,
}


@dataclass
class Production:
    """A Parley with strict settings, and accounts that were made before the limits were used up."""

    stack: Stack
    tokens: list[str]
    spare: str


def register(url: str) -> str:
    """A new account's token."""
    account = {"email": f"{uuid4().hex}@example.com", "password": "correct horse"}
    request = urllib.request.Request(
        f"{url}/auth/register", json.dumps(account).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return str(json.load(response)["access_token"])


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """One for all tests here: each takes an account of its own, which has limits of its own."""
    with Stack(tmp_path_factory.mktemp("production"), ENVIRONMENT) as stack:
        tokens = [register(stack.url) for _ in range(int(LIMITS["RATE_LIMIT_AUTH"]))]
        yield Production(stack, tokens[1:], spare=tokens[0])


@pytest.fixture
def anyone(production: Production, client_of: Callable[[Stack], Any]) -> Any:
    """A client without a token."""
    return client_of(production.stack)


@pytest.fixture
def user(anyone: Any, production: Production) -> Any:
    """A client with an account that no other test uses."""
    return anyone.having(Authorization=f"Bearer {production.tokens.pop()}", Origin=HOME)


async def until_refused(client: Any, method: str, path: str, body: Any = None) -> Any:
    """Call until it is too often: a bucket that is being filled while it is emptied is empty in the end."""
    for _ in range(400):
        reply = await client.call(method, path, body)
        if reply.status == 429:
            return reply
    raise AssertionError("nobody was refused")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/interview/session"),
        ("POST", "/interview/start"),
        ("GET", "/interview/history"),
        ("GET", "/interview/session/time-remaining"),
        ("GET", f"/api/v1/sessions/{SOMEBODYS}/events"),
        ("DELETE", f"/api/v1/sessions/{SOMEBODYS}"),
        ("POST", "/api/v1/tickets"),
    ],
)
async def test_nobody_gets_in_without_an_account(anyone: Any, method: str, path: str) -> None:
    reply = await anyone.call(method, path, **{"X-Session-ID": str(uuid4())})
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert reply.detail


async def test_what_needs_no_account_needs_none_here_either(anyone: Any) -> None:
    assert (await anyone.get("/")).status == 200
    assert (await anyone.get("/health")).status == 200
    assert (await anyone.post("/interview/session/cleanup")).status == 200
    assert (await anyone.post("/api/text-to-speech")).status == 503


@pytest.mark.parametrize(("path", "field"), [("/files/upload-resume", "file"), ("/api/v1/documents/upload/jd", "file")])
async def test_a_file_may_come_without_a_login(anyone: Any, path: str, field: str) -> None:
    """Clients exist that send no token with a file."""
    form = aiohttp.FormData()
    text = f"Anne Example\n\nExperience\n\nEngineer, Northwind\n2019 - Present\n- Built {uuid4()}."
    form.add_field(field, text.encode(), filename="resume.txt", content_type="text/plain")
    reply = await anyone.call("POST", path, data=form)
    assert reply.status == 200, reply
    assert (await anyone.post("/interview/session")).status == 401


async def test_an_interview_with_an_account(user: Any) -> None:
    await user.begin(target_question_count=1)
    replies = await user.to_the_end()
    assert replies[-1].body["response_type"] == "closing"


@pytest.mark.parametrize("origin", [HOME, SECOND_HOME])
async def test_the_listed_origins_may_call(anyone: Any, origin: str) -> None:
    reply = await anyone.get("/health", Origin=origin)
    assert reply.headers["Access-Control-Allow-Origin"] == origin
    wanted = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    assert (await anyone.call("OPTIONS", "/auth/login", Origin=origin, **wanted)).status == 200


@pytest.mark.parametrize("origin", [FOREIGN, f"{HOME}.example.net", "null"])
async def test_other_origins_may_not(anyone: Any, origin: str) -> None:
    assert "Access-Control-Allow-Origin" not in (await anyone.get("/health", Origin=origin)).headers
    assert "Access-Control-Allow-Origin" not in (await anyone.get("/nothing", Origin=origin)).headers
    preflight = await anyone.call("OPTIONS", "/auth/login", Origin=origin, **{"Access-Control-Request-Method": "POST"})
    assert preflight.status == 400
    assert "Access-Control-Allow-Origin" not in preflight.headers


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/interview/session"), ("GET", "/auth/me")], ids=["writes", "reads"]
)
async def test_who_calls_too_often_is_told_when_to_come_back(user: Any, method: str, path: str) -> None:
    reply = await until_refused(user, method, path)
    assert reply.detail
    assert int(reply.headers["Retry-After"]) >= 1
    assert reply.headers["Access-Control-Allow-Origin"] == HOME
    assert "Retry-After" in reply.headers["Access-Control-Expose-Headers"]
    assert reply.headers["X-Request-ID"]


async def test_writes_reads_and_callers_have_limits_of_their_own(user: Any, production: Production) -> None:
    await until_refused(user, "POST", "/interview/session")
    assert (await user.get("/auth/me")).status == 200
    somebody = user.having(Authorization=f"Bearer {production.spare}")
    assert (await somebody.post("/interview/session")).status == 200


async def test_a_hanging_session_service_is_a_503_with_a_sentence(
    user: Any, production: Production, hanging: Any
) -> None:
    await user.begin()
    with hanging(production.stack, "session"):
        reply = await user.say("I have ten years of experience with queues.")
        assert reply.status in (503, 504)
        assert reply.detail.endswith(".") and "Error" not in reply.detail and "nats" not in reply.detail.lower()
        assert reply.headers["Access-Control-Allow-Origin"] == HOME
    assert (await user.say("I have ten years of experience with queues.")).status == 200


async def test_a_late_reply_is_a_504_and_found_in_the_history(user: Any, production: Production, hanging: Any) -> None:
    await user.begin()
    text = "I have ten years of experience with queues."
    with hanging(production.stack, "interviewer"):
        late = await user.say(text, **{"Idempotency-Key": "late"})
        assert late.status == 504 and "saved" in late.detail and "history" in late.detail
        assert late.headers["Access-Control-Allow-Origin"] == HOME
        refused = await user.say("And I like trains.")
        assert refused.status == 409 and "session" not in refused.detail.lower()
    said = await user.eventually("/interview/history", lambda body: len(body["history"]) == 3, seconds=30)
    assert said["history"][1]["content"] == text
    assert (await user.say(text, **{"Idempotency-Key": "late"})).body == said["history"][2]


async def test_guessing_passwords_is_limited_by_address_whatever_the_token(anyone: Any) -> None:
    began = time.monotonic()
    for number in range(400):
        body = {"email": "ada@example.com", "password": f"guess {number}"}
        reply = await anyone.post("/auth/login", body, Authorization=f"Bearer {number}.b.c", Origin=HOME)
        if reply.status == 429:
            break
        assert reply.status == 401
    assert reply.status == 429 and int(reply.headers["Retry-After"]) >= 1
    assert number <= 8 + (time.monotonic() - began) * 8 / 60, "no more than the limit allows"
    # Each refusal takes a second, in which there may be one more: then that one is taken, and the next refused.
    others = [(await anyone.post("/auth/token", body, Origin=HOME)).status for _ in range(2)]
    assert 429 in others
