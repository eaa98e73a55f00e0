"""The one way to publish an event: stored before it counts, once per id, and only by its owner."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from contracts import Event, Payload, encode
from contracts.subjects import erased_subject, event_subject, owner_of, retry_subject
from contracts.topology import ERASED_STREAM, EVENT_STREAM
from faststream.nats import NatsBroker
from nats.errors import MaxPayloadError
from nats.js import JetStreamContext
from nats.js.api import Header

from runtime.consume import TYPE_HEADER
from runtime.errors import Permanent
from runtime.faststream_extensions import unconnected_is_away
from runtime.telemetry import PUBLISHED, request_headers

TIMEOUT = 5.0
"""Seconds until an event that was not acknowledged counts as not stored."""
MAX_EVENT_BYTES = 900_000
"""A little under NATS's default limit of 1 MiB, headers aside."""


class TooLarge(Permanent):
    """An event is over the size limit of the broker: large things travel as references."""


class Publisher(Protocol):
    """What a service needs to say what happened."""

    async def publish(self, event: Event[Payload]) -> None:
        """Store an event with the broker.

        The same event may be published any number of times: within the stream's duplicate window it is
        stored once. Raises TooLarge, or what nats-py raises when the broker did not acknowledge it.
        """


class RepeatingPublisher(Publisher, Protocol):
    """What a service needs that also asks again for an outcome that is late."""

    async def publish_again(self, event: Event[Payload], durable: str, attempt: int) -> None:
        """Give an event to one durable once more: whoever else listens to such events does not get it again.

        Within the stream's duplicate window it is stored once per durable and `attempt`. Raises as `publish` does.
        """


class EventPublisher:
    """Publishes what one service owns."""

    def __init__(self, broker: NatsBroker, owner: str) -> None:
        self._broker = broker
        self._owner = owner

    async def publish(self, event: Event[Payload]) -> None:
        """Raises ValueError for another service's event: that is a bug, not a condition."""
        await self._store(event, event_subject(event.type, event.subject_id), str(event.id))

    async def publish_again(self, event: Event[Payload], durable: str, attempt: int) -> None:
        """Raises ValueError as `publish` does."""
        await self._store(event, retry_subject(durable, event.subject_id), f"{event.id}:{durable}:{attempt}")

    async def _store(self, event: Event[Payload], subject: str, message_id: str) -> None:
        if owner_of(event.type) != self._owner:
            raise ValueError(f"{self._owner} may not publish {event.type}")
        body = encode(event)
        if len(body) > MAX_EVENT_BYTES:
            raise TooLarge(event.type)
        headers = {Header.MSG_ID.value: message_id, TYPE_HEADER: event.type, **request_headers()}
        try:
            with unconnected_is_away():
                await self._broker.publish(body, subject, stream=EVENT_STREAM, headers=headers, timeout=TIMEOUT)
        except MaxPayloadError:
            raise TooLarge(event.type) from None
        PUBLISHED.labels(event.type).inc()


async def note_erased(js: JetStreamContext, subject_id: UUID) -> None:
    """Keep beside the database that an interview, a document or an account was erased: a backup may be older."""
    headers = {Header.ROLLUP.value: "sub"}
    await js.publish(erased_subject(subject_id), b"", stream=ERASED_STREAM, timeout=TIMEOUT, headers=headers)
