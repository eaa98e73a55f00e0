"""Tokens that open one interview each, by an id that only their holder can derive the token from."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCHEMA = "identity"
ROLE = "parley_gateway"
TABLE = "session_tokens"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey(f"{SCHEMA}.users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        schema=SCHEMA,
    )
    for column in ("user_id", "session_id", "expires_at"):
        op.create_index(f"ix_{SCHEMA}_{TABLE}_{column}", TABLE, [column], schema=SCHEMA)
    op.execute(f"GRANT SELECT, INSERT, DELETE ON {SCHEMA}.{TABLE} TO {ROLE}")


def downgrade() -> None:
    op.drop_table(TABLE, schema=SCHEMA)
