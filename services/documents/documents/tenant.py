"""Whose rows a transaction may reach."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from runtime.sql import tenants

SCHEMA = "documents"
SWEEPER_ROLE = "parley_documents_sweeper"
"""Sees everyone's rows, for what was left unfinished."""


@dataclass(frozen=True)
class Tenant(tenants.Tenant):
    """A user, or whoever holds the ids of documents that belong to no account, or both."""

    document_ids: tuple[UUID, ...] = ()
