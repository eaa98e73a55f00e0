"""The event store: append with an expected version, in one transaction with the read models and what is due."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from contracts import Event, Payload
from contracts.registry import load_payload
from pydantic_core import from_json
from runtime.database import Database

from session.domain.due import Key, Patience, due
from session.domain.state import State, fold
from session.projections import SESSION_COLUMNS, project, session_values
from session.tenant import Tenant, as_tenant

CACHED_STATES = 512
"""Sessions whose state is kept between messages. A stale one is noticed by its version, never trusted."""


class VersionConflict(Exception):
    """Someone else appended to the stream first: load it again and decide anew."""


class Erased(Exception):
    """The session was erased; nothing may be recorded about it any more."""


@dataclass(frozen=True)
class Appended:
    """What `EventStore.append` recorded, and the state after it."""

    events: tuple[Event[Payload], ...]
    state: State


_EVENT_COLUMNS = (
    "version, event_id, type, schema_version, user_id, causation_id, correlation_id, occurred_at, data"
)
_LOAD = f"SELECT {_EVENT_COLUMNS} FROM session.events WHERE stream_id = $1 AND version > $2 ORDER BY version"
_CAUSED = f"SELECT {_EVENT_COLUMNS} FROM session.events WHERE stream_id = $1 AND causation_id = $2 ORDER BY version"
_UPDATES = ", ".join(f"{column} = excluded.{column}" for column in SESSION_COLUMNS[2:])
_APPEND = f"""
WITH alive AS (
    SELECT 1 WHERE NOT EXISTS (SELECT FROM session.tombstones WHERE session_id = $1)
), appended AS (
    INSERT INTO session.events (stream_id, user_id, version, event_id, type, schema_version, causation_id,
                                correlation_id, occurred_at, data)
    SELECT $1, $2, e.* FROM alive, unnest($17::int[], $18::uuid[], $19::text[], $20::int[], $21::uuid[], $22::uuid[],
                                          $23::timestamptz[], $24::jsonb[]) AS e
    RETURNING version
), projected AS (
    INSERT INTO session.sessions ({", ".join(SESSION_COLUMNS)})
    SELECT $1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8, $9, $10, $11::jsonb, $12, $13, $14, $15, $16 FROM alive
    ON CONFLICT (session_id) DO UPDATE SET {_UPDATES}
), said AS (
    INSERT INTO session.messages (session_id, user_id, seq, event_id, turn, role, content, response_type,
                                  message_metadata, created_at)
    SELECT $1, $2, m.* FROM alive, unnest($25::int[], $26::uuid[], $27::int[], $28::text[], $29::text[], $30::text[],
                                          $31::jsonb[], $32::timestamptz[]) AS m
), judged AS (
    INSERT INTO session.feedback (session_id, user_id, turn, score, feedback, created_at)
    SELECT $1, $2, f.* FROM alive, unnest($33::int[], $34::float8[], $35::jsonb[], $36::timestamptz[]) AS f
), settled AS (
    DELETE FROM session.due d USING unnest($37::text[], $38::text[]) AS gone(kind, ref)
    WHERE d.session_id = $1 AND d.kind = gone.kind AND d.ref = gone.ref
), awaited AS (
    INSERT INTO session.due (session_id, user_id, kind, ref, at, attempt)
    SELECT $1, $2, w.*, 0 FROM alive, unnest($39::text[], $40::text[], $41::timestamptz[]) AS w
    ON CONFLICT (session_id, kind, ref) DO UPDATE SET at = excluded.at, attempt = 0
)
SELECT count(*) FROM appended
"""


def _columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


def to_event(session_id: UUID, row: asyncpg.Record) -> Event[Payload]:
    """An event from its row, upcast. Raises UnknownEvent for one that a newer replica wrote."""
    payload = load_payload(row["type"], row["schema_version"], from_json(row["data"]))
    return Event[Payload].model_construct(
        id=row["event_id"],
        type=row["type"],
        schema_version=payload.SCHEMA_VERSION,
        subject_id=session_id,
        user_id=row["user_id"],
        causation_id=row["causation_id"],
        correlation_id=row["correlation_id"],
        occurred_at=row["occurred_at"],
        stream_version=row["version"],
        data=payload,
    )


class EventStore:
    """Histories of sessions in Postgres."""

    def __init__(self, database: Database, patience: Patience) -> None:
        self._database = database
        self._patience = patience
        self._states: OrderedDict[UUID, State] = OrderedDict()

    async def load(self, session_id: UUID, user_id: UUID | None) -> State:
        """The state now, as far as this caller may see it: one of another user looks like none at all."""
        async with as_tenant(self._database, Tenant(user_id, session_id), read_only=True) as connection:
            return await self._catch_up(connection, session_id, self.cached(session_id, user_id))

    def cached(self, session_id: UUID, user_id: UUID | None) -> State | None:
        """The last state that this replica saw, if the caller may see it."""
        state = self._states.get(session_id)
        return state if state and state.user_id in (None, user_id) else None

    def forget(self, session_id: UUID) -> None:
        """Drop a cached state."""
        self._states.pop(session_id, None)

    async def history(self, session_id: UUID, user_id: UUID | None, *, after: int, limit: int) -> list[Event[Payload]]:
        """Up to `limit` events after stream version `after`."""
        async with as_tenant(self._database, Tenant(user_id, session_id), read_only=True) as connection:
            rows = await connection.fetch(f"{_LOAD} LIMIT $3", session_id, after, limit)
        return [to_event(session_id, row) for row in rows]

    async def caused_by(self, session_id: UUID, user_id: UUID | None, cause: UUID) -> list[Event[Payload]]:
        """What was recorded because of the message `cause`."""
        async with as_tenant(self._database, Tenant(user_id, session_id), read_only=True) as connection:
            rows = await connection.fetch(_CAUSED, session_id, cause)
        return [to_event(session_id, row) for row in rows]

    async def correlated(self, session_id: UUID, user_id: UUID | None, request: UUID) -> list[Event[Payload]]:
        """All that came of the client's request `request`, in order."""
        query = f"SELECT {_EVENT_COLUMNS} FROM session.events WHERE correlation_id = $2 AND stream_id = $1 ORDER BY version"
        async with as_tenant(self._database, Tenant(user_id, session_id), read_only=True) as connection:
            rows = await connection.fetch(query, session_id, request)
        return [to_event(session_id, row) for row in rows]

    async def erased(self, session_id: UUID) -> bool:
        """Whether the session has a tombstone."""
        query = "SELECT EXISTS (SELECT FROM session.tombstones WHERE session_id = $1)"
        return bool(await self._database.pool.fetchval(query, session_id))

    async def append(
        self, state: State, events: Sequence[Event[Payload]], fold_events: Callable[..., State] = fold
    ) -> Appended:
        """Record `events`, which must continue `state`. They carry their stream versions.

        Raises VersionConflict when the stream went on meanwhile, Erased when it was erased.
        """
        after = fold_events(state.session_id, events, state)
        changes = project(list(events))
        before_due, after_due = due(state, self._patience), due(after, self._patience)
        gone = [key for key in before_due if key not in after_due]
        new = [(key, at) for key, at in after_due.items() if before_due.get(key) != at]
        async with as_tenant(self._database, Tenant(after.user_id, after.session_id)) as connection:
            if changes.cleared:
                await self._clear(connection, after.session_id)
            try:
                count = await connection.fetchval(_APPEND, *_append_values(after, events, changes, gone, new))
            except asyncpg.UniqueViolationError:
                self.forget(state.session_id)
                raise VersionConflict from None
        if count == 0:
            self.forget(state.session_id)
            raise Erased
        self._remember(after)
        return Appended(tuple(events), after)

    async def _clear(self, connection: asyncpg.Connection, session_id: UUID) -> None:
        await connection.execute("DELETE FROM session.messages WHERE session_id = $1", session_id)
        await connection.execute("DELETE FROM session.feedback WHERE session_id = $1", session_id)

    async def _catch_up(self, connection: asyncpg.Connection, session_id: UUID, state: State | None) -> State:
        rows = await connection.fetch(_LOAD, session_id, state.version if state else 0)
        if not rows and state:
            return state
        state = fold(session_id, (to_event(session_id, row) for row in rows), state)
        if state.exists:
            self._remember(state)
        return state

    def _remember(self, state: State) -> None:
        self._states[state.session_id] = state
        self._states.move_to_end(state.session_id)
        if len(self._states) > CACHED_STATES:
            self._states.popitem(last=False)


def _append_values(
    after: State,
    events: Sequence[Event[Payload]],
    changes: Any,
    gone: Sequence[Key],
    new: Sequence[tuple[Key, datetime]],
) -> list[Any]:
    event_rows = [
        (
            event.stream_version,
            event.id,
            event.type,
            event.schema_version,
            event.causation_id,
            event.correlation_id,
            event.occurred_at,
            event.data.model_dump_json(exclude_none=True),
        )
        for event in events
    ]
    message_rows = [
        (m.seq, m.event_id, m.turn, m.role, m.content, m.response_type, m.metadata, m.created_at)
        for m in changes.messages
    ]
    feedback_rows = [(f.turn, f.score, f.feedback, f.created_at) for f in changes.feedback]
    return [
        *session_values(after),
        *_columns(event_rows, 8),
        *_columns(message_rows, 8),
        *_columns(feedback_rows, 4),
        *_columns([(key.kind, key.ref) for key in gone], 2),
        *_columns([(key.kind, key.ref, at) for key, at in new], 3),
    ]
