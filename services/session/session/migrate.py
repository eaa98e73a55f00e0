"""Brings schema `session` up to date."""

from __future__ import annotations

from pathlib import Path

from runtime.sql.migrations import Migrations

from session.models import SCHEMA
from session.tenant import SWEEPER_ROLE

migrate = Migrations(
    SCHEMA, Path(__file__).with_name("migrations") / "versions", role="parley_session", set_roles=(SWEEPER_ROLE,)
)
