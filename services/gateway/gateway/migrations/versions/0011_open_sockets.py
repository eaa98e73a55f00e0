"""Which sockets are open, at whichever gateway. Unlogged: after a crash of the database counting begins anew."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCHEMA = "identity"
TABLE = "open_sockets"
ROLE = "parley_gateway"


def upgrade() -> None:
    op.execute(
        f"CREATE UNLOGGED TABLE {SCHEMA}.{TABLE} (id uuid PRIMARY KEY, holder uuid NOT NULL, session_id uuid NOT NULL,"
        " seen_at timestamptz NOT NULL)"
    )
    for column in ("holder", "seen_at"):
        op.create_index(f"ix_{SCHEMA}_{TABLE}_{column}", TABLE, [column], schema=SCHEMA)
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {SCHEMA}.{TABLE} TO {ROLE}")


def downgrade() -> None:
    op.drop_table(TABLE, schema=SCHEMA)
