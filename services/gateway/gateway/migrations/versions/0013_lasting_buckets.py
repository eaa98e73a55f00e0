"""When a bucket is full again, and may be forgotten: one with a day's worth later than one with a minute's."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLE = "identity.rate_buckets"


def upgrade() -> None:
    # The default is for gateways of the release before, which are still running.
    op.execute(f"ALTER TABLE {TABLE} ADD COLUMN full_at timestamptz NOT NULL DEFAULT now() + interval '2 minutes'")
    op.execute(f"CREATE INDEX ix_identity_rate_buckets_full_at ON {TABLE} (full_at)")


def downgrade() -> None:
    op.execute(f"ALTER TABLE {TABLE} DROP COLUMN full_at")
