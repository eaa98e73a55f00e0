"""A managed Postgres gives no superuser: the owner of the tables, who may make roles, does all that there is to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest_asyncio
import yaml
from devkit.embedded import EmbeddedPostgres
from nats.aio.client import Client
from runtime.backup import backup, restore
from runtime.backup.ledger import Ledger
from runtime.provision import migrate_databases, provision_broker
from runtime.sql.migrations import SECOND, DatabaseAdmin

CLUSTER = Path(__file__).parents[4] / "deploy/k8s/components/postgres-operator/cluster.yaml"
APP = "parley_gateway"
USER = "INSERT INTO identity.users (id, email, password_hash, name) VALUES ($1, 'anne@example.com', 'x', 'Anne')"


@pytest_asyncio.fixture
async def admin(tmp_path: Path) -> AsyncIterator[DatabaseAdmin]:
    """Who owns the database, made as the example for an operator of Postgres says."""
    made = next(iter(yaml.safe_load_all(CLUSTER.read_text(encoding="utf-8"))))["spec"]["bootstrap"]["initdb"]
    with EmbeddedPostgres(tmp_path / "postgres") as server:
        superuser = await asyncpg.connect(server.url())
        await superuser.execute(f"CREATE ROLE {made['owner']} LOGIN PASSWORD 'owner'")
        await superuser.execute(f"CREATE DATABASE {made['database']} OWNER {made['owner']}")
        await superuser.close()
        inside = await asyncpg.connect(server.url(made["database"]))
        for statement in made["postInitApplicationSQL"]:
            await inside.execute(statement)
        await inside.close()
        yield DatabaseAdmin(
            server.url(made["database"], made["owner"], "owner"), "of the roles", {APP + SECOND: "another"}
        )


async def test_the_owner_migrates_adds_logins_backs_up_and_restores(
    admin: DatabaseAdmin, broker_connection: Client, tmp_path: Path
) -> None:
    js = broker_connection.jetstream()
    for _ in range(2):
        migrate_databases(admin)
    for role, password in ((APP, "of the roles"), (APP + SECOND, "another")):
        login = await asyncpg.connect(admin.url.replace("parley_owner:owner", f"{role}:{password.replace(' ', '%20')}"))
        await login.execute(USER.replace("anne", role), uuid4())
        assert await login.fetchval("SELECT count(*) FROM identity.users") >= 1
        await login.close()
    await backup(admin.url, js, tmp_path / "kept")
    owner = await asyncpg.connect(admin.url)
    await owner.execute("DELETE FROM identity.users")

    async def provision() -> None:
        await provision_broker(js)

    await restore(admin, js, tmp_path / "kept", Ledger(), provision, overwrite=True)
    kept = await owner.fetch("SELECT email FROM identity.users ORDER BY 1")
    await owner.close()
    assert [each["email"] for each in kept] == [f"{APP}@example.com", f"{APP}_second@example.com"]
