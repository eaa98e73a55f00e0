"""What the limits count: requests of callers, and wrong passwords. Unlogged: after a crash of the database counting
begins anew."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCHEMA = "identity"
ROLE = "parley_gateway"


def upgrade() -> None:
    op.execute(
        f"CREATE UNLOGGED TABLE {SCHEMA}.rate_buckets (id uuid PRIMARY KEY, tokens double precision NOT NULL,"
        " granted double precision NOT NULL, updated_at timestamptz NOT NULL)"
    )
    op.execute(
        f"CREATE UNLOGGED TABLE {SCHEMA}.login_attempts (id uuid PRIMARY KEY, failures integer NOT NULL,"
        " known_since timestamptz, blocked_until timestamptz NOT NULL, updated_at timestamptz NOT NULL)"
    )
    for table in ("rate_buckets", "login_attempts"):
        op.create_index(f"ix_{SCHEMA}_{table}_updated_at", table, ["updated_at"], schema=SCHEMA)
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {SCHEMA}.{table} TO {ROLE}")


def downgrade() -> None:
    for table in ("rate_buckets", "login_attempts"):
        op.drop_table(table, schema=SCHEMA)
