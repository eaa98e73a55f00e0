"""What lies in Postgres, as rows without their tables: those are made by the migrations of the version that kept them,
and brought up to date by the ones after it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import asyncpg

from runtime.sql.migrations import DatabaseAdmin, Migrations

VERSIONS = "alembic_version"
_SCHEMAS = """
SELECT nspname FROM pg_namespace
WHERE nspname NOT IN ('public', 'information_schema') AND nspname NOT LIKE 'pg\\_%' ORDER BY nspname
"""
_TABLES = f"""
SELECT n.nspname AS schema, c.relname AS name,
    array(SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum)
        AS columns,
    array(SELECT k.confrelid::regclass::text FROM pg_constraint k
        WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid) AS needs
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = ANY($1) AND c.relname <> '{VERSIONS}' ORDER BY 1, 2
"""
_SEQUENCES = """
SELECT s.sequence_schema || '.' || s.sequence_name AS sequence, n.nspname AS schema, c.relname AS name,
    a.attname AS column
FROM information_schema.sequences s
JOIN pg_depend d ON d.objid = (s.sequence_schema || '.' || s.sequence_name)::regclass AND d.deptype IN ('a', 'i')
JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
WHERE n.nspname = ANY($1)
"""


class NotEmpty(Exception):
    """There is something that a restore would overwrite."""


class UnknownVersion(Exception):
    """The backup is of a later version than this one."""


@dataclass(frozen=True)
class Table:
    """A table, the columns that hold what was put there, and the tables that its rows refer to."""

    schema: str
    name: str
    columns: tuple[str, ...]
    needs: frozenset[str]

    @property
    def full(self) -> str:
        """Its name with that of its schema."""
        return f"{self.schema}.{self.name}"


def migrations() -> dict[str, Migrations]:
    """Those of every installed service, in the order in which they are run."""
    entries = sorted(entry_points(group="parley.migrations"), key=lambda entry: entry.name)
    return {each.schema: each for each in (entry.load() for entry in entries)}


async def dump(connection: asyncpg.Connection, folder: Path) -> dict[str, Any]:
    """Write every table, all as of one moment, and say what they are."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("SET LOCAL row_security = off")  # an error in place of rows left out
        at = await connection.fetchval("SELECT now()")
        revisions = {name: await _revision(connection, name) for name in migrations()}
        told = {}
        for table in await _tables(connection):
            with gzip.open(folder / f"{table.full}.gz", "wb", compresslevel=5) as file:
                done = await connection.copy_from_table(
                    table.name, schema_name=table.schema, columns=table.columns, output=file
                )
            told[table.full] = {"columns": list(table.columns), "rows": int(done.rpartition(" ")[2])}
    return {"at": at.isoformat(), "revisions": revisions, "tables": told}


async def refuse_to_overwrite(connection: asyncpg.Connection) -> None:
    """Raises NotEmpty where a table holds anything."""
    for table in await _tables(connection):
        if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table.full})"):
            raise NotEmpty(table.full)


async def begin_anew(connection: asyncpg.Connection, admin: DatabaseAdmin, revisions: Mapping[str, str]) -> None:
    """Drop everything, and make the tables as they were at these revisions. Raises UnknownVersion, before it drops."""
    known = migrations()
    for schema, revision in revisions.items():
        if schema not in known or not known[schema].knows(revision):
            raise UnknownVersion(f"{schema} {revision}")
    for schema in await _schemas(connection):
        await connection.execute(f'DROP SCHEMA "{schema}" CASCADE')
    for schema, each in known.items():
        if schema in revisions:
            await asyncio.to_thread(each, admin, revisions[schema])


async def load(connection: asyncpg.Connection, folder: Path, told: Mapping[str, Any]) -> None:
    """Put the rows back, those first that others refer to; all or none of them."""
    async with connection.transaction():
        await connection.execute("SET LOCAL row_security = off")
        for table in _in_order(await _tables(connection)):
            if table.full not in told:
                continue
            with gzip.open(folder / f"{table.full}.gz", "rb") as file:
                done = await connection.copy_to_table(
                    table.name, schema_name=table.schema, columns=told[table.full]["columns"], source=file
                )
            if int(done.rpartition(" ")[2]) != told[table.full]["rows"]:
                raise ValueError(f"{table.full}: not all of its rows are in the file")
        for each in await connection.fetch(_SEQUENCES, await _schemas(connection)):
            column, table_name = f'"{each["column"]}"', f"{each['schema']}.{each['name']}"
            await connection.execute(
                f"SELECT setval($1::regclass, coalesce(max({column}), 0) + 1, false) FROM {table_name}",
                each["sequence"],
            )


async def _schemas(connection: asyncpg.Connection) -> list[str]:
    return [row["nspname"] for row in await connection.fetch(_SCHEMAS)]


async def _tables(connection: asyncpg.Connection) -> list[Table]:
    rows = await connection.fetch(_TABLES, await _schemas(connection))
    return [Table(row["schema"], row["name"], tuple(row["columns"]), frozenset(row["needs"])) for row in rows]


async def _revision(connection: asyncpg.Connection, schema: str) -> str:
    revision: str = await connection.fetchval(f"SELECT version_num FROM {schema}.{VERSIONS}")
    return revision


def _in_order(tables: Sequence[Table]) -> list[Table]:
    """Each after those that it refers to."""
    by_name = {table.full: table for table in tables}
    order = TopologicalSorter({table.full: table.needs & by_name.keys() for table in tables}).static_order()
    return [by_name[name] for name in order]
