"""What the agent API's document calls its table of accounts, as a read-only view of one's own."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ROLE = "parley_gateway"


def upgrade() -> None:
    # Other services have views in this schema, too, and may be making them just now.
    op.execute("SELECT pg_advisory_xact_lock(hashtext('parley api views'))")
    op.execute("CREATE SCHEMA IF NOT EXISTS agent_api")
    # `users` has no policies, since it is asked before it is known who asks: the view brings its own.
    op.execute("""
        CREATE OR REPLACE VIEW agent_api.users WITH (security_invoker = true, security_barrier = true) AS
        SELECT id, email, name, created_at, updated_at FROM identity.users
        WHERE id = NULLIF(current_setting('parley.user_id', true), '')::uuid
    """)
    op.execute(f"GRANT USAGE ON SCHEMA agent_api TO {ROLE}")
    op.execute(f"GRANT SELECT ON agent_api.users TO {ROLE}")


def downgrade() -> None:
    op.execute("DROP VIEW agent_api.users")
