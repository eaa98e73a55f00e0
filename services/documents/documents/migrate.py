"""Brings schema `documents` up to date."""

from __future__ import annotations

from pathlib import Path

from runtime.sql.migrations import Migrations

from documents.tenant import SCHEMA, SWEEPER_ROLE

migrate = Migrations(
    SCHEMA, Path(__file__).with_name("migrations") / "versions", role="parley_documents", set_roles=(SWEEPER_ROLE,)
)
