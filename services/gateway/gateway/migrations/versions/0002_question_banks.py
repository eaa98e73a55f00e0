"""Question banks of users; they go with the account."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "identity"
ROLE = "parley_gateway"
TABLE = "question_banks"


def upgrade() -> None:
    now = sa.func.now()
    owner = sa.ForeignKey(f"{SCHEMA}.users.id", ondelete="CASCADE")
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), owner, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("description", sa.String(2000), nullable=False),
        sa.Column("questions", JSONB(), nullable=False),
        sa.Column("body_hash", sa.String(64)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        schema=SCHEMA,
    )
    op.create_index(f"ix_{SCHEMA}_{TABLE}_user_id", TABLE, ["user_id"], schema=SCHEMA)
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {SCHEMA}.{TABLE} TO {ROLE}")


def downgrade() -> None:
    op.drop_table(TABLE, schema=SCHEMA)
