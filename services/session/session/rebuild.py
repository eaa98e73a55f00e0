"""Rebuild every read model from the events, and prove that it equals what was there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from contracts import Event, Payload
from pydantic_core import from_json
from runtime.database import Database

from session.domain.due import Key, Patience, due
from session.domain.state import State, fold
from session.projections import SESSION_COLUMNS, Changes, project, session_values
from session.store import to_event
from session.tenant import as_sweeper

_SESSIONS = "SELECT DISTINCT stream_id FROM session.events"
_EVENTS = "SELECT * FROM session.events WHERE stream_id = $1 ORDER BY version"
_MESSAGE_COLUMNS = ("seq", "event_id", "turn", "role", "content", "response_type", "message_metadata", "created_at")
_FEEDBACK_COLUMNS = ("turn", "score", "feedback", "created_at")
_JSON = frozenset({"session_config", "session_stats", "final_summary", "message_metadata", "feedback"})


@dataclass
class Rebuilt:
    """What a rebuild went through. `different` counts sessions whose read models did not equal their events."""

    sessions: int = 0
    events: int = 0
    different: int = 0


@dataclass(frozen=True)
class _Rows:
    session: tuple[Any, ...] | None
    messages: list[tuple[Any, ...]]
    feedback: list[tuple[Any, ...]]
    due: set[Key]


async def rebuild(database: Database, patience: Patience, *, write: bool) -> Rebuilt:
    """Compare every session's read models with its events; with `write`, put right what differs.

    Sessions are done one at a time under a lock on their row, so interviews may go on meanwhile.
    """
    result = Rebuilt()
    async for session_id in _session_ids(database):
        async with as_sweeper(database) as connection:
            await connection.execute("SELECT FROM session.sessions WHERE session_id = $1 FOR UPDATE", session_id)
            rows = await connection.fetch(_EVENTS, session_id)
            state, expected = _expected([to_event(session_id, row) for row in rows], session_id, patience)
            if await _stored(connection, session_id) != expected:
                result.different += 1
                if write:
                    await _replace(connection, state, expected, due(state, patience))
        result.sessions += 1
        result.events += len(rows)
    return result


async def _session_ids(database: Database) -> AsyncIterator[UUID]:
    async with as_sweeper(database) as connection:
        ids = [row["stream_id"] for row in await connection.fetch(_SESSIONS)]
    for session_id in ids:
        yield session_id


def _expected(events: list[Event[Payload]], session_id: UUID, patience: Patience) -> tuple[State, _Rows]:
    state = fold(session_id, events)
    changes: Changes = project(events)
    rows = _Rows(
        session=_comparable(SESSION_COLUMNS, session_values(state)),
        messages=[
            _comparable(
                _MESSAGE_COLUMNS,
                (m.seq, m.event_id, m.turn, m.role, m.content, m.response_type, m.metadata, m.created_at),
            )
            for m in changes.messages
        ],
        feedback=sorted(
            (
                _comparable(_FEEDBACK_COLUMNS, (f.turn, f.score, f.feedback, f.created_at))
                for f in changes.feedback
            ),
            key=lambda row: row[0],
        ),
        due=set(due(state, patience)),
    )
    return state, rows


async def _stored(connection: asyncpg.Connection, session_id: UUID) -> _Rows:
    session = await connection.fetchrow(
        f"SELECT {', '.join(SESSION_COLUMNS)} FROM session.sessions WHERE session_id = $1", session_id
    )
    messages = await connection.fetch(
        f"SELECT {', '.join(_MESSAGE_COLUMNS)} FROM session.messages WHERE session_id = $1 ORDER BY seq", session_id
    )
    feedback = await connection.fetch(
        f"SELECT {', '.join(_FEEDBACK_COLUMNS)} FROM session.feedback WHERE session_id = $1 ORDER BY turn", session_id
    )
    waiting = await connection.fetch("SELECT kind, ref FROM session.due WHERE session_id = $1", session_id)
    return _Rows(
        session=_comparable(SESSION_COLUMNS, tuple(session)) if session else None,
        messages=[_comparable(_MESSAGE_COLUMNS, tuple(row)) for row in messages],
        feedback=[_comparable(_FEEDBACK_COLUMNS, tuple(row)) for row in feedback],
        due={Key(row["kind"], row["ref"]) for row in waiting},
    )


def _comparable(columns: Sequence[str], values: tuple[Any, ...]) -> tuple[Any, ...]:
    """JSON compares by what it says, not by how it is written."""
    return tuple(
        from_json(value) if name in _JSON and isinstance(value, str) else value
        for name, value in zip(columns, values, strict=True)
    )


async def _replace(connection: asyncpg.Connection, state: State, rows: _Rows, waiting: dict[Key, Any]) -> None:
    session_id, user_id = state.session_id, state.user_id
    for table in ("messages", "feedback", "due", "sessions"):
        await connection.execute(f"DELETE FROM session.{table} WHERE session_id = $1", session_id)
    await _insert(connection, "sessions", SESSION_COLUMNS, [session_values(state)])
    owner = ("session_id", "user_id")
    await _insert(
        connection, "messages", (*owner, *_MESSAGE_COLUMNS), [(session_id, user_id, *row) for row in rows.messages]
    )
    await _insert(
        connection, "feedback", (*owner, *_FEEDBACK_COLUMNS), [(session_id, user_id, *row) for row in rows.feedback]
    )
    await _insert(
        connection,
        "due",
        (*owner, "kind", "ref", "at", "attempt"),
        [(session_id, user_id, key.kind, key.ref, at, 0) for key, at in waiting.items()],
    )


async def _insert(
    connection: asyncpg.Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    marks = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    statement = f"INSERT INTO session.{table} ({', '.join(columns)}) VALUES ({marks})"
    await connection.executemany(statement, [tuple(map(_as_json, row)) for row in rows])


def _as_json(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value
