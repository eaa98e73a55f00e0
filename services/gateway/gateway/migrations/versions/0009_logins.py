"""From what a login was made, and when it was used last: for its owner, who can end it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SCHEMA = "identity"
TABLE = "token_families"


def upgrade() -> None:
    device = sa.Column("device", sa.String(200), nullable=False, server_default="")
    last_used_at = sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
    for column in (device, last_used_at):
        op.add_column(TABLE, column, schema=SCHEMA)


def downgrade() -> None:
    for column in ("device", "last_used_at"):
        op.drop_column(TABLE, column, schema=SCHEMA)
