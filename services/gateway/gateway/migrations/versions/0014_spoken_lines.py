"""Which interviews a sound was made for: erasing the last of them takes the sound along."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SCHEMA = "identity"
TABLE = "spoken_lines"
ROLE = "parley_gateway"


def upgrade() -> None:
    op.execute(
        f"CREATE TABLE {SCHEMA}.{TABLE} (key text NOT NULL, session_id uuid NOT NULL, digest text NOT NULL,"
        " spoken_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (key, session_id))"
    )
    for column in ("session_id", "digest", "spoken_at"):
        op.create_index(f"ix_{SCHEMA}_{TABLE}_{column}", TABLE, [column], schema=SCHEMA)
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {SCHEMA}.{TABLE} TO {ROLE}")


def downgrade() -> None:
    op.drop_table(TABLE, schema=SCHEMA)
