"""The middleware in front of the routes: sizes, rates, ids and the spelling of the path."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from fastapi import FastAPI, Request
from gateway.edge import errors
from gateway.edge.headers import with_cors
from gateway.edge.limits import RateLimiter
from gateway.edge.metrics import Measures
from gateway.edge.middleware import Edge
from gateway.problems import Problem
from memory_buckets import MemoryBuckets
from prometheus_client import REGISTRY
from runtime.telemetry import _with_request
from starlette.responses import JSONResponse
from structlog.testing import capture_logs

LIMIT = 100


def behind(app: Any, **limits: int) -> Any:
    return with_cors(at_the_door(app, **limits), ["*"])


def at_the_door(app: Any, body_seconds: float = 30, refusal_seconds: float = 0, **limits: int) -> Edge:
    measures = Measures(app) if isinstance(app, FastAPI) else None
    return Edge(
        app,
        max_body=LIMIT,
        limiter=RateLimiter(limits, MemoryBuckets()),
        tracer=None,
        subject=lambda token: token.partition(".")[2] or None,
        measures=measures,
        body_seconds=body_seconds,
        refusal_seconds=refusal_seconds,
        recordings={"/recorded": 3 * LIMIT},
    )


async def test_where_a_recording_may_come_more_is_taken(call: Any) -> None:
    app = behind(echo)
    assert [(await call(app, "POST", path, bytes(2 * LIMIT))).status for path in ("/recorded", "/other")] == [200, 413]
    assert (await call(app, "POST", "/recorded/", bytes(4 * LIMIT))).status == 413


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
    tokens = ["Bearer token.one", "Bearer token.two", "Bearer token.one", "Bearer another.two"]
    assert await statuses(call, app, "/interview/message", tokens) == [200, 200, 429, 429]


async def test_without_a_token_it_is_the_addresss(call: Any) -> None:
    app = behind(echo, write=1)
    assert await statuses(call, app, "/interview/message", ["", ""]) == [200, 429]
    assert await statuses(call, app, "/interview/message", [""], address="192.0.2.2") == [200]


async def test_who_asks_too_often_waits_for_the_refusal_and_nobody_else_does(
    call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.edge.middleware.MOST_HELD", 1)
    app = with_cors(at_the_door(echo, refusal_seconds=600, write=1), ["*"])
    assert (await call(app, "POST", "/")).status == 200
    waiting = asyncio.create_task(call(app, "POST", "/"))
    done, _ = await asyncio.wait({waiting}, timeout=0.1)
    assert not done
    assert (await call(app, "POST", "/", client="192.0.2.2")).status == 200
    assert (await call(app, "POST", "/")).status == 429, "no more than so many are held"
    waiting.cancel()
    await asyncio.wait({waiting})


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


def broken() -> FastAPI:
    """Routes that fail in every way."""
    app = FastAPI(redirect_slashes=False)
    errors.install(app)

    async def fail(kind: str) -> None:
        raise {"ours": RuntimeError(SECRET), "theirs": TimeoutError(SECRET), "told": Problem(503, "Not now.")}[kind]

    async def read(request: Request) -> dict[str, int]:
        return {"size": len(await request.body())}

    app.get("/fail/{kind}")(fail)
    app.post("/read")(read)
    return app


SECRET = "the candidate's own words"


def counted(route: str, status: int, method: str = "GET") -> float:
    labels = {"method": method, "route": route, "status": str(status)}
    return REGISTRY.get_sample_value("parley_http_seconds_count", labels) or 0


@pytest.mark.parametrize(("kind", "status"), [("ours", 500), ("theirs", 503), ("told", 503)])
async def test_an_answer_that_is_our_fault_is_one_line_with_its_route_and_request(
    call: Any, kind: str, status: int
) -> None:
    before = counted("/fail/{kind}", status)
    with capture_logs(processors=[_with_request]) as lines:
        answered = await call(behind(broken()), "GET", f"/fail/{kind}", headers={"X-Request-ID": "mine"})
    assert answered.status == status
    [line] = lines
    assert (line["route"], line["request"], line["status"]) == ("/fail/{kind}", "mine", status)
    assert line["error"] in ("RuntimeError", "TimeoutError", "Problem") and "fail" in line["at"]
    assert SECRET not in str(line)
    assert counted("/fail/{kind}", status) == before + 1


async def test_an_error_of_no_route_is_a_500_all_the_same(call: Any) -> None:
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError(SECRET)

    answered = await call(behind(fails), headers={"Origin": "https://app.example.com"})
    assert (answered.status, list(answered.json)) == (500, ["detail"])
    assert answered.headers["access-control-allow-origin"] == "*" and answered.headers["x-request-id"]


async def test_one_in_the_middle_of_an_answer_goes_no_further_than_the_log(call: Any) -> None:
    async def begins(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        raise RuntimeError(SECRET)

    with capture_logs() as lines:
        answered = await call(behind(begins))
    assert (answered.status, answered.body) == (200, b"begun")
    assert len(lines) == 1 and SECRET not in str(lines)


async def test_a_client_that_hangs_up_is_499_and_no_line() -> None:
    before = counted("/read", 499, "POST")
    messages = [{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        return None

    scope = {"type": "http", "method": "POST", "path": "/read", "raw_path": b"/read", "query_string": b""}
    with capture_logs() as lines:
        await behind(broken())({**scope, "headers": [], "root_path": "", "state": {}}, receive, send)
    assert lines == [] and counted("/read", 499, "POST") == before + 1


async def test_a_body_that_takes_too_long_is_408_and_the_end_of_the_connection(call: Any) -> None:
    async def slowly(scope: Any, receive: Any, send: Any) -> None:
        async def never() -> Any:
            await asyncio.Event().wait()

        await at_the_door(routes(), body_seconds=0.05)(scope, never, send)

    answered = await call(slowly, "POST", "/read")
    assert (answered.status, answered.headers["connection"]) == (408, "close")
    assert answered.json["detail"].endswith(".")


async def test_a_listener_may_stay_after_its_body_is_here(call: Any) -> None:
    async def waits(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "http.request"
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(receive(), 0.2)
        await JSONResponse({})(scope, receive, send)

    assert (await call(at_the_door(waits, body_seconds=0.05), "POST", "/read")).status == 200


@pytest.mark.parametrize("path", ["/nothing", "/read/5/secret", "/fail"])
async def test_an_unknown_path_is_no_label(call: Any, path: str) -> None:
    before = counted("none", 404)
    await call(behind(broken()), "GET", path)
    assert counted("none", 404) == before + 1


async def test_nor_is_a_method_that_somebody_made_up(call: Any) -> None:
    before = counted("/read", 405, "other")
    await call(behind(broken()), "BREW", "/read")
    assert counted("/read", 405, "other") == before + 1


async def test_an_event_stream_counts_until_its_first_byte(call: Any) -> None:
    async def stream(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        await asyncio.sleep(0.6)
        await send({"type": "http.response.body", "body": b""})

    labels = {"method": "GET", "route": "none", "status": "200"}
    before = REGISTRY.get_sample_value("parley_http_seconds_sum", labels) or 0
    await call(behind(stream))
    assert (REGISTRY.get_sample_value("parley_http_seconds_sum", labels) or 0) < before + 0.5


@pytest.mark.parametrize(("path", "named"), [("/a\x00b", "address"), ("/?name=a%00b", "name"), ("/?a%00=1", "field")])
async def test_an_address_that_cannot_be_stored_is_400(call: Any, path: str, named: str) -> None:
    answered = await call(behind(echo), "GET", path)
    assert answered.status == 400 and named in answered.json["detail"]


async def handshake(app: Any, extensions: dict[str, Any]) -> list[str]:
    """What the application says to a WebSocket."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/chat", "query_string": b"", "headers": [], "client": ("192.0.2.1", 1)}
    await app({**scope, "extensions": extensions}, receive, send)
    return [str(message.get("status") or message["type"]) for message in sent]


async def accepts(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "websocket.accept"})


@pytest.mark.parametrize(
    ("extensions", "refused"),
    [({"websocket.http.response": {}}, ["429", "websocket.http.response.body"]), ({}, ["websocket.close"])],
)
async def test_handshakes_count_too(extensions: dict[str, Any], refused: list[str]) -> None:
    app = behind(accepts, socket=2)
    assert [await handshake(app, extensions) for _ in range(3)] == [["websocket.accept"]] * 2 + [refused]


async def test_answers_are_for_one_person_and_what_they_say_they_are(call: Any) -> None:
    answered = await call(behind(echo))
    assert answered.headers["cache-control"] == "no-store"
    assert answered.headers["x-content-type-options"] == "nosniff"
    assert {"authorization", "x-session-id"} <= {each.strip().lower() for each in answered.headers["vary"].split(",")}
    assert "strict-transport-security" not in answered.headers


async def test_in_production_browsers_keep_to_https_and_tell_nobody(call: Any) -> None:
    app = with_cors(at_the_door(echo), ["https://app.example.com"], production=True)
    answered = await call(app, headers={"Origin": "https://app.example.com"})
    assert "max-age" in answered.headers["strict-transport-security"]
    assert answered.headers["referrer-policy"] == "no-referrer"
    assert answered.headers["vary"].lower().split(", ").count("origin") == 1


async def test_a_route_keeps_its_own_cache_control(call: Any) -> None:
    async def cached(scope: Any, receive: Any, send: Any) -> None:
        await JSONResponse({}, headers={"Cache-Control": "public, max-age=60"})(scope, receive, send)

    assert (await call(behind(cached))).headers["cache-control"] == "public, max-age=60"


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        (["https://app.example.com"], "https://app.example.com", "https://app.example.com"),
        (["https://app.example.com"], "https://evil.example.net", None),
        (["*"], "https://app.example.com", "*"),
    ],
)
async def test_credentials_go_with_a_listed_origin_and_never_with_any(
    call: Any, method: str, origins: list[str], origin: str, allowed: str | None
) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    answered = await call(with_cors(at_the_door(echo), origins), method, "/", headers=headers)
    assert answered.headers.get("access-control-allow-origin") == allowed
    credentials = answered.headers.get("access-control-allow-credentials")
    assert credentials == ("true" if allowed == origin else None)


async def test_a_preflight_from_elsewhere_is_400_with_a_sentence(call: Any) -> None:
    app = with_cors(at_the_door(echo), ["https://app.example.com"])
    headers = {"Origin": "https://evil.example.net", "Access-Control-Request-Method": "POST"}
    answered = await call(app, "OPTIONS", "/", headers=headers)
    assert (answered.status, list(answered.json)) == (400, ["detail"])
    assert "access-control-allow-origin" not in answered.headers
    assert answered.headers["content-type"] == "application/json" and answered.headers["cache-control"] == "no-store"
