"""Whose rows a transaction may reach."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from runtime.database import Database

SCHEMA = "documents"
SWEEPER_ROLE = "parley_documents_sweeper"


@dataclass(frozen=True)
class Tenant:
    """A user, or whoever holds the ids of documents that belong to no account, or both."""

    user_id: UUID | None
    document_ids: tuple[UUID, ...] = ()

    @property
    def settings_sql(self) -> str:
        """Statement that makes row-level security let this tenant's rows through, in this transaction only.

        UUIDs are the only thing ever put into it, so it needs no parameters and travels with BEGIN.
        """
        settings = {"parley.user_id": self.user_id or "", "parley.document_ids": ",".join(map(str, self.document_ids))}
        return "SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings.items())


def as_tenant(
    database: Database, tenant: Tenant, *, read_only: bool = False
) -> AbstractAsyncContextManager[asyncpg.Connection]:
    """A transaction that reaches only the tenant's rows."""
    return database.transaction(f"{'BEGIN READ ONLY' if read_only else 'BEGIN'}; {tenant.settings_sql}")


def as_sweeper(database: Database) -> AbstractAsyncContextManager[asyncpg.Connection]:
    """A transaction in the role that sees everyone's rows, for what was left unfinished."""
    return database.transaction(f"BEGIN; SET LOCAL ROLE {SWEEPER_ROLE}")
