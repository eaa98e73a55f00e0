"""Answers that are revised, and judged anew."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"

_HERE = Path(__file__)


def upgrade() -> None:
    op.get_bind().exec_driver_sql(_HERE.with_suffix(".sql").read_text())


def downgrade() -> None:
    before = _HERE.with_name("0001_event_store.sql").read_text()
    append = before[before.index("CREATE FUNCTION session.append") :]
    op.get_bind().exec_driver_sql(append.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
