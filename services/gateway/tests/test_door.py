"""The door in front of the routes: sizes, rates, ids and the spelling of the path."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI, Request
from gateway import errors
from gateway.door import Door, RateLimiter, with_cors
from starlette.responses import JSONResponse

LIMIT = 100


def behind(app: Any, **limits: int) -> Any:
    return with_cors(Door(app, max_body=LIMIT, limiter=RateLimiter(limits), tracer=None), ["*"])


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with what arrived."""
    request = Request(scope, receive)
    body = await request.body()
    await JSONResponse({"path": scope["path"], "size": len(body)})(scope, receive, send)


def routes() -> FastAPI:
    """An application with our errors, that reads its body."""
    app = FastAPI(redirect_slashes=False)
    errors.install(app)

    async def read(request: Request) -> dict[str, int]:
        return {"size": len(await request.body())}

    for path in ("/read", "/files/upload-resume", "/interview/session"):
        app.post(path)(read)
    return app


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_of_the_limit_passes(call: Any, declared: bool) -> None:
    headers = {"Content-Length": str(LIMIT)} if declared else {}
    answered = await call(behind(routes()), "POST", "/read", [b"x" * 60, b"x" * 40], headers)
    assert (answered.status, answered.json) == (200, {"size": LIMIT})


@pytest.mark.parametrize("declared", [True, False])
async def test_a_larger_one_is_413_with_one_answer(call: Any, declared: bool) -> None:
    headers = {"Content-Length": str(LIMIT + 1)} if declared else {}
    headers["Origin"] = "https://app.example.com"
    answered = await call(behind(routes()), "POST", "/read", [b"x" * 60, b"x" * 41], headers)
    assert (answered.status, answered.json) == (413, {"detail": "The request is too large."})
    assert answered.headers["access-control-allow-origin"] == "*"
    assert answered.headers["x-request-id"]


async def test_a_declared_length_is_refused_without_reading(call: Any) -> None:
    async def untouched(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("the application was called")

    assert (await call(behind(untouched), "POST", "/", b"", {"Content-Length": "101"})).status == 413


@pytest.mark.parametrize("length", ["", "many", "-5", "1e9"])
async def test_a_length_that_is_none_is_not_believed(call: Any, length: str) -> None:
    answered = await call(behind(routes()), "POST", "/read", b"x" * 101, {"Content-Length": length})
    assert answered.status == 413


MULTIPART = {"Content-Type": "Multipart/Form-Data; boundary=x"}


async def test_uploads_have_limits_of_their_own(call: Any) -> None:
    answered = await call(behind(routes()), "POST", "/files/upload-resume", b"x" * 500, MULTIPART)
    assert answered.json == {"size": 500}


@pytest.mark.parametrize("path", ["/read", "/interview/session"])
async def test_but_calling_it_one_does_not_make_it_so(call: Any, path: str) -> None:
    assert (await call(behind(routes()), "POST", path, b"x" * 500, MULTIPART)).status == 413


async def test_nor_does_the_path_alone(call: Any) -> None:
    assert (await call(behind(routes()), "POST", "/files/upload-resume", b"x" * 500)).status == 413


@pytest.mark.parametrize(
    ("given", "seen"), [("/a", "/a"), ("/a/", "/a"), ("/a//", "/a"), ("/", "/"), ("//", "/"), ("/a/b/", "/a/b")]
)
async def test_a_trailing_slash_is_taken_away(call: Any, given: str, seen: str) -> None:
    assert (await call(behind(echo), "GET", given)).json["path"] == seen


async def test_a_given_request_id_is_kept(call: Any) -> None:
    answered = await call(behind(echo), headers={"X-Request-ID": "a-1_b.2"})
    assert answered.headers["x-request-id"] == "a-1_b.2"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "naïve", "line\n", "<b>"])
async def test_a_strange_one_is_replaced(call: Any, given: str) -> None:
    first, second = [await call(behind(echo), headers={"X-Request-ID": given}) for _ in range(2)]
    ids = {first.headers["x-request-id"], second.headers["x-request-id"]}
    assert len(ids) == 2 and all(each.isalnum() and len(each) == 32 for each in ids)


async def statuses(call: Any, app: Any, path: str, tokens: list[str], address: str = "192.0.2.1") -> list[int]:
    """What callers with these tokens get, one after the other."""
    return [
        (await call(app, "POST", path, headers={"Authorization": token} if token else {}, client=address)).status
        for token in tokens
    ]


async def test_too_many_requests_are_429_with_a_sentence_and_a_time(call: Any) -> None:
    app = behind(echo, write=1)
    await call(app, "POST", "/", headers={"Origin": "https://app.example.com"})
    answered = await call(app, "POST", "/", headers={"Origin": "https://app.example.com"})
    assert (answered.status, list(answered.json)) == (429, ["detail"])
    assert 1 <= int(answered.headers["retry-after"]) <= 60
    assert answered.headers["access-control-allow-origin"] == "*"
    assert "Retry-After" in answered.headers["access-control-expose-headers"]


async def test_each_account_has_a_rate_of_its_own(call: Any) -> None:
    app = behind(echo, write=1)
    tokens = ["Bearer one", "Bearer two", "Bearer one", "Bearer two"]
    assert await statuses(call, app, "/interview/message", tokens) == [200, 200, 429, 429]


async def test_without_a_token_it_is_the_addresss(call: Any) -> None:
    app = behind(echo, write=1)
    assert await statuses(call, app, "/interview/message", ["", ""]) == [200, 429]
    assert await statuses(call, app, "/interview/message", [""], address="192.0.2.2") == [200]


async def test_an_empty_token_is_no_other_caller(call: Any) -> None:
    app = behind(echo, write=1)
    tokens = ["", "Bearer null", "bearer NULL", "Bearer undefined", "null", "Bearer "]
    assert await statuses(call, app, "/interview/message", tokens) == [200, 429, 429, 429, 429, 429]


@pytest.mark.parametrize("path", ["/auth/login", "/api/v1/auth/register"])
async def test_who_guesses_passwords_gets_no_new_bucket_with_each_token(call: Any, path: str) -> None:
    app = behind(echo, auth=2)
    tokens = [f"Bearer {number}" for number in range(4)]
    assert await statuses(call, app, path, tokens) == [200, 200, 429, 429]


async def test_what_is_not_http_passes_untouched() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    await behind(app)({"type": "lifespan", "path": "/a/"}, None, None)
    assert seen == [{"type": "lifespan", "path": "/a/"}]
