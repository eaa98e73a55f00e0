"""The tables of schema `session`: the event store, timers, tombstones, and the read models."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from runtime.sql.tables import json_column
from sqlalchemy import BigInteger, Column, Identity, Index, MetaData, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

SCHEMA = "session"


class Table(SQLModel):
    """Base of the service's own tables, apart from those of any other service in the process."""

    metadata: ClassVar[MetaData] = MetaData(schema=SCHEMA)


class EventRow(Table, table=True):
    """One recorded event. `position` orders all events of all sessions by insertion; a reader that follows
    it must allow for gaps and for transactions that commit out of order."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("stream_id", "version", name="events_stream_version"),
        UniqueConstraint("event_id", name="events_event_id"),
        Index("events_correlation", "correlation_id"),
    )

    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    stream_id: UUID
    version: int
    event_id: UUID
    type: str
    schema_version: int
    user_id: UUID | None = None
    causation_id: UUID | None = None
    correlation_id: UUID
    occurred_at: datetime
    data: dict[str, Any] = json_column()


class TimerRow(Table, table=True):
    """An outcome that is waited for until `at`; `attempt` counts how often it was asked for again."""

    __tablename__ = "timers"
    __table_args__ = (Index("timers_at", "at"),)

    session_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    ref: str = Field(primary_key=True, default="")
    user_id: UUID | None = None
    at: datetime
    attempt: int = 0


class Tombstone(Table, table=True):
    """A session that was erased. It outlives everything else and holds nothing personal."""

    __tablename__ = "tombstones"

    session_id: UUID = Field(primary_key=True)
    erased_at: datetime


class SessionRow(Table, table=True):
    """Read model: a session as it stands."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("idx_sessions_user_id", "user_id"),
        Index("idx_sessions_status", "status"),
        Index("idx_sessions_created_at", "created_at"),
    )

    session_id: UUID = Field(primary_key=True)
    user_id: UUID | None = None
    version: int
    status: str
    ending: str | None = None
    session_config: dict[str, Any] = json_column()
    session_stats: dict[str, Any] = json_column()
    report_status: str
    report_version: int
    report_error: str | None = None
    final_summary: dict[str, Any] | None = json_column(default=None)
    dialect: str = Field(default="agent", sa_column_kwargs={"server_default": "agent"})
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    paused_at: datetime | None = None
    ended_at: datetime | None = None


class MessageRow(Table, table=True):
    """Read model: one message of the conversation; `seq` is the stream version of its event."""

    __tablename__ = "messages"

    session_id: UUID = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    event_id: UUID
    user_id: UUID | None = None
    turn: int
    role: str
    content: str = Field(sa_type=Text)
    response_type: str | None = None
    message_metadata: dict[str, Any] = json_column()
    created_at: datetime


class FeedbackRow(Table, table=True):
    """Read model: feedback on the answer of one turn."""

    __tablename__ = "feedback"

    session_id: UUID = Field(primary_key=True)
    turn: int = Field(primary_key=True)
    user_id: UUID | None = None
    score: float | None = None
    feedback: dict[str, Any] = json_column()
    created_at: datetime
