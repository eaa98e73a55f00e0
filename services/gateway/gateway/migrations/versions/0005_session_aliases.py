"""Which interview a client means by an id of its own. A transaction reaches the aliases of the person it names, or,
where it names nobody, those of interviews without an account."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "identity"
ROLE = "parley_gateway"
TABLE = "session_aliases"
OWNER = "user_id IS NOT DISTINCT FROM NULLIF(current_setting('parley.user_id', true), '')::uuid"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey(f"{SCHEMA}.users.id", ondelete="CASCADE")),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema=SCHEMA,
    )
    for column in ("user_id", "session_id"):
        op.create_index(f"ix_{SCHEMA}_{TABLE}_{column}", TABLE, [column], schema=SCHEMA)
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {SCHEMA}.{TABLE} TO {ROLE}")
    op.execute(f"ALTER TABLE {SCHEMA}.{TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_aliases ON {SCHEMA}.{TABLE} USING ({OWNER})")


def downgrade() -> None:
    op.drop_table(TABLE, schema=SCHEMA)
