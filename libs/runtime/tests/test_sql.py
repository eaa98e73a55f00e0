"""What SQLModel leaves to us, and what our tables and tenants rely on: an upgrade that changes it fails here."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import pytest
from runtime.sql.tables import json_column, written_at
from runtime.sql.tenants import Tenant
from sqlalchemy import MetaData
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from sqlmodel import Field, SQLModel

ONE, OTHER = UUID(int=1), UUID(int=2)


class Table(SQLModel):
    metadata: ClassVar[MetaData] = MetaData(schema="here")


class Row(Table, table=True):
    __tablename__ = "rows"

    id: UUID = Field(primary_key=True)
    began: datetime
    ended: datetime | None = None
    created: datetime = written_at()
    data: dict[str, Any] = json_column()
    more: list[str] | None = json_column(default=None)


def columns(table: type[SQLModel]) -> list[str]:
    made = str(CreateTable(table.__table__).compile(dialect=postgresql.dialect()))  # type: ignore[attr-defined]
    return [line.strip(" ,\t") for line in made.splitlines() if line.startswith("\t")]


# --- tables ---


def test_moments_have_a_time_zone_and_dicts_are_jsonb() -> None:
    assert columns(Row)[1:] == [
        "began TIMESTAMP WITH TIME ZONE NOT NULL",
        "ended TIMESTAMP WITH TIME ZONE",
        "created TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL",
        "data JSONB NOT NULL",
        "more JSONB",
        "PRIMARY KEY (id)",
    ]


def test_a_base_of_ones_own_keeps_tables_apart() -> None:
    assert set(Table.metadata.tables) == {"here.rows"} and "here.rows" not in SQLModel.metadata.tables


def test_sqlmodel_alone_still_makes_nothing_of_a_dict() -> None:
    with pytest.raises(ValueError, match="has no matching SQLAlchemy type"):

        class Unmade(Table, table=True):
            id: UUID = Field(primary_key=True)
            data: dict[str, Any]


# --- tenants ---


@dataclass(frozen=True)
class Holder(Tenant):
    thing_ids: tuple[UUID, ...] = ()


@pytest.mark.parametrize(
    ("tenant", "settings"),
    [
        (Tenant(ONE), {"user_id": str(ONE)}),
        (Tenant(None), {"user_id": ""}),
        (Holder(None, (ONE, OTHER)), {"user_id": "", "thing_ids": f"{ONE},{OTHER}"}),
        (Holder(OTHER), {"user_id": str(OTHER), "thing_ids": ""}),
    ],
)
def test_every_field_is_a_setting_of_this_transaction(tenant: Tenant, settings: dict[str, str]) -> None:
    calls = ", ".join(f"set_config('parley.{name}', '{value}', true)" for name, value in settings.items())
    assert tenant.settings_sql == f"SELECT {calls}"


def test_nothing_but_ids_gets_into_the_statement() -> None:
    with pytest.raises(ValueError, match="badly formed"):
        _ = Tenant("', true); DROP TABLE users; --").settings_sql  # type: ignore[arg-type]


def test_who_binds_tenants_only_loads_no_sqlalchemy() -> None:
    code = "import sys, runtime.sql.tenants; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
