"""Whose rows a transaction may reach."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from runtime.sql import tenants

SWEEPER_ROLE = "parley_session_sweeper"
"""Sees everyone's rows, for what is due and for rebuilding."""


@dataclass(frozen=True)
class Tenant(tenants.Tenant):
    """A user, or the holder of an anonymous session's id, or both."""

    session_id: UUID | None = None
