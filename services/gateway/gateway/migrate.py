"""Brings schema `identity` up to date."""

from __future__ import annotations

from pathlib import Path

from runtime.migrations import DatabaseAdmin, run_migrations

from gateway.models import SCHEMA

ROLE = "parley_gateway"
_SCRIPTS = Path(__file__).with_name("migrations")


def migrate(admin: DatabaseAdmin) -> None:
    """Create or update the schema as the owner of the tables. Blocking; safe to run several times at once."""
    run_migrations(admin, SCHEMA, _SCRIPTS, role=ROLE)
