"""Brings schema `identity` up to date."""

from __future__ import annotations

from pathlib import Path

from runtime.sql.migrations import Migrations

from gateway.models import SCHEMA

migrate = Migrations(SCHEMA, Path(__file__).with_name("migrations") / "versions", role="parley_gateway")
