"""Tables of the Postgres schema `identity`. No token and no password is stored in any of them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SCHEMA = "identity"


def _timestamp(**arguments: Any) -> Any:
    """A timestamptz; the database's clock is the only one, whatever replica writes."""
    return Field(sa_type=DateTime(timezone=True), nullable=False, **arguments)


def _written_now(**arguments: Any) -> Any:
    return _timestamp(default=None, sa_column_kwargs={"server_default": func.now()}, **arguments)


class UserRow(SQLModel, table=True):
    """An account. `email` is normalised and lower-cased before it gets here."""

    __tablename__: ClassVar[str] = "users"
    __table_args__ = (
        CheckConstraint("role IN ('user', 'admin')", name="users_role_check"),
        {"schema": SCHEMA},
    )

    id: UUID = Field(primary_key=True)
    email: str = Field(sa_type=String(320), unique=True)
    name: str = Field(sa_type=String(200))
    password_hash: str = Field(sa_type=String(255))
    role: str = Field(default="user", sa_type=String(16), sa_column_kwargs={"server_default": "user"})
    is_active: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    created_at: datetime = _written_now()
    updated_at: datetime = _written_now()


class TokenFamily(SQLModel, table=True):
    """One login: `generation` is the refresh token that is valid now, `rotated_at` since when."""

    __tablename__: ClassVar[str] = "token_families"
    __table_args__ = {"schema": SCHEMA}

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key=f"{SCHEMA}.users.id", ondelete="CASCADE", index=True)
    generation: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    created_at: datetime = _written_now()
    rotated_at: datetime = _written_now()
    expires_at: datetime = _timestamp(index=True)
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True), nullable=True)


class RevokedToken(SQLModel, table=True):
    """An access token that died before its time; the row may go once the token has expired."""

    __tablename__: ClassVar[str] = "revoked_tokens"
    __table_args__ = {"schema": SCHEMA}

    jti: UUID = Field(primary_key=True)
    expires_at: datetime = _timestamp(index=True)


class IdempotencyKey(SQLModel, table=True):
    """What a request with an Idempotency-Key made: a session, a document, or a generation of a login's tokens.

    A login's row has `user_id` and `generation`, which is enough to sign its tokens again; `created_at` is then the
    moment they were issued, their `iat`.
    """

    __tablename__: ClassVar[str] = "idempotency_keys"
    __table_args__ = {"schema": SCHEMA}

    id: UUID = Field(primary_key=True)
    body_hash: str = Field(sa_type=String(64))
    created_id: UUID = Field(index=True)
    generation: int | None = None
    user_id: UUID | None = Field(default=None, foreign_key=f"{SCHEMA}.users.id", ondelete="CASCADE", index=True)
    created_at: datetime = _written_now(index=True)


class QuestionBankRow(SQLModel, table=True):
    """Somebody's own questions. `body_hash` is that of the keyed request that made it, whose id is then the bank's."""

    __tablename__: ClassVar[str] = "question_banks"
    __table_args__ = {"schema": SCHEMA}

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key=f"{SCHEMA}.users.id", ondelete="CASCADE", index=True)
    name: str = Field(sa_type=String(120))
    description: str = Field(sa_type=String(2000))
    questions: list[dict[str, Any]] = Field(sa_type=JSONB, nullable=False)
    body_hash: str | None = Field(default=None, sa_type=String(64))
    created_at: datetime = _written_now()
    updated_at: datetime = _written_now()
