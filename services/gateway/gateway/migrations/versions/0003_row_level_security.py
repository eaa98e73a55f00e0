"""Row-level security on question banks: a transaction reaches the banks of the person it names, and no others.

Accounts, logins and keys have none: they are looked up before it is known who asks.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLE = "identity.question_banks"
POLICY = "own_banks"
OWNER = "user_id = NULLIF(current_setting('parley.user_id', true), '')::uuid"


def upgrade() -> None:
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {POLICY} ON {TABLE} USING ({OWNER})")


def downgrade() -> None:
    op.execute(f"DROP POLICY {POLICY} ON {TABLE}")
    op.execute(f"ALTER TABLE {TABLE} DISABLE ROW LEVEL SECURITY")
