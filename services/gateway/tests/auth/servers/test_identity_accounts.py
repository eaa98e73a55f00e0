"""Registering, logging in, reading one's account, logging out."""

import asyncio
import json
from typing import Any

import aiohttp
import jwt
import pytest
from gateway.auth.passwords import Passwords

pytestmark = pytest.mark.asyncio

USER_FIELDS = {"id", "user_id", "email", "name", "full_name", "is_active", "created_at"}
TOKEN_FIELDS = {"access_token", "refresh_token", "token_type", "token", "user"}


async def test_registering_answers_tokens_and_the_user_twice(api: Any) -> None:
    answer = await api.register()
    body = answer.json
    assert answer.status == 201
    assert set(body) == USER_FIELDS | TOKEN_FIELDS
    assert set(body["user"]) == USER_FIELDS
    assert body["user"] == {name: body[name] for name in USER_FIELDS}
    assert body["token"] == body["access_token"] and body["token_type"] == "bearer"
    assert body["email"] == "ada@example.com" and body["name"] == body["full_name"] == "Ada"
    assert body["id"] == body["user_id"] and body["is_active"] is True
    assert body["created_at"].endswith("Z")
    assert answer.headers["Cache-Control"] == "no-store"


async def test_an_access_token_has_the_documented_claims(api: Any) -> None:
    body = (await api.register()).json
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert set(claims) == {"sub", "user_id", "email", "role", "jti", "fam", "iat", "exp"}
    assert claims["sub"] == claims["user_id"] == body["id"]
    assert claims["email"] == "ada@example.com" and claims["role"] == "user"
    assert claims["exp"] - claims["iat"] == 604800
    assert len(jwt.get_unverified_header(body["access_token"])["kid"]) == 8


async def test_both_prefixes_serve_the_same_accounts(api: Any) -> None:
    registered = await api.post("/api/v1/auth/register", {"email": "a@b.example", "password": "123456"})
    assert registered.status == 201
    login = await api.post("/auth/login", {"email": "a@b.example", "password": "123456"})
    assert (await api.me(login.json["token"], "/api/v1/auth/me")).json == registered.json["user"]


async def test_an_address_is_registered_once_whatever_its_case(api: Any) -> None:
    assert (await api.register(email="Ada@Example.COM")).json["email"] == "ada@example.com"
    again = await api.register(email="aDA@eXAMPLE.com", name="Somebody")
    assert again.status == 400 and "already" in again.detail
    login = await api.post("/auth/login", {"email": " ADA@example.com ", "password": "correct horse"})
    assert login.status == 200


async def test_of_two_registrations_at_once_one_wins(api: Any) -> None:
    answers = await asyncio.gather(*(api.register(name=f"Number {i}") for i in range(6)))
    assert sorted(answer.status for answer in answers) == [201] + [400] * 5


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": None, "full_name": "Ada Lovelace"}, "Ada Lovelace"),
        ({"name": "Ada", "full_name": "Other"}, "Ada"),
        ({"name": None}, "ada"),
        ({"name": "   "}, "ada"),
        ({"name": "Adélaïde 李 🎓"}, "Adélaïde 李 🎓"),
        ({"name": "Ade\u0301"}, "Ad\u00e9"),
        ({"name": " Line\nbreak\x00 "}, None),
        ({"name": "x" * 200}, "x" * 200),
        ({"name": "x" * 201}, None),
        ({"name": 7}, None),
        ({"name": "\ud800"}, None),
        ({"unknown": {"is_admin": True}, "role": "admin"}, "Ada"),
    ],
)
async def test_names(api: Any, fields: dict[str, Any], expected: str | None) -> None:
    answer = await api.register(**fields)
    if expected is None:
        assert answer.status == 400 and answer.detail
    else:
        assert (answer.status, answer.json["name"]) == (201, expected)


async def test_nobody_registers_as_administrator(api: Any) -> None:
    body = (await api.register(role="admin", is_active=False)).json
    assert (await api.me(body["token"], "/admin")).body == b"false"


@pytest.mark.parametrize(
    ("password", "status"),
    [
        ("12345", 400),
        ("123456", 201),
        ("x" * 128, 201),
        ("x" * 129, 400),
        ("é" * 128, 201),
        ("🔑" * 128, 201),
        ("🔑" * 129, 400),
        ("e\u0301" * 128, 201),
        ("🔑" * 5, 400),
        (123456, 400),
        ("abc\x00def", 400),
        ("abc\ud800def", 400),
        ("      ", 201),
        ("", 400),
        (None, 400),
    ],
)
async def test_a_password_has_6_to_128_characters(api: Any, password: Any, status: int) -> None:
    answer = await api.register(password=password)
    assert answer.status == status
    assert status == 201 or answer.detail


@pytest.mark.parametrize("variant", ["pa\u0308sswo\u0308rd", "p\u00e4ssw\u00f6rd"])
async def test_a_password_is_the_same_however_it_is_composed(api: Any, variant: str) -> None:
    await api.register(password="p\u00e4ssw\u00f6rd")
    login = await api.post("/auth/login", {"email": "ada@example.com", "password": variant})
    assert login.status == 200


async def test_case_and_spaces_of_a_password_count(api: Any) -> None:
    await api.register(password=" Secret ")
    for wrong in ("Secret", " secret "):
        answer = await api.post("/auth/login", {"email": "ada@example.com", "password": wrong})
        assert answer.status == 401


@pytest.mark.parametrize(
    "email",
    [
        "",
        None,
        "ada",
        "ada@",
        "@x.org",
        "a b@x.org",
        "a@b",
        "a@test",
        "a@.local",
        "a@local",
        5,
        ["a@b.org"],
        "a\x00@b.org",
    ],
)
async def test_an_address_has_to_be_one(api: Any, email: Any) -> None:
    answer = await api.register(email=email)
    assert answer.status == 400 and "email" in answer.detail


@pytest.mark.parametrize("email", ["ada@parley.local", "ada@x.localhost", "ada@school.test", "jürgen@münchen.example"])
async def test_unusual_addresses_are_taken(api: Any, email: str) -> None:
    assert (await api.register(email=email)).status == 201
    answer = await api.post("/auth/login", {"email": email.upper(), "password": "correct horse"})
    assert answer.status == 200


@pytest.mark.parametrize("twin", ["ａda@example.com", "ada＠example.com", "ada@ｅxample.com", "ADA@example。com"])
async def test_letters_of_full_width_are_the_same_address(api: Any, twin: str) -> None:
    await api.register()
    assert (await api.register(email=twin)).status == 400
    assert (await api.post("/auth/login", {"email": twin, "password": "correct horse"})).status == 200


@pytest.mark.parametrize(
    "twin", ["аda@example.com", "ad\u0430@example.com", "ada@ex\u0430mple.com", "\u0430@example.com", "αda@example.com"]
)
async def test_an_address_that_only_looks_like_another_is_none(api: Any, twin: str) -> None:
    answer = await api.register(email=twin)
    assert answer.status == 400 and "email" in answer.detail


@pytest.mark.parametrize(
    "email", ["иван@почта.рф", "иван@почта.com", "山田@例え.jp", "yamada@例え.jp", "jürgen@ölwerk.de"]
)
async def test_addresses_of_other_scripts_are_taken(api: Any, email: str) -> None:
    assert (await api.register(email=email)).status == 201


async def test_text_that_cannot_be_stored_is_refused_in_forms_and_by_its_field(api: Any) -> None:
    form = await api.post("/auth/login", data={"username": "ada@example.com", "password": "a\x00b"})
    body = await api.post("/auth/register", {"email": "ada@example.com", "extra": {"deep": ["\ud800"]}})
    assert (form.status, body.status) == (400, 400)
    assert "password" in form.detail and "extra.deep.0" in body.detail


@pytest.mark.parametrize("path", ["/auth/login", "/auth/token", "/api/v1/auth/login"])
async def test_logging_in_by_content_type(api: Any, path: str) -> None:
    user = (await api.register()).json["user"]
    named = {"username": "Ada@example.com", "password": "correct horse"}
    multipart = aiohttp.FormData(default_to_multipart=True)
    for name, value in named.items():
        multipart.add_field(name, value)
    raw = b'{"email": "ada@example.com", "password": "correct horse"}'
    answers = [
        await api.post(path, {"email": "ada@example.com", "password": "correct horse"}),
        await api.post(path, {"email": None, **named}),
        await api.post(path, data={**named, "grant_type": "password", "scope": ""}),
        await api.post(path, data=multipart),
        await api.post(path, data=raw, skip_auto_headers=["Content-Type"]),
        await api.post(path, data=raw, headers={"Content-Type": "text/plain;charset=UTF-8"}),
    ]
    assert [answer.status for answer in answers] == [200] * 6
    assert all(answer.json["user"] == user for answer in answers)
    assert len({answer.json["token"] for answer in answers}) == 6


@pytest.mark.parametrize(
    "credentials",
    [
        {"email": "ada@example.com", "password": "wrong horse"},
        {"email": "nobody@example.com", "password": "correct horse"},
        {"email": "not an address", "password": "correct horse"},
        {"email": "ada@example.com", "password": "x" * 5000},
    ],
)
async def test_a_bad_login_is_401_and_says_nothing_more(api: Any, credentials: dict[str, str]) -> None:
    await api.register()
    answer = await api.post("/auth/login", credentials)
    assert answer.status == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.detail == "The email address or the password is not correct."


async def test_an_inactive_user_cannot_do_anything(api: Any, sql: Any) -> None:
    body = (await api.register()).json
    await sql("UPDATE identity.users SET is_active = false")
    login = await api.post("/auth/login", {"email": "ada@example.com", "password": "correct horse"})
    assert login.status == 401
    assert (await api.me(body["token"])).status == 401
    assert (await api.refresh(body["refresh_token"])).status == 401
    await sql("UPDATE identity.users SET is_active = true")
    assert (await api.me(body["token"])).status == 200
    assert (await api.refresh(body["refresh_token"])).status == 200


async def test_a_deleted_user_is_gone_with_everything(api: Any, sql: Any) -> None:
    body = (await api.post("/auth/register", {"email": "a@b.example", "password": "123456"}, key="k")).json
    await sql("DELETE FROM identity.users")
    assert (await api.me(body["token"])).status == 401
    assert (await api.refresh(body["refresh_token"])).status == 401
    assert await sql("SELECT 1 FROM identity.token_families UNION ALL SELECT 1 FROM identity.idempotency_keys") == []


async def test_me_needs_a_token(api: Any) -> None:
    answer = await api.call("GET", "/auth/me")
    assert answer.status == 401 and answer.headers["WWW-Authenticate"] == "Bearer" and answer.detail
    assert (await api.call("POST", "/auth/logout")).status == 401


@pytest.mark.parametrize(
    "header", [None, "", "null", "undefined", "Bearer", "Bearer null", "bearer undefined", "Bearer  "]
)
async def test_these_stand_for_no_token(api: Any, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    assert (await api.call("GET", "/who", headers=headers)).body == b"null"
    assert (await api.call("GET", "/auth/me", headers=headers)).status == 401


@pytest.mark.parametrize("header", ["Bearer x", "Basic YTpi", "Bearer a.b.c", "Bearer nul", "x.y.z", "Bearer é.é.é"])
async def test_a_token_that_is_present_and_bad_is_401(api: Any, header: str) -> None:
    answer = await api.call("GET", "/who", headers={"Authorization": header})
    assert answer.status == 401 and answer.headers["WWW-Authenticate"] == "Bearer" and answer.detail


async def test_an_optional_user_is_known_with_a_token(api: Any) -> None:
    body = (await api.register()).json
    answer = await api.call("GET", "/who", headers={"Authorization": f"bEARER  {body['token']}"})
    assert answer.json == body["id"]


async def test_a_socket_may_bring_its_token_in_the_query(api: Any) -> None:
    body = (await api.register()).json
    for nobody in ("", "?token=", "?token=null", "?token=undefined"):
        assert (await api.call("GET", f"/query{nobody}")).body == b"null"
    assert (await api.call("GET", f"/query?token={body['token']}")).json == body["id"]
    assert (await api.call("GET", "/query?token=bad")).status == 401


async def test_logging_out_ends_this_login_and_no_other(api: Any) -> None:
    first = (await api.register()).json
    second = (await api.post("/auth/login", {"email": "ada@example.com", "password": "correct horse"})).json
    renewed = (await api.refresh(first["refresh_token"])).json
    answer = await api.logout(first["token"])
    assert (answer.status, answer.json) == (200, {"message": "Successfully logged out"})
    for dead in (first["token"], renewed["token"]):
        assert (await api.me(dead)).status == 401
    assert (await api.refresh(renewed["refresh_token"])).status == 401
    assert (await api.logout(first["token"])).status == 401
    assert (await api.me(second["token"])).status == 200


@pytest.mark.parametrize("path", ["/auth/register", "/auth/login", "/auth/refresh"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"null",
        b"{",
        b"[]",
        b'"text"',
        b"{}",
        b"\xff\xfe\xff",
        b"[" * 60_000,
        b"1" * 5000,
        b"{'a': 1}",
    ],
)
async def test_a_body_that_says_nothing_is_a_400(api: Any, path: str, body: bytes) -> None:
    for headers in ({"Content-Type": "application/json"}, {}):
        answer = await api.post(path, data=body, headers=headers)
        assert answer.status == 400 and answer.detail


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "multipart/form-data; boundary=x; charset=base64",
        "application/x-www-form-urlencoded",
    ],
)
async def test_a_broken_form_is_a_400(api: Any, content_type: str) -> None:
    for body in (
        b"",
        b"--x\r\nbroken",
        b"%ff%fe=%00&&&==",
        b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nq\r\n--x--',
    ):
        answer = await api.post("/auth/login", data=body, headers={"Content-Type": content_type})
        assert answer.status == 400 and answer.detail


async def test_a_file_is_no_password(api: Any) -> None:
    form = aiohttp.FormData({"username": "ada@example.com"})
    form.add_field("password", b"correct horse", filename="password.txt")
    answer = await api.post("/auth/login", data=form)
    assert answer.status == 400 and answer.detail


async def test_a_huge_body_is_413(api: Any) -> None:
    answer = await api.register(name="x" * 70_000)
    assert answer.status == 413 and answer.detail


async def test_openapi_describes_the_routes(api: Any) -> None:
    paths = (await api.call("GET", "/openapi.json")).json["paths"]
    for route in ("register", "login", "token", "refresh", "logout"):
        assert "post" in paths[f"/auth/{route}"] and "post" in paths[f"/api/v1/auth/{route}"]
    assert "multipart/form-data" in paths["/auth/login"]["post"]["requestBody"]["content"]
    assert "security" in paths["/auth/me"]["get"]


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/auth/register", "/auth/login"])
async def test_json_that_is_labelled_as_a_form_is_read_as_json(api: Any, path: str) -> None:
    await api.register(email="labelled@example.com")
    email = "labelled@example.com" if path == "/auth/login" else "other@example.com"
    body = json.dumps({"email": email, "password": "correct horse"})
    answer = await api.post(path, data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status in (200, 201) and answer.json["email"] == email


async def test_a_weaker_hash_is_replaced_at_the_next_login(api: Any, sql: Any) -> None:
    weaker = Passwords(time_cost=1, memory_kib=32)
    await api.register()
    await sql("UPDATE identity.users SET password_hash = $1", await weaker.hash("correct horse"))
    weaker.close()
    login = {"email": "ada@example.com", "password": "correct horse"}
    assert (await api.post("/auth/login", login | {"password": "wrong"})).status == 401
    assert "m=32," in (await sql("SELECT password_hash FROM identity.users"))[0][0]
    assert (await api.post("/auth/login", login)).status == 200
    assert "m=64," in (await sql("SELECT password_hash FROM identity.users"))[0][0]
    assert (await api.post("/auth/login", login)).status == 200
