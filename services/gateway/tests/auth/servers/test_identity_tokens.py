"""Access and refresh tokens: signatures, keys, rotation, reuse, revocation."""

import asyncio
import json
import time
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import jwt
import pytest
from gateway.auth.settings import IdentitySettings
from gateway.auth.tokens import Grant, Tokens, key_id
from pydantic import SecretStr

pytestmark = pytest.mark.asyncio

SECRET = "the secret of the tests, " * 3
OLD_SECRET = "the secret before that, " * 3
OTHER_SECRET = "a secret that nobody here has heard of, " * 2


def _settings(secret: str = SECRET, previous: str | None = None, **more: Any) -> IdentitySettings:
    old = SecretStr(previous) if previous else None
    return IdentitySettings(jwt_secret=SecretStr(secret), jwt_secret_previous=old, **more)


def _claims(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def _signed(claims: dict[str, Any], secret: str = SECRET, kid: str | None = None, alg: str = "HS256") -> str:
    return jwt.encode(claims, secret, alg, headers={"kid": kid or key_id(secret)})


def _part(content: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


async def test_secrets_rotate(serve: Any) -> None:
    body = (await (await serve(_settings(OLD_SECRET))).register()).json
    rotated = await serve(_settings(SECRET, OLD_SECRET))
    assert (await rotated.me(body["token"])).status == 200
    renewed = (await rotated.refresh(body["refresh_token"])).json
    assert jwt.get_unverified_header(renewed["token"])["kid"] == key_id(SECRET)
    forgotten = await serve(_settings(SECRET))
    assert (await forgotten.me(renewed["token"])).status == 200
    assert (await forgotten.me(body["token"])).status == 401
    assert (await forgotten.refresh(renewed["refresh_token"])).status == 200


async def test_forged_tokens_are_refused(api: Any) -> None:
    body = (await api.register()).json
    good = _claims(body["token"])
    header, payload, signature = body["token"].split(".")
    unsigned = jwt.encode(good, None, "none", headers={"kid": key_id(SECRET)})
    forged = {
        "tampered payload": ".".join([header, payload[:-2] + ("AA" if payload[-2:] != "AA" else "BB"), signature]),
        "tampered signature": ".".join([header, payload, signature[::-1]]),
        "no signature": f"{header}.{payload}.",
        "alg none": unsigned,
        "alg none with a signature": unsigned + signature,
        "another algorithm": _signed(good, alg="HS512"),
        "unknown secret": _signed(good, OTHER_SECRET),
        "unknown secret under our kid": _signed(good, OTHER_SECRET, kid=key_id(SECRET)),
        "unknown kid": _signed(good, kid="00000000"),
        "no kid": jwt.encode(good, SECRET, "HS256"),
        "expired": _signed(good | {"iat": 1, "exp": int(time.time()) - 1}),
        "another family": _signed(good | {"fam": str(uuid4())}),
        "another user": _signed(good | {"sub": str(uuid4())}),
        "no id": _signed(good | {"jti": "7"}),
        "no family": _signed({name: value for name, value in good.items() if name != "fam"}),
        "no end": _signed({name: value for name, value in good.items() if name != "exp"}),
        "endless": _signed(good | {"exp": 10**30}),
        "refresh token": body["refresh_token"],
        "bottomless header": f"{urlsafe_b64encode(b'[' * 9000).decode()}.e30.x",
        "header that is no object": f"{urlsafe_b64encode(b'7').decode()}.e30.x",
        "kid that is no text": _signed(good).replace(header, _part({"alg": "HS256", "kid": {}})),
        "four parts": body["token"] + ".x",
    }
    statuses = {kind: (await api.me(token)).status for kind, token in forged.items()}
    assert statuses == dict.fromkeys(forged, 401)
    assert (await api.me(_signed(good))).status == 200


async def test_an_expired_token_is_refused(serve: Any) -> None:
    api = await serve(_settings(access_token_ttl=1))
    token = (await api.register()).json["token"]
    await asyncio.sleep(max(0.0, _claims(token)["exp"] - time.time() + 0.05))
    assert (await api.me(token)).status == 401


async def test_a_single_token_can_be_revoked(api: Any, sql: Any) -> None:
    body = (await api.register()).json
    renewed = (await api.refresh(body["refresh_token"])).json
    statement = "INSERT INTO identity.revoked_tokens VALUES ($1::uuid, now() + interval '1 day')"
    await sql(statement, _claims(body["token"])["jti"])
    assert (await api.me(body["token"])).status == 401
    assert (await api.me(renewed["token"])).status == 200


async def test_refreshing_rotates(api: Any) -> None:
    body = (await api.register()).json
    answer = await api.refresh(body["refresh_token"])
    renewed = answer.json
    assert answer.status == 200 and set(renewed) == set(body) and renewed["user"] == body["user"]
    assert renewed["refresh_token"] != body["refresh_token"]
    assert _claims(renewed["token"])["jti"] != _claims(body["token"])["jti"]
    assert _claims(renewed["token"])["fam"] == _claims(body["token"])["fam"]
    assert (await api.me(renewed["token"])).status == 200
    assert (await api.me(body["token"])).status == 200
    assert (await api.refresh(renewed["refresh_token"])).status == 200


async def test_of_two_refreshes_at_once_one_rotates_and_both_get_the_same(api: Any, sql: Any) -> None:
    body = (await api.register()).json
    answers = await asyncio.gather(*(api.refresh(body["refresh_token"]) for _ in range(8)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert [row.generation for row in await sql("SELECT generation FROM identity.token_families")] == [2]


async def test_a_double_click_within_the_grace_gets_the_same_answer(api: Any, sql: Any) -> None:
    body = (await api.register()).json
    first = await api.refresh(body["refresh_token"])
    await sql("UPDATE identity.token_families SET rotated_at = rotated_at - interval '9 s'")
    second = await api.refresh(body["refresh_token"])
    assert second.status == 200 and second.json["refresh_token"] == first.json["refresh_token"]


async def test_reuse_after_the_grace_kills_the_whole_login(api: Any, sql: Any, caplog: Any) -> None:
    body = (await api.register()).json
    other = (await api.post("/auth/login", {"email": "ada@example.com", "password": "correct horse"})).json
    renewed = (await api.refresh(body["refresh_token"])).json
    await sql("UPDATE identity.token_families SET rotated_at = rotated_at - interval '10.5 s'")
    answer = await api.refresh(body["refresh_token"])
    assert answer.status == 401 and answer.headers["WWW-Authenticate"] == "Bearer" and answer.detail
    assert (await api.me(renewed["token"])).status == 401
    assert (await api.me(body["token"])).status == 401
    assert (await api.refresh(renewed["refresh_token"])).status == 401
    assert (await api.me(other["token"])).status == 200
    assert "used again" in caplog.text
    assert "ada" not in caplog.text and body["refresh_token"][:32] not in caplog.text


async def test_an_older_generation_kills_the_login_also_within_the_grace(api: Any) -> None:
    first = (await api.register()).json
    second = (await api.refresh(first["refresh_token"])).json
    third = (await api.refresh(second["refresh_token"])).json
    assert (await api.refresh(first["refresh_token"])).status == 401
    assert (await api.me(third["token"])).status == 401
    assert (await api.refresh(third["refresh_token"])).status == 401


async def test_a_refresh_token_ends_with_its_time_and_each_use_extends_it(api: Any, sql: Any) -> None:
    body = (await api.register()).json
    await sql("UPDATE identity.token_families SET expires_at = now() + interval '1 minute'")
    renewed = (await api.refresh(body["refresh_token"])).json
    [row] = await sql("SELECT expires_at > now() + interval '29 days' AS extended FROM identity.token_families")
    assert row.extended
    await sql("UPDATE identity.token_families SET expires_at = now()")
    assert (await api.refresh(renewed["refresh_token"])).status == 401
    assert (await api.me(renewed["token"])).status == 200


async def test_bad_refresh_tokens_are_refused(api: Any) -> None:
    body = (await api.register()).json
    family, generation, mac = body["refresh_token"].split(".")
    bad = [
        body["token"],
        "null",
        "é",
        f"{family}.2.{mac}",
        f"{family}.01.{mac}",
        f"{family}.{10**30}.{mac}",
        f"{uuid4().hex}.{generation}.{mac}",
        f"{family}.{generation}.{mac[::-1]}",
        f"{family}.{generation}.{mac}\n",
        f"{family.upper()}.{generation}.{mac}",
    ]
    assert [(await api.refresh(token)).status for token in bad] == [401] * len(bad)
    for missing in ({"refresh_token": None}, {"refresh_token": ""}, {"refresh_token": 7}, {"token": "x"}):
        answer = await api.post("/auth/refresh", missing)
        assert answer.status == 400 and answer.detail
    assert (await api.refresh(body["refresh_token"])).status == 200


async def test_a_generation_that_was_never_issued_changes_nothing(api: Any) -> None:
    """It can only come from before the database was restored from a backup."""
    body = (await api.register()).json
    tokens = Tokens(_settings())
    family_id, _ = tokens.read_refresh(body["refresh_token"])
    future = tokens.refresh(Grant(family_id, 5, datetime.now(UTC)))
    assert (await api.refresh(future)).status == 401
    assert (await api.refresh(body["refresh_token"])).status == 200


async def test_no_token_is_stored(api: Any, sql: Any) -> None:
    body = (await api.post("/auth/register", {"email": "a@b.example", "password": "open sesame"}, key="k")).json
    await api.refresh(body["refresh_token"], key="k")
    stored = ""
    for table in ("users", "token_families", "revoked_tokens", "idempotency_keys"):
        stored += str(await sql(f"SELECT * FROM identity.{table}"))
    for secret in (
        body["token"],
        body["token"].split(".")[2],
        body["refresh_token"].split(".")[2],
        "open sesame",
    ):
        assert secret not in stored


async def test_purging_deletes_only_what_can_no_longer_matter(api: Any, sql: Any) -> None:
    for name in ("old", "new"):
        account = {"email": f"{name}@example.com", "password": "123456"}
        body = (await api.post("/auth/register", account, key="k")).json
        await api.logout(body["token"])
    old = "(SELECT id FROM identity.users WHERE email LIKE 'old%')"
    await sql(f"UPDATE identity.token_families SET expires_at = now() - interval '8 d' WHERE user_id = {old}")
    await sql(f"UPDATE identity.idempotency_keys SET created_at = now() - interval '25 h' WHERE user_id = {old}")
    await sql("INSERT INTO identity.revoked_tokens VALUES (gen_random_uuid(), now())")
    assert (await api.call("POST", "/purge")).status == 200
    counts = {"token_families": 1, "idempotency_keys": 1, "revoked_tokens": 2, "users": 2}
    for table, expected in counts.items():
        assert len(await sql(f"SELECT 1 FROM identity.{table}")) == expected, table


async def test_the_cache_forgets_a_logout_at_once_and_a_ban_soon(serve: Any, sql: Any) -> None:
    api = await serve(_settings(auth_cache_seconds=0.4))
    first = (await api.register()).json["token"]
    second = (await api.post("/auth/login", {"email": "ada@example.com", "password": "correct horse"})).json["token"]
    assert [(await api.me(token)).status for token in (first, second)] == [200, 200]
    await api.logout(first)
    assert (await api.me(first)).status == 401
    assert (await api.me(second)).status == 200
    await sql("UPDATE identity.users SET is_active = false")
    assert (await api.me(second)).status == 200
    await asyncio.sleep(0.45)
    assert (await api.me(second)).status == 401
