"""The envelope that every durable event travels in, and how ids of derived events are made."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Generic, TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, SerializeAsAny


class Contract(BaseModel):
    """Base of everything on the wire: immutable, and tolerant of fields that a newer writer added."""

    # JSON has neither infinity nor "not a number": they would be written as null.
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Payload(Contract):
    """What one kind of event says. Registered with `registry.event`, which sets the two class attributes."""

    TYPE: ClassVar[str]
    """Full name with major version, such as `session.answer_recorded.v1`."""
    SCHEMA_VERSION: ClassVar[int]
    """Raised with each optional field that is added within a major version."""


P = TypeVar("P", bound=Payload, covariant=True)
Data = TypeVar("Data", bound=Payload)


class Event(Contract, Generic[P]):
    """A fact that happened, as it is published and stored.

    `causation_id` is the message that led to this event; `correlation_id` the request that led to all of
    them. `subject_id` is the session, or the document, that the event is about. `stream_version` is the
    position in the session's history and is absent on events that are not part of one.
    """

    id: UUID
    type: str
    schema_version: int
    subject_id: UUID
    user_id: UUID | None = None
    causation_id: UUID | None = None
    correlation_id: UUID
    occurred_at: datetime
    stream_version: int | None = None
    data: SerializeAsAny[P]
    """Written with the fields of its own class: inside an answer to an ask, too."""


def derived_id(cause: UUID, kind: str) -> UUID:
    """The id of what follows from `cause`: the same each time, so that work done twice says one thing."""
    return uuid5(cause, kind)


def follow_up(
    cause: Event[Payload], payload: Data, at: datetime, *, stream_version: int | None = None, ordinal: int = 0
) -> Event[Data]:
    """The event that says `payload` because of `cause`, about the same subject, at `at` (UTC).

    `ordinal` tells apart several events of one type with one cause.
    """
    kind = payload.TYPE if ordinal == 0 else f"{payload.TYPE}#{ordinal}"
    return Event(
        id=derived_id(cause.id, kind),
        type=payload.TYPE,
        schema_version=payload.SCHEMA_VERSION,
        subject_id=cause.subject_id,
        user_id=cause.user_id,
        causation_id=cause.id,
        correlation_id=cause.correlation_id,
        occurred_at=at,
        stream_version=stream_version,
        data=payload,
    )
