"""The event store: append with an expected version, in one transaction with the read models and the timers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from contracts import Event, Payload
from contracts.registry import load_payload
from pydantic_core import from_json, to_json
from runtime.database import Database
from runtime.errors import Permanent

from session.domain.deadlines import Key, Timeouts, deadlines
from session.domain.state import State, fold
from session.projections import project, session_row

CACHED_STATES = 256
"""Sessions whose state is kept between messages. A stale one is noticed by its version, never trusted."""


class VersionConflict(Exception):
    """Someone else appended to the stream first: load it again and decide anew."""


class Unstorable(Permanent):
    """Text that Postgres cannot keep."""


class Erased(Exception):
    """The session was erased; nothing may be recorded about it any more."""


@dataclass(frozen=True)
class Appended:
    """What `EventStore.append` recorded, and the state after it."""

    events: tuple[Event[Payload], ...]
    state: State


_LOAD = "SELECT * FROM session.load($1, $2, $3)"
_APPEND = "SELECT session.append($1, $2, $3)"
_ASKED_BEFORE = "SELECT * FROM session.asked_before($1, $2, $3)"
_CORRELATED = "SELECT * FROM session.load($1, $2, 0) WHERE correlation_id = $3"


def to_event(session_id: UUID, row: asyncpg.Record) -> Event[Payload]:
    """An event from its row, upcast. Raises UnknownEvent for one by a newer replica that this one cannot understand."""
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

    def __init__(self, database: Database, timeouts: Timeouts) -> None:
        self._database = database
        self._timeouts = timeouts
        self._states: OrderedDict[UUID, State] = OrderedDict()

    async def load(self, session_id: UUID, user_id: UUID | None) -> State:
        """The state now, as far as this caller may see it: one of another user looks like none at all."""
        state = self.cached(session_id, user_id)
        # The newest event that is known is read again: without it the session was erased, and the cache must
        # not tell of it.
        rows = await self._database.pool.fetch(_LOAD, user_id, session_id, state.version - 1 if state else 0)
        if state and not rows:
            self.forget(session_id)
            return State(session_id)
        if state and len(rows) == 1:
            return state
        if state:
            rows = rows[1:]
        state = fold(session_id, (to_event(session_id, row) for row in rows), state)
        if state.exists:
            self._remember(state)
        return state

    def cached(self, session_id: UUID, user_id: UUID | None) -> State | None:
        """The last state that this replica saw, if the caller may see it."""
        state = self._states.get(session_id)
        return state if state and state.user_id in (None, user_id) else None

    def forget(self, session_id: UUID) -> None:
        """Drop a cached state."""
        self._states.pop(session_id, None)

    async def history(
        self, session_id: UUID, user_id: UUID | None, *, after: int, limit: int | None = None
    ) -> list[Event[Payload]]:
        """Up to `limit` events after stream version `after`."""
        rows = await self._database.pool.fetch(f"{_LOAD} LIMIT $4", user_id, session_id, after, limit)
        return [to_event(session_id, row) for row in rows]

    async def correlated(self, session_id: UUID, user_id: UUID | None, request: UUID) -> list[Event[Payload]]:
        """All that came of the client's request `request`, in order."""
        rows = await self._database.pool.fetch(_CORRELATED, user_id, session_id, request)
        return [to_event(session_id, row) for row in rows]

    async def asked_before(self, session_id: UUID, user_id: UUID, interviews: int) -> tuple[str, ...]:
        """The bank ids of what a user was asked in so many interviews before this one, the newest interview first."""
        rows = await self._database.pool.fetch(_ASKED_BEFORE, user_id, session_id, interviews)
        return tuple(dict.fromkeys(row[0] for row in rows))

    async def erased(self, session_id: UUID) -> bool:
        """Whether the session has a tombstone."""
        query = "SELECT EXISTS (SELECT FROM session.tombstones WHERE session_id = $1)"
        return bool(await self._database.pool.fetchval(query, session_id))

    async def append(self, state: State, events: Sequence[Event[Payload]]) -> Appended:
        """Record `events`, which must continue `state`. They carry their stream versions.

        Raises VersionConflict when the stream went on meanwhile, Erased when it was erased, Unstorable for
        text that Postgres cannot keep.
        """
        after = fold(state.session_id, events, state)
        try:
            count = await self._write(state, after, events)
        except asyncpg.UniqueViolationError:
            self.forget(state.session_id)
            raise VersionConflict from None
        except asyncpg.DataError as error:
            raise Unstorable(type(error).__name__) from None
        if count == 0:
            self.forget(state.session_id)
            raise Erased
        self._remember(after)
        return Appended(tuple(events), after)

    async def _write(self, before: State, after: State, events: Sequence[Event[Payload]]) -> int:
        append = self._database.pool.fetchval
        try:
            batch = self._batch(before, after, events)
            return int(await append(_APPEND, after.user_id, after.session_id, batch))
        except asyncpg.NotNullViolationError:
            # The read model's row is gone, and only its changed columns were sent: heal it with all of them.
            batch = self._batch(before, after, events, whole_row=True)
            return int(await append(_APPEND, after.user_id, after.session_id, batch))

    def _batch(self, before: State, after: State, events: Sequence[Event[Payload]], *, whole_row: bool = False) -> str:
        """What `session.append` takes: the events and every row that they change."""
        owner = {"session_id": after.session_id, "user_id": after.user_id}
        changes = project(events)
        due_before, due_after = deadlines(before, self._timeouts), deadlines(after, self._timeouts)
        batch: dict[str, Any] = {
            "events": [_event_row(event) for event in events],
            "session": session_row(after, None if whole_row else before),
            "messages": [owner | row for row in changes.messages],
            "revised": changes.revised,
            "feedback": [owner | row for row in changes.feedback],
            "settled": [_named(key) for key in due_before if key not in due_after],
            "awaited": [_named(key) | {"at": at} for key, at in due_after.items() if due_before.get(key) != at],
            "cleared": changes.cleared,
        }
        return to_json({name: value for name, value in batch.items() if value}).decode()

    def _remember(self, state: State) -> None:
        if state.over and state.report_status in {"completed", "error"}:
            self.forget(state.session_id)  # nothing more is expected of it
            return
        self._states[state.session_id] = state
        self._states.move_to_end(state.session_id)
        if len(self._states) > CACHED_STATES:
            self._states.popitem(last=False)


def _event_row(event: Event[Payload]) -> dict[str, Any]:
    return {
        "version": event.stream_version,
        "event_id": event.id,
        "type": event.type,
        "schema_version": event.schema_version,
        "causation_id": event.causation_id,
        "correlation_id": event.correlation_id,
        "occurred_at": event.occurred_at,
        "data": event.data.model_dump_json(exclude_none=True),
    }


def _named(key: Key) -> dict[str, Any]:
    return {"kind": key.kind, "ref": key.ref}
