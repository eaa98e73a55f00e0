"""Accounts and roles: what people change of themselves, and what an admin does to others."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest
from devkit.stack import Stack

from tools.examples import grant_admin

PASSWORD = "correct horse"


async def somebody(client: Any) -> tuple[Any, dict[str, Any]]:
    """A client with an account of its own."""
    fresh = client.having()
    return fresh, await fresh.register()


async def an_admin(client: Any, stack: Stack) -> tuple[Any, dict[str, Any]]:
    fresh, account = await somebody(client)
    await grant_admin(stack, account["email"])
    return fresh, account


async def audited(stack: Stack, user_id: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(stack.database_url)
    try:
        query = "SELECT action, actor_id::text FROM identity.audit_events WHERE subject_id = $1 ORDER BY created_at"
        return [tuple(row) for row in await connection.fetch(query, user_id)]
    finally:
        await connection.close()


async def test_one_changes_ones_name_and_address_and_nothing_else(client: Any) -> None:
    person, account = await somebody(client)
    assert (await person.get("/users/me")).body["role"] == "user"
    address = f"{uuid4().hex}@Example.com"
    body = {"full_name": "Ada L.", "email": address, "role": "admin", "is_active": False}
    changed = await person.call("PUT", "/users/me", body)
    assert changed.status == 200 and changed.body["name"] == "Ada L." and changed.body["email"] == address.lower()
    shown = (await person.get("/users/me")).body
    assert (shown["role"], shown["is_active"]) == ("user", True)
    assert (await client.post("/auth/login", {"email": address, "password": account["password"]})).status == 200
    _, taken = await somebody(client)
    refused = await person.call("PUT", "/users/me", {"email": taken["email"]})
    assert refused.status == 400 and "already" in refused.detail
    for nothing in ({}, {"name": None}, {"email": "no address"}, {"name": 7}, {"name": "x" * 201}):
        assert (await person.call("PUT", "/users/me", nothing)).status == 400, nothing


async def test_only_an_admin_sees_others(client: Any, stack: Stack) -> None:
    admin, account = await an_admin(client, stack)
    person, other = await somebody(client)
    assert (await person.get("/users")).status == 403
    assert (await person.get(f"/users/{account['id']}")).status == 403
    assert (await person.get(f"/users/{other['id']}")).body["id"] == other["id"]
    assert (await admin.get(f"/users/{other['id']}")).body["email"] == other["email"]
    page = (await admin.get("/users?skip=0&limit=2")).body
    assert len(page) == 2 and page[0]["created_at"] <= page[1]["created_at"]
    rest = (await admin.get("/users?skip=1&limit=1")).body
    assert rest == page[1:]
    assert (await admin.get("/users?limit=101")).status == 400
    assert (await admin.get(f"/users/{uuid4()}")).status == 404
    assert (await admin.get("/users/nobody")).status == 404
    assert (await client.having().get("/users")).status == 401


async def test_an_admin_gives_roles_and_takes_them_away_and_it_is_recorded(client: Any, stack: Stack) -> None:
    admin, account = await an_admin(client, stack)
    person, other = await somebody(client)
    path = f"/users/{other['id']}"
    promoted = await admin.call("PATCH", path, {"role": "admin"})
    assert promoted.status == 200 and promoted.body["role"] == "admin"
    assert (await person.get("/users?limit=1")).status == 200, "the role counts at once, with the token of before"
    assert (await admin.call("PATCH", path, {"role": "user"})).body["role"] == "user"
    assert (await person.get("/users?limit=1")).status == 403
    assert (await admin.call("PATCH", path, {"is_active": False})).body["is_active"] is False
    assert (await person.get("/users/me")).status == 401
    login = {"email": other["email"], "password": other["password"]}
    assert (await client.post("/auth/login", login)).status == 401
    assert (await admin.call("PATCH", path, {"is_active": True})).status == 200
    assert (await client.post("/auth/login", login)).status == 200
    for bad in ({}, {"role": "owner"}, {"is_active": "no"}):
        assert (await admin.call("PATCH", path, bad)).status == 400, bad
    assert (await person.call("PATCH", path, {"role": "admin"})).status == 403
    assert await audited(stack, other["id"]) == [("change", account["id"])] * 4


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"role": "user"}), ("DELETE", None)])
async def test_an_admin_does_not_lock_everybody_out(client: Any, stack: Stack, method: str, body: Any) -> None:
    admin, account = await an_admin(client, stack)
    refused = await admin.call(method, f"/users/{account['id']}", body)
    assert refused.status == 409 and refused.detail
    assert (await admin.get("/users/me")).body["role"] == "admin"


async def test_who_is_deleted_leaves_nothing_behind(client: Any, stack: Stack) -> None:
    admin, _ = await an_admin(client, stack)
    person, other = await somebody(client)
    sessions = [await person.begin() for _ in range(2)]
    await person.say("I led the migration of our payment service to Postgres.")
    form = aiohttp.FormData()
    form.add_field("file", b"Ada\n\nSkills\nPython\n", filename="cv.txt", content_type="text/plain")
    document = (await person.call("POST", "/api/v1/documents/upload/resume", data=form)).body["document_id"]
    deleted = await admin.call("DELETE", f"/users/{other['id']}")
    assert deleted.status == 200 and list(deleted.body) == ["message"]
    assert (await admin.get(f"/users/{other['id']}")).status == 404
    assert (await admin.call("DELETE", f"/users/{other['id']}")).status == 404
    assert (await person.get("/users/me")).status == 401
    connection = await asyncpg.connect(stack.database_url)
    try:
        for session_id in sessions:
            assert not await connection.fetchval("SELECT count(*) FROM session.events WHERE stream_id = $1", session_id)
        assert not await connection.fetchval("SELECT count(*) FROM documents.documents WHERE id = $1", document)
    finally:
        await connection.close()
    account = {"email": other["email"], "password": PASSWORD}
    assert (await client.having().post("/auth/register", account)).status == 201, "the address is free again"
    assert [action for action, _ in await audited(stack, other["id"])] == ["delete"]
