"""Which API a session was made through. A new database has had the column since 0001."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE session.sessions ADD COLUMN IF NOT EXISTS dialect varchar NOT NULL DEFAULT 'agent'")


def downgrade() -> None:
    op.execute("ALTER TABLE session.sessions DROP COLUMN dialect")
