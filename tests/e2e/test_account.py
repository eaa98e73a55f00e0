"""One's own account: name, password, logins."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

PATH = "/api/v1/account"


async def logged_in(client: Any, account: dict[str, Any], agent: str) -> Any:
    """Another client of the same person, on another device."""
    password = {"email": account["email"], "password": account["password"]}
    issued = await client.post("/auth/login", password, **{"User-Agent": agent})
    assert issued.status == 200, issued
    return client.having(Authorization=f"Bearer {issued.body['access_token']}")


async def test_the_account_is_read_and_changed(client: Any) -> None:
    account = await client.register()
    assert (await client.get(PATH)).body == (await client.get("/auth/me")).body
    changed = (await client.call("PATCH", PATH, {"name": "Ada Lovelace", "role": "admin"})).body
    assert changed["name"] == "Ada Lovelace" and changed["email"] == account["email"]
    assert (await client.call("PATCH", PATH, {})).status == 400
    assert (await client.having().get(PATH)).status == 401


async def test_each_login_is_shown_with_its_device_and_can_be_ended(client: Any) -> None:
    account = await client.register()
    phone = await logged_in(client, account, "Firefox on a phone")
    shown = (await client.get(f"{PATH}/logins")).body["logins"]
    assert [(each["device"] == "Firefox on a phone", each["current"]) for each in shown] == [
        (True, False),
        (False, True),
    ]
    assert all(each["last_used_at"] >= each["created_at"] for each in shown)
    assert (await phone.get(f"{PATH}/logins")).body["logins"][0]["current"] is True
    assert (await client.call("DELETE", f"{PATH}/logins/{shown[0]['id']}")).status == 200
    assert (await phone.get("/auth/me")).status == 401 and (await client.get("/auth/me")).status == 200
    assert (await client.call("DELETE", f"{PATH}/logins/{shown[0]['id']}")).status == 404
    assert len((await client.get(f"{PATH}/logins")).body["logins"]) == 1


async def test_nobody_ends_anothers_login(client: Any, other: Any) -> None:
    await client.register()
    await other.register()
    [login] = (await client.get(f"{PATH}/logins")).body["logins"]
    for login_id in (login["id"], str(uuid4()), "none"):
        assert (await other.call("DELETE", f"{PATH}/logins/{login_id}")).status == 404
    assert (await client.get("/auth/me")).status == 200


async def test_all_of_them_at_once(client: Any) -> None:
    account = await client.register()
    phone = await logged_in(client, account, "Phone")
    assert "2 logins" in (await phone.call("DELETE", f"{PATH}/logins")).body["message"]
    assert [(await each.get("/auth/me")).status for each in (client, phone)] == [401, 401]


async def test_another_password_ends_all_other_logins(client: Any) -> None:
    account = await client.register()
    phone = await logged_in(client, account, "Phone")
    refresh = (await client.post("/auth/login", {"email": account["email"], "password": "correct horse"})).body
    new = {"current_password": "correct horse", "new_password": "battery staple"}
    assert (await client.call("PUT", f"{PATH}/password", new)).status == 200
    assert (await client.get("/auth/me")).status == 200 and (await phone.get("/auth/me")).status == 401
    assert (await client.post("/auth/refresh", {"refresh_token": refresh["refresh_token"]})).status == 401
    assert (await client.post("/auth/login", {"email": account["email"], "password": "correct horse"})).status == 401
    await logged_in(client, account | {"password": "battery staple"}, "Phone")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"current_password": "a wrong one", "new_password": "battery staple"},
        {"current_password": "correct horse", "new_password": "short"},
        {"current_password": "correct horse", "new_password": "a" * 129},
        {"current_password": "correct horse"},
        {"new_password": "battery staple"},
        {"current_password": 7, "new_password": "battery staple"},
    ],
)
async def test_what_changes_no_password(client: Any, body: dict[str, Any]) -> None:
    account = await client.register()
    refused = await client.call("PUT", f"{PATH}/password", body)
    assert refused.status == 400 and refused.detail
    await logged_in(client, account, "Phone")
