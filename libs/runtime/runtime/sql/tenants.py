"""Whose rows a transaction may reach: policies of row-level security look at settings that only last as long as it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, fields
from uuid import UUID

import asyncpg

from runtime.database import Database


@dataclass(frozen=True)
class Tenant:
    """A user, or nobody who is known.

    A schema whose rows can belong to no account extends it with the ids that open them: each field holds a UUID, a
    tuple of them, or None, and policies find it in the setting `parley.<field>`.
    """

    user_id: UUID | None

    @property
    def settings_sql(self) -> str:
        """A statement that makes policies let this tenant's rows through, in the transaction that runs it.

        UUIDs are the only thing ever put into it, so it needs no parameters and can travel with BEGIN.
        """
        settings = {each.name: _setting(getattr(self, each.name)) for each in fields(self)}
        return "SELECT " + ", ".join(f"set_config('parley.{name}', '{ids}', true)" for name, ids in settings.items())


def _setting(value: UUID | tuple[UUID, ...] | None) -> str:
    ids = value if isinstance(value, tuple) else () if value is None else (value,)
    return ",".join(str(UUID(str(each))) for each in ids)


def as_tenant(
    database: Database, tenant: Tenant, *, read_only: bool = False
) -> AbstractAsyncContextManager[asyncpg.Connection]:
    """A transaction that reaches only the tenant's rows."""
    # BEGIN and the settings go in one round trip: this is on the path of every message.
    return database.transaction(f"{'BEGIN READ ONLY' if read_only else 'BEGIN'}; {tenant.settings_sql}")


def as_role(database: Database, role: str) -> AbstractAsyncContextManager[asyncpg.Connection]:
    """A transaction with the rights of another role that the service may switch to."""
    return database.transaction(f"BEGIN; SET LOCAL ROLE {role}")
