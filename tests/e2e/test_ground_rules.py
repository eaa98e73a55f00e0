"""What holds on every route: the shape of errors, forgiving input, CORS, tokens and ownership."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from devkit.stack import Stack

ORIGIN = "https://app.example.com"
KIB = 1024
NOBODYS = "7b0c5e0e-6d5a-4c57-9a53-2f1f0a6f6c11"
"""A well-formed id of no session."""

HEADER_ROUTES = [
    ("POST", "/interview/start", None),
    ("POST", "/interview/message", {"message": "I build payment systems."}),
    ("POST", "/interview/end", None),
    ("GET", "/interview/final-summary-status", None),
    ("GET", "/interview/per-turn-feedback", None),
    ("GET", "/interview/history", None),
    ("GET", "/interview/stats", None),
    ("POST", "/interview/reset", None),
    ("GET", "/interview/session/time-remaining", None),
    ("POST", "/interview/session/ping", None),
]
"""Every route of a session that the header names; cleanup is another thing: it reveals nothing."""

PATH_ROUTES = [
    ("POST", "/api/v1/sessions/{id}/pause", None),
    ("POST", "/api/v1/sessions/{id}/resume", None),
    ("GET", "/api/v1/sessions/{id}/events", None),
    ("DELETE", "/api/v1/sessions/{id}", None),
]
SESSION_ROUTES = HEADER_ROUTES + PATH_ROUTES
ALL_INTERVIEW_ROUTES = [
    ("POST", "/interview/session", None),
    ("POST", "/interview/session/cleanup", None),
    *HEADER_ROUTES,
]

SPEECH_ROUTES = [
    ("POST", "/api/speech-to-text"),
    ("POST", "/speech/speech-to-text"),
    ("GET", "/api/speech-to-text/status/some-task"),
    ("GET", "/speech/speech-to-text/status/some-task"),
    ("GET", "/speech/task/some-task"),
    ("POST", "/api/text-to-speech"),
    ("POST", "/speech/text-to-speech"),
    ("POST", "/api/text-to-speech/stream"),
    ("POST", "/speech/text-to-speech/stream"),
]


def named(routes: list[Any]) -> Any:
    """Parameters of a test, with readable names."""
    return pytest.mark.parametrize(
        ("method", "path", "body"), routes, ids=[f"{method} {path}" for method, path, _ in routes]
    )


async def ask_about(client: Any, session_id: str, method: str, path: str, body: Any, **headers: str) -> Any:
    """Call one of SESSION_ROUTES for a session."""
    return await client.call(
        method, path.format(id=session_id), body, **{"X-Session-ID": session_id, "Idempotency-Key": "", **headers}
    )


async def words(client: Any) -> list[str]:
    """What was said so far."""
    return [entry["content"] for entry in (await client.get("/interview/history")).body["history"]]


# Errors


@pytest.mark.parametrize("path", ["/nothing", "/interview/nothing", "/auth/nothing", "/api/v1/nothing", "/interview"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_an_unknown_address_is_404_with_a_sentence(client: Any, method: str, path: str) -> None:
    reply = await client.call(method, path)
    assert reply.status == 404
    assert reply.detail == "There is nothing at this address."


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/interview/message"),
        ("PUT", "/interview/session"),
        ("PATCH", "/interview/session/ping"),
        ("DELETE", "/interview/history"),
        ("GET", "/auth/login"),
        ("DELETE", "/auth/me"),
        ("POST", "/health"),
        ("POST", "/"),
        ("GET", "/api/v1/tickets"),
        ("GET", f"/api/v1/sessions/{NOBODYS}/pause"),
    ],
)
async def test_a_wrong_method_is_405_with_a_sentence(client: Any, method: str, path: str) -> None:
    reply = await client.call(method, path)
    assert reply.status == 405
    assert reply.detail == "This address does not take that method."
    assert reply.headers["Allow"]


TEXTS = {"job_role": 200, "job_description": 20_000, "resume_content": 40_000, "company_name": 200, "language": 35}
CHOICES = ("style", "difficulty", "mode")
COUNTS = {"target_question_count": 50, "interview_duration_minutes": 180}
BAD_VALUES = [
    *((name, value) for name in TEXTS for value in (["a list"], 5, {"a": 1}, True)),
    *((name, "x" * (longest + 1)) for name, longest in TEXTS.items()),
    *((name, "") for name in ("job_role", "language")),
    *((name, value) for name in CHOICES for value in ("unheard-of", "", ["formal"], 1, {})),
    *((name, value) for name in COUNTS for value in (0, -1, 2.5, 1e300, "many", "", [5], {})),
    *((name, most + 1) for name, most in COUNTS.items()),
    *(("use_time_based_interview", value) for value in ("perhaps", "", 2, [], {})),
]


@pytest.mark.parametrize(("name", "value"), BAD_VALUES, ids=[f"{name}={value!r:.20}" for name, value in BAD_VALUES])
async def test_a_bad_value_is_400_and_the_sentence_names_the_field(client: Any, name: str, value: Any) -> None:
    reply = await client.post("/interview/session", {name: value})
    assert reply.status == 400
    assert name in reply.detail and "session" not in reply.detail.lower()
    assert "pydantic" not in reply.detail and "x" * 40 not in reply.detail


@pytest.mark.parametrize(("name", "longest"), TEXTS.items())
async def test_a_text_may_be_as_long_as_its_limit(client: Any, name: str, longest: int) -> None:
    assert (await client.post("/interview/session", {name: "é" * longest})).status == 200


async def test_a_start_checks_its_configuration_too(client: Any) -> None:
    created = await client.post("/interview/session")
    client.headers["X-Session-ID"] = created.body["session_id"]
    reply = await client.post("/interview/start", {"style": "unheard-of"})
    assert reply.status == 400 and "style" in reply.detail
    assert await words(client) == []


@pytest.mark.parametrize("message", ["", "  \n ", None, 5, ["words"], {"text": "words"}, True, "x" * 16_001])
async def test_a_bad_message_is_400_and_no_answer(client: Any, message: Any) -> None:
    await client.begin()
    reply = await client.say(message)
    assert reply.status == 400 and "message" in reply.detail
    assert len(await words(client)) == 1


BROKEN = {
    "half": b'{"job_role": "Eng',
    "words": b"job_role=Engineer",
    "not utf-8": b'{"job_role": "\xff\xfe"}',
    "single quotes": b"{'job_role': 'Engineer'}",
    "deep": b"[" * 100_000,
    "a huge number": b'{"target_question_count": ' + b"9" * 5000 + b"}",
    "not a number": b'{"target_question_count": NaN}',
    "infinity": b'{"interview_duration_minutes": Infinity}',
    "a list": b"[]",
    "a number": b"5",
    "a string": b'"words"',
    "a boolean": b"true",
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("path", ["/interview/session", "/interview/start", "/interview/message"])
async def test_a_body_that_is_no_json_object_is_400(client: Any, path: str, raw: bytes) -> None:
    created = await client.post("/interview/session")
    client.headers["X-Session-ID"] = created.body["session_id"]
    reply = await client.call("POST", path, data=raw)
    assert reply.status == 400
    assert reply.detail.endswith(".") and "Traceback" not in reply.detail


@pytest.mark.parametrize("raw", [b"[", b"[]", b"5", b'"words"', b"\xff"])
@pytest.mark.parametrize("path", ["/auth/register", "/auth/login", "/auth/refresh"])
async def test_the_account_routes_say_so_as_well(client: Any, path: str, raw: bytes) -> None:
    reply = await client.call("POST", path, data=raw, **{"Content-Type": "application/json"})
    assert reply.status == 400
    assert reply.detail


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    """A body that does not declare its length."""
    for _ in range(size // KIB):
        yield b" " * KIB


TOO_LARGE = ["/interview/session", "/interview/message", "/auth/login", "/auth/register"]


@pytest.mark.parametrize("path", TOO_LARGE)
async def test_a_body_that_is_too_large_is_413(client: Any, path: str) -> None:
    reply = await client.call("POST", path, data=b" " * 400 * KIB, **{"X-Session-ID": NOBODYS})
    assert reply.status == 413 and reply.detail


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("path", TOO_LARGE)
async def test_so_is_one_that_does_not_declare_its_length(client: Any, path: str, content_type: str) -> None:
    headers = {"X-Session-ID": NOBODYS, "Content-Type": content_type}
    reply = await client.call("POST", path, data=in_pieces(400 * KIB), **headers)
    assert reply.status == 413 and reply.detail


@pytest.mark.parametrize(("method", "path"), SPEECH_ROUTES, ids=[f"{method} {path}" for method, path in SPEECH_ROUTES])
async def test_what_is_not_there_yet_answers_503_with_a_sentence(client: Any, method: str, path: str) -> None:
    form = aiohttp.FormData({"text": "Hello", "language": "en-US"})
    form.add_field("audio_file", b"RIFF" + b"\x00" * 400 * KIB, filename="audio.wav")
    reply = await client.call(method, path, data=form if method == "POST" else None)
    assert reply.status == 503
    assert reply.detail.endswith(".") and "not available" in reply.detail


# Forgiving input

CONTENT_TYPES = [
    "application/json",
    "application/json; charset=utf-8",
    "text/plain;charset=UTF-8",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "of/no/kind at all",
    "",
]


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
@pytest.mark.parametrize("raw", [b"", b" \n", b"null"], ids=["empty", "blank", "null"])
async def test_an_empty_body_counts_as_absent_whatever_its_type(client: Any, content_type: str, raw: bytes) -> None:
    reply = await client.call("POST", "/interview/session", data=raw, **{"Content-Type": content_type})
    assert reply.status == 200
    assert reply.body["message"] == "Session created for role: General Role"


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
async def test_json_is_read_whatever_its_type(client: Any, content_type: str) -> None:
    raw = json.dumps({"job_role": "Pilot"}).encode()
    reply = await client.call("POST", "/interview/session", data=raw, **{"Content-Type": content_type})
    assert reply.body["message"] == "Session created for role: Pilot"


@pytest.mark.parametrize("name", [*TEXTS, *CHOICES, *COUNTS, "use_time_based_interview"])
async def test_null_is_the_same_as_absent(client: Any, name: str) -> None:
    reply = await client.post("/interview/session", {"job_role": "Pilot", name: None})
    assert reply.status == 200
    assert reply.body["message"].endswith("General Role" if name == "job_role" else "Pilot")


async def test_unknown_fields_are_ignored(client: Any) -> None:
    strange = {"job_role": "Pilot", "theme": "dark", "nested": {"job_role": [1]}, "ünïcödé": "😀"}
    reply = await client.call("POST", "/interview/session", data=json.dumps(strange).encode())
    assert reply.status == 200
    assert reply.body["message"] == "Session created for role: Pilot"


async def test_a_start_with_nothing_but_unknown_fields_keeps_the_configuration(client: Any) -> None:
    created = await client.post("/interview/session", {"job_role": "Pilot"})
    client.headers["X-Session-ID"] = created.body["session_id"]
    started = await client.post("/interview/start", {"session_id": created.body["session_id"], "job_role": None})
    assert "Pilot" in started.body["content"]


UNSTORABLE = {"NUL": "before\u0000after", "half a pair": "before\ud83dafter", "the other half": "before\ude00after"}


@pytest.mark.parametrize("text", UNSTORABLE.values(), ids=UNSTORABLE.keys())
async def test_text_that_cannot_be_stored_is_400_and_no_answer(client: Any, text: str) -> None:
    await client.begin()
    reply = await client.call("POST", "/interview/message", data=json.dumps({"message": text}).encode())
    assert reply.status == 400 and reply.detail
    assert len(await words(client)) == 1
    assert (await client.say("I have worked on storage engines for ten years.")).status == 200


@pytest.mark.parametrize("text", UNSTORABLE.values(), ids=UNSTORABLE.keys())
@pytest.mark.parametrize("name", TEXTS)
async def test_nor_is_it_taken_in_a_configuration(client: Any, name: str, text: str) -> None:
    raw = json.dumps({name: text}).encode()
    assert (await client.call("POST", "/interview/session", data=raw)).status == 400


@pytest.mark.parametrize("text", ["In JSON, \\u0000 is a NUL.", "Half a pair is \\ud83d.", "An emoji 😀 and \u007f."])
async def test_text_about_such_characters_is_taken(client: Any, text: str) -> None:
    await client.begin()
    assert (await client.say(text)).status == 200
    assert (await words(client))[1] == text


@pytest.mark.parametrize("path", ["/", "/health", "/metrics", "/docs", "/openapi.json"])
async def test_it_says_what_it_is(client: Any, path: str) -> None:
    reply = await client.get(path)
    assert reply.status == 200 and reply.body


async def test_the_root_and_health_are_json(client: Any) -> None:
    root, health = await client.get("/"), await client.get("/health")
    assert root.body["name"] == "Parley"
    assert health.body["status"] == "healthy" and set(health.body["checks"].values()) == {"ok"}


@pytest.mark.parametrize("path", ["/health", "/docs", "/metrics", "/auth/me", "/interview/history", "/interview/stats"])
async def test_a_trailing_slash_makes_no_difference(client: Any, path: str) -> None:
    await client.register()
    await client.begin()
    plain, slashed = await client.get(path), await client.get(f"{path}/")
    assert plain.status == slashed.status == 200
    if path not in ("/metrics", "/interview/stats"):
        assert plain.body == slashed.body


async def test_nor_does_it_in_a_post(client: Any) -> None:
    account = await client.register()
    created = await client.post("/interview/session/", {"job_role": "Pilot"})
    client.headers["X-Session-ID"] = created.body["session_id"]
    assert (await client.post("/interview/start/")).body["response_type"] == "introduction"
    assert (await client.post("/interview/message/", {"message": "I have flown gliders."})).status == 200
    assert (await client.post(f"/api/v1/sessions/{created.body['session_id']}/pause/")).status == 200
    assert (await client.post("/auth/login/", account)).status == 200


async def test_forms_are_taken_as_multipart_and_urlencoded(client: Any) -> None:
    account = await client.register()
    fields = {"username": account["email"], "password": account["password"]}
    parts = aiohttp.MultipartWriter("form-data")
    for name, value in fields.items():
        parts.append(value).set_content_disposition("form-data", name=name)
    for form in (aiohttp.FormData(fields), parts):
        assert (await client.call("POST", "/auth/login", data=form)).status == 200


# CORS and request ids


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "header", ["authorization", "x-session-id", "idempotency-key", "last-event-id", "content-type"]
)
async def test_a_preflight_allows_every_method_and_header(client: Any, method: str, header: str) -> None:
    wanted = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": header}
    reply = await client.call("OPTIONS", "/interview/message", Origin=ORIGIN, **wanted)
    assert reply.status == 200
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert method in reply.headers["Access-Control-Allow-Methods"]
    assert header in reply.headers["Access-Control-Allow-Headers"].lower()


async def test_a_preflight_allows_all_headers_at_once_on_any_path(client: Any) -> None:
    wanted = "authorization, x-session-id, idempotency-key, last-event-id, content-type"
    for path in ("/", "/nothing", "/auth/login/", f"/api/v1/sessions/{NOBODYS}/events"):
        headers = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": wanted}
        assert (await client.call("OPTIONS", path, Origin=ORIGIN, **headers)).status == 200


ANSWERS = {
    200: ("GET", "/health", None),
    400: ("POST", "/interview/message", {"message": "Nobody hears this."}),
    401: ("GET", "/auth/me", None),
    404: ("GET", "/nothing", None),
    405: ("PUT", "/interview/session", None),
    413: ("POST", "/interview/session", {"job_role": "x" * 400 * KIB}),
    503: ("POST", "/api/text-to-speech", None),
}


@pytest.mark.parametrize(("status", "call"), ANSWERS.items())
async def test_every_answer_carries_the_cors_headers_and_an_id(client: Any, status: int, call: Any) -> None:
    method, path, body = call
    reply = await client.call(method, path, body, Origin=ORIGIN)
    assert reply.status == status
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    exposed = {name.strip().lower() for name in reply.headers["Access-Control-Expose-Headers"].split(",")}
    assert exposed == {"retry-after", "location", "x-request-id"}
    assert reply.headers["X-Request-ID"]


async def test_a_request_id_is_echoed(client: Any) -> None:
    reply = await client.get("/nothing", **{"X-Request-ID": "my-request.7_b"})
    assert reply.headers["X-Request-ID"] == "my-request.7_b"


@pytest.mark.parametrize("given", ["", "x" * 65, "two words", "<script>", "naïve"])
async def test_another_is_made_where_it_is_none(client: Any, given: str) -> None:
    made = [(await client.get("/health", **{"X-Request-ID": given})).headers["X-Request-ID"] for _ in range(2)]
    assert given not in made and made[0] != made[1]


# Who is asking, and for which session

NO_VALUE = ["null", "undefined", "", "   ", "NULL"]


@pytest.mark.parametrize("value", [None, *NO_VALUE])
@named(HEADER_ROUTES)
async def test_without_a_session_id_it_is_400(client: Any, method: str, path: str, body: Any, value: str) -> None:
    reply = await client.call(method, path, body, **{"X-Session-ID": value})
    assert reply.status == 400
    assert "session" not in reply.detail.lower()


@pytest.mark.parametrize("value", ["garbage", NOBODYS, "0", "a" * 300, "../../etc", f"{NOBODYS}x", "%00"])
@named(HEADER_ROUTES)
async def test_an_unknown_session_is_404(client: Any, method: str, path: str, body: Any, value: str) -> None:
    reply = await client.call(method, path, body, **{"X-Session-ID": value})
    assert reply.status == 404
    assert "session" in reply.detail.lower()


@pytest.mark.parametrize("value", ["garbage", NOBODYS, "null"])
@named(PATH_ROUTES)
async def test_so_is_one_in_the_path(client: Any, method: str, path: str, body: Any, value: str) -> None:
    reply = await client.call(method, path.format(id=value), body)
    assert reply.status == 404
    assert "session" in reply.detail.lower()


@pytest.mark.parametrize("value", ["Bearer null", "Bearer undefined", "Bearer ", "Bearer", "", "null", "bearer NULL"])
async def test_an_empty_token_counts_as_none(client: Any, value: str) -> None:
    client.headers["Authorization"] = value
    await client.begin()
    assert (await client.say("I have ten years of experience with trains.")).status == 200
    assert (await client.get("/auth/me")).status == 401


@pytest.mark.parametrize("value", ["Bearer garbage", "Bearer a.b.c", "Basic QWxhZGRpbjpvcGVu", "garbage"])
@named(ALL_INTERVIEW_ROUTES)
async def test_a_bad_token_is_401_everywhere(client: Any, method: str, path: str, body: Any, value: str) -> None:
    await client.begin()
    reply = await client.call(method, path, body, Authorization=value)
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert "session" not in reply.detail.lower()


@named(PATH_ROUTES)
async def test_also_on_our_own_routes(client: Any, method: str, path: str, body: Any) -> None:
    session_id = await client.begin()
    reply = await client.call(method, path.format(id=session_id), body, Authorization="Bearer garbage")
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"] == "Bearer"


async def test_a_token_is_dead_after_logout(client: Any) -> None:
    await client.register()
    await client.begin()
    assert (await client.post("/auth/logout")).status == 200
    reply = await client.get("/interview/history")
    assert reply.status == 401 and reply.headers["WWW-Authenticate"] == "Bearer"


@pytest.fixture(params=["another user", "nobody"])
async def stranger(request: pytest.FixtureRequest, other: Any) -> Any:
    """Somebody who knows the id of a session that is not theirs."""
    if request.param == "another user":
        await other.register()
    return other


@named(SESSION_ROUTES)
async def test_a_users_session_is_404_to_anyone_else(
    client: Any, stranger: Any, method: str, path: str, body: Any
) -> None:
    await client.register()
    session_id = await client.begin()
    reply = await ask_about(stranger, session_id, method, path, body)
    missing = await ask_about(stranger, NOBODYS, method, path, body)
    assert (reply.status, reply.body) == (404, missing.body)
    assert len(await words(client)) == 1


@named([route for route in SESSION_ROUTES if not route[1].endswith(("/events", "/resume"))])
async def test_an_anonymous_session_belongs_to_whoever_knows_its_id(
    client: Any, stranger: Any, method: str, path: str, body: Any
) -> None:
    session_id = await client.begin()
    assert (await ask_about(stranger, session_id, method, path, body)).status == 200


async def test_cleanup_reveals_and_deletes_nothing(client: Any, stranger: Any) -> None:
    await client.register()
    session_id = await client.begin()
    known = await stranger.post("/interview/session/cleanup", **{"X-Session-ID": session_id})
    unknown = await stranger.post("/interview/session/cleanup", **{"X-Session-ID": NOBODYS})
    assert (known.status, known.body) == (200, unknown.body)
    assert (await client.say("I am still here and glad to go on.")).status == 200


def test_a_connection_that_rested_is_used_again(stack: Stack) -> None:
    """A server that closes one sooner than proxies do loses the request that is on its way."""
    connection = HTTPConnection("127.0.0.1", urlsplit(stack.url).port or 0, timeout=10)
    for rest in (6, 0):
        connection.request("GET", "/health/live")
        answer = connection.getresponse()
        assert (answer.status, answer.headers["connection"]) == (200, None) and answer.read()
        time.sleep(rest)
    connection.close()
