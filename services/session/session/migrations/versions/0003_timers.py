"""The table `due` is called `timers`. A new database has had it by this name since 0001."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"

_APPEND = Path(__file__).with_name("0002_revisions.sql")


def upgrade() -> None:
    op.execute("ALTER TABLE IF EXISTS session.due RENAME TO timers")
    op.execute("ALTER INDEX IF EXISTS session.due_at RENAME TO timers_at")
    op.get_bind().exec_driver_sql(_APPEND.read_text())


def downgrade() -> None:
    """Nothing: the revisions before this one speak of `timers`, too."""
