"""The event store, timers, tombstones and read models, with row-level security."""

from pathlib import Path

from alembic import op
from session.models import SCHEMA, Table

revision = "0001"
down_revision = None

APP = "parley_session"
SWEEPER = "parley_session_sweeper"
TENANT = """
    user_id = NULLIF(current_setting('parley.user_id', true), '')::uuid
    OR (user_id IS NULL AND {session} = NULLIF(current_setting('parley.session_id', true), '')::uuid)
"""
FUNCTIONS = Path(__file__).with_suffix(".sql")
READ_MODELS = ("sessions", "messages", "feedback")


def upgrade() -> None:
    Table.metadata.create_all(op.get_bind())
    op.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {APP}, {SWEEPER}")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON {SCHEMA}.events TO {APP}")
    op.execute(f"GRANT SELECT ON {SCHEMA}.events TO {SWEEPER}")
    op.execute(f"GRANT SELECT, INSERT ON {SCHEMA}.tombstones TO {APP}, {SWEEPER}")
    for table in ("timers", *READ_MODELS):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {SCHEMA}.{table} TO {APP}, {SWEEPER}")
    for table in ("events", "timers", *READ_MODELS):
        _secure(table, "stream_id" if table == "events" else "session_id")
    _seed_view()
    for statement in FUNCTIONS.read_text().split("$$;\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement + "$$")


def _secure(table: str, session: str) -> None:
    """Only the rows of the user, or the anonymous session, that the transaction named can be reached."""
    op.execute(f"ALTER TABLE {SCHEMA}.{table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {SCHEMA}.{table} TO {APP} USING ({TENANT.format(session=session)})")
    op.execute(f"CREATE POLICY sweeper ON {SCHEMA}.{table} TO {SWEEPER} USING (true)")


def _seed_view() -> None:
    """Whole conversations in one row, as tools written for such tables expect them."""
    op.execute(f"""
        CREATE VIEW {SCHEMA}.interview_sessions WITH (security_invoker = true) AS
        SELECT session_id, user_id, session_config,
            COALESCE((SELECT jsonb_agg(jsonb_build_object('role', m.role, 'content', m.content,
                'response_type', m.response_type, 'timestamp', m.created_at) ORDER BY m.seq)
                FROM {SCHEMA}.messages m WHERE m.session_id = s.session_id), '[]') AS conversation_history,
            COALESCE((SELECT jsonb_agg(jsonb_build_object('turn', f.turn, 'feedback', f.feedback) ORDER BY f.turn)
                FROM {SCHEMA}.feedback f WHERE f.session_id = s.session_id), '[]') AS per_turn_feedback_log,
            final_summary, session_stats,
            CASE status WHEN 'completed' THEN 'completed' WHEN 'abandoned' THEN 'abandoned'
                WHEN 'cancelled' THEN 'abandoned' ELSE 'active' END AS status,
            created_at, updated_at
        FROM {SCHEMA}.sessions s
    """)
    op.execute(f"GRANT SELECT ON {SCHEMA}.interview_sessions TO {APP}, {SWEEPER}")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SCHEMA}.append, {SCHEMA}.load")
    op.execute(f"DROP VIEW {SCHEMA}.interview_sessions")
    Table.metadata.drop_all(op.get_bind())
