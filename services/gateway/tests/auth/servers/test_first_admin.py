"""The first admin, by settings, on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from devkit.fixtures import TestDatabase
from gateway.auth.first_admin import FirstAdmin
from gateway.auth.passwords import Passwords
from gateway.auth.settings import IdentitySettings
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

SECRET = "the secret of the tests, " * 3
ADMINS = "SELECT email FROM identity.users WHERE role = 'admin' AND is_active ORDER BY email"
Appoint = Callable[..., Awaitable[None]]


@pytest_asyncio.fixture
async def appoint(migrated: TestDatabase) -> AsyncIterator[Appoint]:
    """What a gateway with these settings does at its start."""
    engine = create_async_engine(migrated.url("gateway").replace("postgresql:", "postgresql+asyncpg:"))
    passwords = Passwords(time_cost=1, memory_kib=64)

    async def start(email: str | None = "Anne@Example.com", password: str | None = None) -> None:
        settings = IdentitySettings(
            jwt_secret=SecretStr(SECRET), admin_email=email, admin_password=SecretStr(password) if password else None
        )
        await FirstAdmin(async_sessionmaker(engine), passwords, settings, changed=lambda: None).appoint()

    yield start
    passwords.close()
    await engine.dispose()


async def test_the_account_is_made_and_its_password_is_good(api: Any, sql: Any, appoint: Appoint) -> None:
    await asyncio.gather(*(appoint(password="correct horse") for _ in range(4)))
    assert [row[0] for row in await sql(ADMINS)] == ["anne@example.com"]
    login = await api.post("/auth/login", {"email": "anne@example.com", "password": "correct horse"})
    assert login.status == 200 and (await api.me(login.json["token"], "/admin")).body == b"true"
    assert len(await sql("SELECT 1 FROM identity.audit_events WHERE action = 'grant'")) >= 1


async def test_an_account_that_is_there_keeps_its_password(api: Any, sql: Any, appoint: Appoint) -> None:
    await api.register(email="anne@example.com", password="her own choice")
    await appoint(password="correct horse")
    assert [row[0] for row in await sql(ADMINS)] == ["anne@example.com"]
    assert (await api.post("/auth/login", {"email": "anne@example.com", "password": "her own choice"})).status == 200
    assert (await api.post("/auth/login", {"email": "anne@example.com", "password": "correct horse"})).status == 401


async def test_once_there_is_an_admin_the_settings_change_nothing(api: Any, sql: Any, appoint: Appoint) -> None:
    await api.register(email="bob@example.com")
    await sql("UPDATE identity.users SET role = 'admin'")
    await appoint(password="correct horse")
    assert [row[0] for row in await sql(ADMINS)] == ["bob@example.com"]
    assert len(await sql("SELECT 1 FROM identity.users")) == 1


@pytest.mark.parametrize("email", [None, "anne@example.com"])
async def test_without_an_account_or_a_password_for_one_nobody_is_appointed(
    api: Any, sql: Any, appoint: Appoint, email: str | None
) -> None:
    await api.register(email="bob@example.com")
    await appoint(email=email)
    assert await sql(ADMINS) == []


@pytest.mark.parametrize(
    ("email", "password"), [("not an address", None), ("anne@example.com", "short"), (None, "correct horse")]
)
def test_settings_that_cannot_be_are_refused_at_the_start(email: str | None, password: str | None) -> None:
    with pytest.raises(ValueError, match="ADMIN_") as refused:
        IdentitySettings(
            jwt_secret=SecretStr(SECRET), admin_email=email, admin_password=SecretStr(password) if password else None
        )
    assert "short" not in str(refused.value) and "correct" not in str(refused.value)
