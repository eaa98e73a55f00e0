"""The same Idempotency-Key and body: the same answer; another body: 409."""

import asyncio
from typing import Any

import pytest

pytestmark = pytest.mark.asyncio

ADA = {"email": "ada@example.com", "password": "correct horse", "name": "Ada"}
LOGIN = {"email": "ada@example.com", "password": "correct horse"}


async def test_registering_again_gives_the_same_answer(api: Any) -> None:
    first = await api.post("/auth/register", ADA, key="k1")
    await asyncio.sleep(1.1)  # into another second: `iat` must not move
    again = await api.post("/auth/register", ADA, key="k1")
    reordered = await api.post("/auth/register", {"full_name": None, **dict(reversed(ADA.items()))}, key="k1")
    assert (first.status, first.body) == (again.status, again.body) == (reordered.status, reordered.body)
    assert first.status == 201
    assert (await api.me(first.json["token"])).status == 200


@pytest.mark.parametrize("changed", [{"password": "other horse"}, {"name": "Eve"}])
async def test_registering_with_another_body_is_409(api: Any, changed: dict[str, str]) -> None:
    await api.post("/auth/register", ADA, key="k1")
    answer = await api.post("/auth/register", ADA | changed, key="k1")
    assert answer.status == 409 and answer.detail
    assert (await api.post("/auth/register", ADA, key="k2")).status == 400
    assert (await api.post("/auth/register", ADA)).status == 400


async def test_registering_many_times_at_once_is_one_account(api: Any, sql: Any) -> None:
    answers = await asyncio.gather(*(api.post("/auth/register", ADA, key="k1") for _ in range(8)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    [row] = await sql("SELECT (SELECT count(*) FROM identity.users) + count(*) AS n FROM identity.token_families")
    assert row.n == 2


async def test_logging_in_again_gives_the_same_answer(api: Any, sql: Any) -> None:
    await api.register()
    first = await api.post("/auth/login", LOGIN, key="k1")
    again = await api.post("/auth/token", data={"username": "Ada@Example.com", "password": "correct horse"}, key="k1")
    assert first.status == 200 and first.body == again.body
    together = await asyncio.gather(*(api.post("/auth/login", LOGIN, key="k2") for _ in range(6)))
    assert len({answer.body for answer in together}) == 1
    assert together[0].json["token"] != first.json["token"]
    assert len(await sql("SELECT 1 FROM identity.token_families")) == 3


async def test_logging_in_with_another_body_is_409(api: Any) -> None:
    await api.register()
    await api.post("/auth/login", LOGIN, key="k1")
    assert (await api.post("/auth/login", LOGIN | {"password": "wrong"}, key="k1")).status == 409


async def test_an_inactive_user_is_refused_with_a_key_too(api: Any, sql: Any) -> None:
    await api.register()
    await api.post("/auth/login", LOGIN, key="k1")
    await sql("UPDATE identity.users SET is_active = false")
    assert (await api.post("/auth/login", LOGIN, key="k1")).status == 401


async def test_a_failed_login_may_be_corrected_under_the_same_key(api: Any) -> None:
    await api.register()
    assert (await api.post("/auth/login", LOGIN | {"password": "wrong"}, key="k1")).status == 401
    assert (await api.post("/auth/login", LOGIN, key="k1")).status == 200


async def test_two_people_with_the_same_key_do_not_meet(api: Any) -> None:
    ada = await api.post("/auth/register", ADA, key="1")
    bob = await api.post("/auth/register", ADA | {"email": "bob@example.com"}, key="1")
    assert (ada.status, bob.status) == (201, 201)
    logins = [
        await api.post("/auth/login", LOGIN | {"email": email}, key="1")
        for email in ("ada@example.com", "bob@example.com")
    ]
    assert [login.json["email"] for login in logins] == ["ada@example.com", "bob@example.com"]
    refreshed = [await api.refresh(login.json["refresh_token"], key="1") for login in logins]
    assert [answer.json["email"] for answer in refreshed] == ["ada@example.com", "bob@example.com"]


async def test_an_address_that_changed_hands_does_not_open_the_old_account(api: Any, sql: Any) -> None:
    await api.post("/auth/register", ADA, key="k1")
    await api.post("/auth/login", LOGIN, key="k1")
    await sql("UPDATE identity.users SET email = 'moved@example.com'")
    assert (await api.post("/auth/register", ADA, key="k1")).status == 409
    heir = await api.register()
    assert heir.status == 201
    assert (await api.post("/auth/login", LOGIN, key="k1")).status == 409


async def test_refreshing_again_gives_the_same_answer_long_after_the_grace(api: Any, sql: Any) -> None:
    body = (await api.register()).json
    first = await api.refresh(body["refresh_token"], key="k1")
    later = await api.refresh(first.json["refresh_token"])
    await sql("UPDATE identity.token_families SET rotated_at = rotated_at - interval '1 hour'")
    again = await api.refresh(body["refresh_token"], key="k1")
    assert (again.status, again.body) == (200, first.body)
    assert (await api.me(later.json["token"])).status == 200


async def test_refreshing_at_once_with_one_key_is_one_rotation(api: Any, sql: Any) -> None:
    body = (await api.register()).json
    answers = await asyncio.gather(*(api.refresh(body["refresh_token"], key="k1") for _ in range(8)))
    assert {answer.status for answer in answers} == {200} and len({answer.body for answer in answers}) == 1
    [row] = await sql("SELECT generation FROM identity.token_families")
    assert row.generation == 2


async def test_refreshing_another_token_of_the_login_under_the_same_key_is_409(api: Any, sql: Any) -> None:
    body = (await api.register()).json
    first = (await api.refresh(body["refresh_token"], key="k1")).json
    assert (await api.refresh(first["refresh_token"], key="k1")).status == 409
    [row] = await sql("SELECT generation, revoked_at FROM identity.token_families")
    assert (row.generation, row.revoked_at) == (2, None)
    assert (await api.refresh(first["refresh_token"], key="k2")).status == 200


async def test_a_repeat_within_the_grace_is_remembered_under_its_key(api: Any, sql: Any) -> None:
    body = (await api.register()).json
    first = await api.refresh(body["refresh_token"])
    second = await api.refresh(body["refresh_token"], key="k1")
    await sql("UPDATE identity.token_families SET rotated_at = rotated_at - interval '1 hour'")
    third = await api.refresh(body["refresh_token"], key="k1")
    assert first.body == second.body == third.body


async def test_a_key_does_not_revive_a_dead_login(api: Any) -> None:
    body = (await api.register()).json
    renewed = (await api.refresh(body["refresh_token"], key="k1")).json
    await api.logout(renewed["token"])
    assert (await api.refresh(body["refresh_token"], key="k1")).status == 401


@pytest.mark.parametrize(("path", "body"), [("/auth/login", LOGIN), ("/auth/register", ADA)])
async def test_after_a_logout_the_same_request_is_a_new_login(api: Any, path: str, body: dict[str, str]) -> None:
    if path == "/auth/login":
        await api.register()
    first = await api.post(path, body, key="k1")
    await api.logout(first.json["token"])
    wrong = await api.post(path, body | {"password": "wrong horse"}, key="k1")
    answers = await asyncio.gather(*(api.post(path, body, key="k1") for _ in range(5)))
    assert wrong.status == 409
    assert {answer.status for answer in answers} == {first.status} and len({answer.body for answer in answers}) == 1
    assert answers[0].json["token"] != first.json["token"]
    assert (await api.me(answers[0].json["token"])).status == 200
    assert (await api.me(first.json["token"])).status == 401


@pytest.mark.parametrize("key", ["", "null", "undefined"])
async def test_these_stand_for_no_key(api: Any, key: str) -> None:
    assert (await api.post("/auth/register", ADA, key=key)).status == 201
    assert (await api.post("/auth/register", ADA, key=key)).status == 400


async def test_a_key_has_a_limit(api: Any) -> None:
    assert (await api.post("/auth/register", ADA, key="k" * 256)).status == 400
    assert (await api.post("/auth/register", ADA, key="k" * 255)).status == 201
