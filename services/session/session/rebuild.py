"""Rebuild every read model from the events, and prove that it equals what was there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from contracts import Event, Payload
from pydantic_core import from_json, to_json, to_jsonable_python
from runtime.database import Database
from runtime.sql.tenants import as_role

from session.domain.deadlines import Timeouts, deadlines
from session.domain.state import State, fold
from session.erasure import KIND as ERASURE
from session.projections import Row, project, session_row
from session.store import to_event
from session.tenant import SWEEPER_ROLE

_SESSIONS = """
SELECT DISTINCT stream_id FROM session.events
WHERE NOT EXISTS (SELECT FROM session.tombstones WHERE session_id = stream_id)
"""
_EVENTS = "SELECT * FROM session.events WHERE stream_id = $1 ORDER BY version"
_ORDER = {"sessions": "session_id", "messages": "seq", "feedback": "turn", "timers": "kind, ref"}
"""The read models, each with an order of its rows."""


@dataclass
class Rebuilt:
    """What a rebuild went through. `different` counts sessions whose read models did not equal their events."""

    sessions: int = 0
    events: int = 0
    different: int = 0


async def rebuild(database: Database, timeouts: Timeouts, *, write: bool) -> Rebuilt:
    """Compare every session's read models with its events; with `write`, put right what differs.

    Sessions are done one at a time under a lock on their row, so interviews may go on meanwhile.
    """
    result = Rebuilt()
    async with as_role(database, SWEEPER_ROLE) as connection:
        sessions = [row["stream_id"] for row in await connection.fetch(_SESSIONS)]
    for session_id in sessions:
        async with as_role(database, SWEEPER_ROLE) as connection:
            await connection.execute("SELECT FROM session.sessions WHERE session_id = $1 FOR UPDATE", session_id)
            events = [to_event(session_id, row) for row in await connection.fetch(_EVENTS, session_id)]
            expected = read_models(events, session_id, timeouts)
            stored = {table: await _stored(connection, table, session_id) for table in _ORDER}
            if _comparable(stored) != _comparable(expected):
                result.different += 1
                if write:
                    await _replace(connection, session_id, expected)
        result.sessions += 1
        result.events += len(events)
    return result


def read_models(events: list[Event[Payload]], session_id: UUID, timeouts: Timeouts) -> dict[str, list[Row]]:
    """Every row that the events of one session call for, by table, in the order of `_ORDER`."""
    state: State = fold(session_id, events)
    changes = project(events)
    owner = {"session_id": session_id, "user_id": state.user_id}
    waiting = sorted(deadlines(state, timeouts).items())
    rows = {
        "sessions": [session_row(state)],
        "messages": [owner | row for row in changes.messages],
        "feedback": [owner | row for row in sorted(changes.feedback, key=lambda row: int(row["turn"]))],
        "timers": [owner | {"kind": key.kind, "ref": key.ref, "at": at, "attempt": 0} for key, at in waiting],
    }
    return {table: [to_jsonable_python(row) for row in values] for table, values in rows.items()}


async def _stored(connection: asyncpg.Connection, table: str, session_id: UUID) -> list[Row]:
    query = f"SELECT * FROM session.{table} WHERE session_id = $1 AND {_kept(table)} ORDER BY {_ORDER[table]}"
    return [_plain(row) for row in await connection.fetch(query, session_id)]


def _kept(table: str) -> str:
    """An erasure is due whatever the events say."""
    return f"kind <> '{ERASURE}'" if table == "timers" else "true"


def _plain(row: asyncpg.Record) -> Row:
    columns = {name: from_json(value) if _is_document(name) and value else value for name, value in row.items()}
    plain: Row = to_jsonable_python(columns)
    return plain


def _is_document(column: str) -> bool:
    return column in {"session_config", "session_stats", "final_summary", "message_metadata", "feedback"}


def _comparable(models: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """When and how often something due was asked for again is not in the events."""
    waiting = [{name: row[name] for name in ("kind", "ref")} for row in models["timers"]]
    return models | {"timers": waiting}


async def _replace(connection: asyncpg.Connection, session_id: UUID, expected: dict[str, list[dict[str, Any]]]) -> None:
    for table, rows in expected.items():
        await connection.execute(f"DELETE FROM session.{table} WHERE session_id = $1 AND {_kept(table)}", session_id)
        await connection.execute(
            f"INSERT INTO session.{table} SELECT * FROM jsonb_populate_recordset(NULL::session.{table}, $1)",
            to_json(rows).decode(),
        )
