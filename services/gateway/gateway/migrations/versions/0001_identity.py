"""Accounts, token families, revoked tokens, idempotency keys."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.schema import SchemaItem

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "identity"
ROLE = "parley_gateway"
TABLES = ("users", "token_families", "revoked_tokens", "idempotency", "session_keys")


def upgrade() -> None:
    _users()
    _token_families()
    _revoked_tokens()
    _idempotency()
    _session_keys()
    op.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {ROLE}")
    for table in TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {SCHEMA}.{table} TO {ROLE}")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table, schema=SCHEMA)


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("role", sa.String(16), nullable=False, server_default="user"),
        sa.Column("is_active", sa.Boolean(), nullable=False, server_default=sa.text("true")),
        _moment("created_at", server_default=sa.func.now()),
        _moment("updated_at", server_default=sa.func.now()),
        sa.UniqueConstraint("email", name="users_email_key"),
        sa.CheckConstraint("role IN ('user', 'admin')", name="users_role_check"),
        schema=SCHEMA,
    )


def _token_families() -> None:
    op.create_table(
        "token_families",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _user_id(),
        sa.Column("generation", sa.Integer(), nullable=False, server_default=sa.text("1")),
        _moment("created_at", server_default=sa.func.now()),
        _moment("rotated_at", server_default=sa.func.now()),
        _moment("expires_at"),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        schema=SCHEMA,
    )
    _index("token_families", "user_id")
    _index("token_families", "expires_at")


def _revoked_tokens() -> None:
    op.create_table(
        "revoked_tokens",
        sa.Column("jti", sa.Uuid(), primary_key=True),
        _moment("expires_at"),
        schema=SCHEMA,
    )
    _index("revoked_tokens", "expires_at")


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        _user_id(),
        _moment("created_at", server_default=sa.func.now()),
        schema=SCHEMA,
    )
    _index("idempotency", "user_id")
    _index("idempotency", "created_at")


def _session_keys() -> None:
    op.create_table(
        "session_keys",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        _moment("created_at", server_default=sa.func.now()),
        schema=SCHEMA,
    )
    _index("session_keys", "created_at")


def _moment(name: str, **arguments: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, **arguments)


def _user_id() -> SchemaItem:
    owner = sa.ForeignKey(f"{SCHEMA}.users.id", ondelete="CASCADE")
    return sa.Column("user_id", sa.Uuid(), owner, nullable=False)


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{SCHEMA}_{table}_{column}", table, [column], schema=SCHEMA)
