"""What admins did to accounts: added to, and never changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "identity"
ROLE = "parley_gateway"
TABLE = "audit_events"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("details", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema=SCHEMA,
    )
    op.create_index(f"ix_{SCHEMA}_{TABLE}_subject_id", TABLE, ["subject_id"], schema=SCHEMA)
    op.execute(f"GRANT SELECT, INSERT ON {SCHEMA}.{TABLE} TO {ROLE}")


def downgrade() -> None:
    op.drop_table(TABLE, schema=SCHEMA)
