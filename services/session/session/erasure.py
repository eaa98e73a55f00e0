"""Erasure: a tombstone and a timer first, then everything else, and the same once more.

The tombstone keeps late messages out; the second pass takes what a handler was still writing during the first.
Messages are deleted one by one: a purge by filter leaves their text on disk until the block is rewritten, and
may remove the very message that asked for it before it is acknowledged.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import asyncpg
import structlog
from contracts import Event, Payload, derived_id
from contracts.session.asks import EraseAnswer, EraseAsk
from contracts.session.events import AudioReceived, Erased
from contracts.subjects import dead_of_subject, erased_subject, events_of_subject, retries_of_subject, subject_id_of
from contracts.topology import DEAD_STREAM, ERASED_STREAM, EVENT_STREAM
from nats.js import JetStreamContext
from nats.js.errors import APIError
from runtime import deadletters
from runtime.database import Database
from runtime.objects import ObjectStore
from runtime.publish import Publisher, note_erased
from runtime.sql.tenants import as_role, as_tenant
from runtime.streams import delete_message
from runtime.telemetry import failure, session_tag

from session.store import EventStore
from session.tenant import SWEEPER_ROLE, Tenant

log = structlog.get_logger()
KIND = "erasure"
_SCHEDULE = """
INSERT INTO session.timers (session_id, user_id, kind, ref, at, attempt) VALUES ($1, $2, $3, $4, $5, 0)
ON CONFLICT (session_id, kind, ref) DO NOTHING
"""
_RECORDINGS = "SELECT data -> 'recording' ->> 'key' AS key FROM session.events WHERE stream_id = $1 AND type = $2"
TABLES = {"events": "stream_id", "messages": "session_id", "feedback": "session_id", "sessions": "session_id"}


class Erasure:
    """Forgets sessions. `recordings` is where their recordings lie; `repeat` is the time in seconds until the second
    pass."""

    def __init__(
        self,
        database: Database,
        store: EventStore,
        publisher: Publisher,
        js: Callable[[], JetStreamContext],
        recordings: ObjectStore,
        repeat: float,
    ) -> None:
        self._database = database
        self._store = store
        self._publisher = publisher
        self._js = js
        self._recordings = recordings
        self._repeat = repeat

    async def request(self, message: Event[Payload]) -> None:
        """A client's request to forget a session."""
        if not await self._mark(message.subject_id, message.user_id, request=message.correlation_id):
            await self.late_message(message.subject_id)

    async def ask(self, ask: EraseAsk) -> EraseAnswer:
        """The same as a question, which needs no room on the event stream."""
        try:
            found = await self._mark(ask.session_id, ask.user_id)
        except APIError as error:  # `erased` could not be published: the timer sees to that
            log.warning("erased, and not announced", session=session_tag(ask.session_id), **failure(error))
            found = True
        return EraseAnswer(found=found)

    async def _mark(self, session_id: UUID, user_id: UUID | None, request: UUID | None = None) -> bool:
        """Mark a session as erased, then forget it; if the process dies in between, the timer sees to it. False where
        the caller has no such session."""
        state = await self._store.load(session_id, user_id)
        if not state.exists:
            return False
        now = datetime.now(UTC)
        async with as_tenant(self._database, Tenant(state.user_id, state.session_id)) as connection:
            await connection.execute(
                "INSERT INTO session.tombstones VALUES ($1, $2) ON CONFLICT DO NOTHING", state.session_id, now
            )
            await connection.execute("DELETE FROM session.timers WHERE session_id = $1", state.session_id)
            await self._schedule(connection, state.session_id, state.user_id, now, ref="1")
        await self.carry_out(state.session_id, state.user_id, ref="1", request=request)
        return True

    async def late_message(self, session_id: UUID, recording: str | None = None) -> None:
        """A message about an erased session came in: see that it does not stay, nor the recording that it brought."""
        if await self._store.erased(session_id):
            if recording is not None:
                await self.forget_recording(recording)
            await self._delete_messages(session_id)

    async def forget_recording(self, key: str) -> None:
        """Delete a recording."""
        await self._recordings.delete(key)

    async def carry_out(self, session_id: UUID, user_id: UUID | None, ref: str, request: UUID | None = None) -> None:
        """One pass, `ref` "1" or "2". A timer is gone only when its pass is complete.

        `request` is the client's: unknown once a crash has interrupted it.
        """
        self._store.forget(session_id)
        await note_erased(self._js(), session_id)
        announced = await self._delete_messages(session_id)
        async with as_tenant(self._database, Tenant(user_id, session_id)) as connection:
            recordings = [row["key"] for row in await connection.fetch(_RECORDINGS, session_id, AudioReceived.TYPE)]
        for key in recordings:  # while their keys are known
            await self.forget_recording(key)
        async with as_tenant(self._database, Tenant(user_id, session_id)) as connection:
            for table, column in TABLES.items():
                await connection.execute(f"DELETE FROM session.{table} WHERE {column} = $1", session_id)
            await connection.execute("DELETE FROM session.timers WHERE session_id = $1", session_id)
            if ref == "1":
                second = datetime.now(UTC) + timedelta(seconds=self._repeat)
                await self._schedule(connection, session_id, user_id, second, ref="2")
        if not announced:
            await self._publish_erased(session_id, user_id, request or uuid5(session_id, KIND))
        log.info("erased", session=session_tag(session_id), times=ref)

    async def _schedule(
        self, connection: asyncpg.Connection, session_id: UUID, user_id: UUID | None, at: datetime, *, ref: str
    ) -> None:
        await connection.execute(_SCHEDULE, session_id, user_id, KIND, ref, at)

    async def _delete_messages(self, session_id: UUID) -> bool:
        """Delete all but `erased`, which says only that the session is gone; whether that was there."""
        kept, announced = f".{Erased.TYPE}.", False
        for stream, subjects in (
            (EVENT_STREAM, (events_of_subject(session_id), retries_of_subject(session_id))),
            (DEAD_STREAM, (dead_of_subject(session_id),)),
        ):
            for subject in subjects:
                async for message in deadletters.messages(self._js(), stream, subject):
                    if kept in (message.subject or ""):
                        announced = True
                    else:
                        await delete_message(self._js(), stream, message.seq or 0)
        return announced

    async def _publish_erased(self, session_id: UUID, user_id: UUID | None, request: UUID) -> None:
        payload = Erased()
        event: Event[Payload] = Event(
            id=derived_id(uuid5(session_id, KIND), payload.TYPE),
            type=payload.TYPE,
            schema_version=payload.SCHEMA_VERSION,
            subject_id=session_id,
            user_id=user_id,
            correlation_id=request,
            occurred_at=datetime.now(UTC),
            data=payload,
        )
        await self._publisher.publish(event)


async def apply_tombstones(database: Database, js: JetStreamContext) -> int:
    """After a restore: make everything due again that had been erased. Returns how many sessions came back.

    What was erased after the backup was made has no tombstone in it, but a note with the broker, kept for this.
    """
    async with as_role(database, SWEEPER_ROLE) as connection:
        erased = {row["session_id"] for row in await connection.fetch("SELECT session_id FROM session.tombstones")}
    async for message in deadletters.messages(js, ERASED_STREAM, erased_subject("*")):
        erased.add(UUID(subject_id_of(message.subject or "")))
    count = 0
    for session_id in erased:
        async with as_role(database, SWEEPER_ROLE) as connection:
            count += await _make_due(connection, session_id)
    return count


async def _make_due(connection: asyncpg.Connection, session_id: UUID) -> bool:
    row = await connection.fetchrow("SELECT user_id FROM session.events WHERE stream_id = $1 LIMIT 1", session_id)
    if row is None:
        return False
    now = datetime.now(UTC)
    await connection.execute("INSERT INTO session.tombstones VALUES ($1, $2) ON CONFLICT DO NOTHING", session_id, now)
    await connection.execute(_SCHEDULE, session_id, row["user_id"], KIND, "1", now)
    return True
