"""The session service over real servers, wired as `main.py` does, and interviews held with it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import asyncpg
from contracts import Event, Payload, encode
from contracts.subjects import event_subject, events_of_subject
from contracts.topology import EVENT_STREAM
from devkit.memory_objects import MemoryObjects
from nats.js import JetStreamContext
from nats.js.api import Header, RawStreamMsg
from runtime.broker import make_broker
from runtime.consume import TYPE_HEADER
from runtime.database import Database, make_engine
from runtime.deadletters import messages
from runtime.publish import EventPublisher, RepeatingPublisher
from runtime.settings import DatabaseSettings, RuntimeSettings
from session.application import Sessions
from session.domain.deadlines import Timeouts
from session.erasure import Erasure
from session.store import EventStore
from session.timers import Timers
from session.views import Views

from session_helpers.intents import is_requested, judges, replies, reports, says, starts
from session_helpers.story import Intent, Story

TIMEOUTS = Timeouts()
Sql = Callable[..., Awaitable[list[asyncpg.Record]]]
"""Runs a statement as the owner of the tables."""


class BrokerIsAway(Exception):
    """What a publish raises when nobody acknowledges it."""


@dataclass
class Outbox:
    """A publisher that remembers what it stored, and fails once with the next event of a kind."""

    broker: RepeatingPublisher | None = None
    published: list[Event[Payload]] = field(default_factory=list)
    asked_again: list[tuple[str, Event[Payload], int]] = field(default_factory=list)
    """To which durable, what, and the number of the attempt."""
    fails_with: type[Payload] | None = None

    async def publish(self, event: Event[Payload]) -> None:
        self._perhaps_fail(event)
        if self.broker:
            await self.broker.publish(event)
        self.published.append(event)

    async def publish_again(self, event: Event[Payload], durable: str, attempt: int) -> None:
        self._perhaps_fail(event)
        if self.broker:
            await self.broker.publish_again(event, durable, attempt)
        self.asked_again.append((durable, event, attempt))

    def _perhaps_fail(self, event: Event[Payload]) -> None:
        if self.fails_with and isinstance(event.data, self.fails_with):
            self.fails_with = None
            raise BrokerIsAway

    def of(self, kind: type[Payload]) -> list[Event[Payload]]:
        """What was published of a kind."""
        return [event for event in self.published if isinstance(event.data, kind)]


@dataclass
class Replica:
    """One process of the service."""

    database: Database
    store: EventStore
    outbox: Outbox
    erasure: Erasure
    sessions: Sessions
    timers: Timers
    views: Views
    js: JetStreamContext | None
    recordings: MemoryObjects

    @property
    def stream(self) -> JetStreamContext:
        """The broker, looked at from outside."""
        assert self.js is not None
        return self.js


class OneReplica(Protocol):
    """Starts a replica; without a broker it publishes to memory."""

    async def __call__(
        self,
        *,
        nats_url: str | None = None,
        js: JetStreamContext | None = None,
        timeouts: Timeouts = TIMEOUTS,
        clock: Callable[[], datetime] = ...,
        review: float = 0,
    ) -> Replica: ...


def utc_now() -> datetime:
    """The time now."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_replica(url: str) -> AsyncIterator[OneReplica]:
    """Starts replicas over the database at `url`, and stops them at the end."""
    async with AsyncExitStack() as stack:

        async def start(
            *,
            nats_url: str | None = None,
            js: JetStreamContext | None = None,
            timeouts: Timeouts = TIMEOUTS,
            clock: Callable[[], datetime] = utc_now,
            review: float = 0,
        ) -> Replica:
            settings = DatabaseSettings(database_url=url)
            database = await stack.enter_async_context(Database(settings).open())
            engine = make_engine(url, settings)
            stack.push_async_callback(engine.dispose)
            outbox = Outbox(await stack.enter_async_context(_publisher(nats_url)) if nats_url else None)
            store = EventStore(database, timeouts)
            recordings = MemoryObjects()
            erasure = Erasure(database, store, outbox, lambda: _connected(js), recordings, repeat=180)
            sessions = Sessions(store, outbox, erasure, clock, timedelta(seconds=review))
            # Tests let time pass by moving the rows: by this clock, whatever is claimed is late.
            timers = Timers(database, sessions, store, erasure, timeouts, clock=lambda: utc_now() + timedelta(days=9))
            return Replica(
                database, store, outbox, erasure, sessions, timers, Views(store, engine, database), js, recordings
            )

        yield start


@asynccontextmanager
async def _publisher(nats_url: str) -> AsyncIterator[RepeatingPublisher]:
    broker = make_broker("session", RuntimeSettings(nats_url=nats_url))
    await broker.start()
    yield EventPublisher(broker, "session")
    await broker.stop()


def _connected(js: JetStreamContext | None) -> JetStreamContext:
    if js is None:
        raise BrokerIsAway
    return js


@dataclass
class Interview(Story):
    """A story that a replica of the service records."""

    replica: Replica = None  # type: ignore[assignment]

    async def tell(self, *intents: Intent) -> Event[Payload]:
        """Hand messages to the service, one after another; the last of them."""
        for intent in intents:
            message = await self.about(intent)
            await self.replica.sessions.handle(message)
        await self.refresh()
        return message

    async def about(self, intent: Intent) -> Event[Payload]:
        """The message that an intent would be now, without telling anybody."""
        await self.refresh()
        message = intent(self)
        assert isinstance(message, Event)
        return message

    async def refresh(self) -> Interview:
        """Read again what the service recorded."""
        store = self.replica.store
        self.now = utc_now()
        self.state = await store.load(self.session_id, self.user_id)
        self.history = await store.history(self.session_id, self.user_id, after=0, limit=10_000)
        return self


async def an_interview(replica: Replica, *intents: Intent, anonymous: bool = False) -> Interview:
    """A session of its own user, to which these things happened after its creation."""
    interview = Interview(replica=replica)
    if anonymous:
        interview.user_id = None
    await interview.tell(is_requested(), *intents)
    return interview


BEGUN: tuple[Intent, ...] = (starts(), replies("introduction", text="Welcome. Who are you?"))
A_TURN: tuple[Intent, ...] = (says("I built a parser."), replies(text="Why in Rust?"), judges(0))
A_WHOLE_INTERVIEW: tuple[Intent, ...] = (
    *BEGUN,
    *A_TURN,
    says("It was fast."),
    judges(1, score=None),
    replies("closing", text="Goodbye."),
    reports(),
)


async def stored(js: JetStreamContext, session_id: UUID, *kinds: type[Payload]) -> list[RawStreamMsg]:
    """The messages about a session that the broker keeps, or those of some kinds."""
    filters = [event_subject(kind.TYPE, session_id) for kind in kinds] or [events_of_subject(session_id)]
    return [message for each in filters async for message in messages(js, EVENT_STREAM, each)]


async def post(js: JetStreamContext, message: Event[Payload]) -> None:
    """Store a message of another service with the broker."""
    subject = event_subject(message.type, message.subject_id)
    headers = {Header.MSG_ID.value: str(message.id), TYPE_HEADER: message.type}
    await js.publish(subject, encode(message), stream=EVENT_STREAM, headers=headers)


async def another_version_wrote(owner: Sql, story: Story, kind: str, schema_version: int, data: Any) -> None:
    """Add an event that this build would not write."""
    await owner(
        "INSERT INTO session.events (stream_id, version, event_id, type, schema_version, user_id,"
        " correlation_id, occurred_at, data)"
        " SELECT $1, max(version) + 1, gen_random_uuid(), $3, $4, $2, gen_random_uuid(), now(), $5"
        " FROM session.events WHERE stream_id = $1",
        story.session_id,
        story.user_id,
        kind,
        schema_version,
        json.dumps(data),
    )
