"""Columns that SQLModel does not make of annotations.

Of a `datetime` it makes a moment with its time zone; of a `dict` or a `list`, an error. And all tables of a process
share one metadata: give each schema a base class with a `MetaData` of its own.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field


def written_at(**options: Any) -> Any:
    """The moment in which a row is inserted, by the clock of the database: the only one that all replicas share.

    `options` are those of `Field`.
    """
    return Field(default=None, nullable=False, sa_column_kwargs={"server_default": func.now()}, **options)


def json_column(**options: Any) -> Any:
    """A dict or a list as JSONB; it may be NULL where the annotation says so."""
    return Field(sa_type=JSONB(none_as_null=True), **options)
