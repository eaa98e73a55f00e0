"""Tables of the Postgres schema `identity`. No token and no password is stored in any of them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from runtime.sql.tables import json_column, written_at
from sqlalchemy import CheckConstraint, MetaData, String, Text, text
from sqlmodel import Field, SQLModel

SCHEMA = "identity"


class Table(SQLModel):
    """Base of the service's own tables, apart from those of any other service in the process."""

    metadata: ClassVar[MetaData] = MetaData(schema=SCHEMA)


class UserRow(Table, table=True):
    """An account. `email` is normalised and lower-cased before it gets here."""

    __tablename__: ClassVar[str] = "users"
    __table_args__ = (CheckConstraint("role IN ('user', 'admin')", name="users_role_check"),)

    id: UUID = Field(primary_key=True)
    email: str = Field(sa_type=String(320), unique=True)
    name: str = Field(sa_type=String(200))
    password_hash: str = Field(sa_type=String(255))
    role: str = Field(default="user", sa_type=String(16), sa_column_kwargs={"server_default": "user"})
    is_active: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    created_at: datetime = written_at()
    updated_at: datetime = written_at()


class TokenFamily(Table, table=True):
    """One login: `generation` is the refresh token that is valid now, `rotated_at` since when. `last_used_at` is a few
    minutes behind."""

    __tablename__: ClassVar[str] = "token_families"

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key=f"{SCHEMA}.users.id", ondelete="CASCADE", index=True)
    generation: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    device: str = Field(default="", sa_type=String(200), sa_column_kwargs={"server_default": ""})
    created_at: datetime = written_at()
    rotated_at: datetime = written_at()
    last_used_at: datetime = written_at()
    expires_at: datetime = Field(index=True)
    revoked_at: datetime | None = None


class RevokedToken(Table, table=True):
    """An access token that died before its time; the row may go once the token has expired."""

    __tablename__: ClassVar[str] = "revoked_tokens"

    jti: UUID = Field(primary_key=True)
    expires_at: datetime = Field(index=True)


class IdempotencyKey(Table, table=True):
    """What a request with an Idempotency-Key made: a session, a document, or a generation of a login's tokens.

    A login's row has `user_id` and `generation`, which is enough to sign its tokens again; `created_at` is then the
    moment they were issued, their `iat`.
    """

    __tablename__: ClassVar[str] = "idempotency_keys"

    id: UUID = Field(primary_key=True)
    body_hash: str = Field(sa_type=String(64))
    created_id: UUID = Field(index=True)
    generation: int | None = None
    user_id: UUID | None = Field(default=None, foreign_key=f"{SCHEMA}.users.id", ondelete="CASCADE", index=True)
    created_at: datetime = written_at(index=True)


class AuditEvent(Table, table=True):
    """What an admin did to an account. `actor_id` is null for the command line. It outlives both, and names nobody."""

    __tablename__: ClassVar[str] = "audit_events"

    id: UUID = Field(primary_key=True)
    actor_id: UUID | None = None
    action: str = Field(sa_type=String(40))
    subject_id: UUID = Field(index=True)
    details: dict[str, Any] = json_column()
    created_at: datetime = written_at()


class RateBucket(Table, table=True):
    """What is left of a minute's worth of one class of one caller's requests. `id` is derived from both."""

    __tablename__: ClassVar[str] = "rate_buckets"

    id: UUID = Field(primary_key=True)
    tokens: float
    granted: float
    updated_at: datetime = Field(index=True)
    full_at: datetime = Field(index=True, sa_column_kwargs={"server_default": text("now() + interval '2 minutes'")})


class LoginAttempts(Table, table=True):
    """Wrong passwords for an account, at one address or at all; `known_since` the right one came from there. `id` is
    derived from both."""

    __tablename__: ClassVar[str] = "login_attempts"

    id: UUID = Field(primary_key=True)
    failures: int
    known_since: datetime | None = None
    blocked_until: datetime
    updated_at: datetime = Field(index=True)


class OpenSocket(Table, table=True):
    """A socket that a gateway has open. `holder` is derived from who counts for it."""

    __tablename__: ClassVar[str] = "open_sockets"

    id: UUID = Field(primary_key=True)
    holder: UUID = Field(index=True)
    session_id: UUID
    seen_at: datetime = Field(index=True)


class SessionToken(Table, table=True):
    """A token that opens one interview. It is derived from `id` and the signing secret, and not kept."""

    __tablename__: ClassVar[str] = "session_tokens"

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key=f"{SCHEMA}.users.id", ondelete="CASCADE", index=True)
    session_id: UUID = Field(index=True)
    created_at: datetime = written_at()
    expires_at: datetime = Field(index=True)


class SessionAlias(Table, table=True):
    """The interview that somebody's own id for it means, and since when. `id` is derived from whose it is and the text,
    which is not kept."""

    __tablename__: ClassVar[str] = "session_aliases"

    id: UUID = Field(primary_key=True)
    user_id: UUID | None = Field(default=None, foreign_key=f"{SCHEMA}.users.id", ondelete="CASCADE", index=True)
    session_id: UUID = Field(index=True)
    created_at: datetime = written_at()


class QuestionBankRow(Table, table=True):
    """Somebody's own questions. `body_hash` is that of the keyed request that made it, whose id is then the bank's."""

    __tablename__: ClassVar[str] = "question_banks"

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key=f"{SCHEMA}.users.id", ondelete="CASCADE", index=True)
    name: str = Field(sa_type=String(120))
    description: str = Field(sa_type=String(2000))
    questions: list[dict[str, Any]] = json_column()
    body_hash: str | None = Field(default=None, sa_type=String(64))
    created_at: datetime = written_at()
    updated_at: datetime = written_at()


class SpeechTask(Table, table=True):
    """A piece of work for speech that belongs to no answer. `task_id` is its key: whoever knows it may see it."""

    __tablename__: ClassVar[str] = "speech_tasks"

    task_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("gen_random_uuid()")})
    user_id: UUID | None = Field(default=None, foreign_key=f"{SCHEMA}.users.id", ondelete="CASCADE", index=True)
    session_id: UUID | None = Field(default=None, index=True)
    task_type: str = Field(sa_type=Text)
    status: str = Field(
        default="processing", sa_type=Text, index=True, sa_column_kwargs={"server_default": "processing"}
    )
    progress_data: dict[str, Any] = json_column(sa_column_kwargs={"server_default": text("'{}'")})
    result_data: dict[str, Any] | None = json_column()
    error_message: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = written_at(index=True)
    updated_at: datetime = written_at()


class SpokenLine(Table, table=True):
    """A sound in the object store, and an interview that it was made for. `digest` is that of its words."""

    __tablename__: ClassVar[str] = "spoken_lines"

    key: str = Field(primary_key=True, sa_type=Text)
    session_id: UUID = Field(primary_key=True, index=True)
    digest: str = Field(sa_type=Text, index=True)
    spoken_at: datetime = written_at(index=True)
