"""Speech tasks, and what the agent API's document calls its table of them, as a read-only view.

A task's id is its key, since clients ask for it without a login: a transaction reaches the task that it names, and the
tasks of the person and of the session that it names.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLE = "identity.speech_tasks"
ROLE = "parley_gateway"


def _setting(name: str) -> str:
    return f"NULLIF(current_setting('parley.{name}', true), '')::uuid"


def upgrade() -> None:
    op.execute(f"""
        CREATE TABLE {TABLE} (
            task_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            user_id uuid REFERENCES identity.users (id) ON DELETE CASCADE,
            session_id uuid,
            task_type text NOT NULL CHECK (task_type IN ('stt_batch', 'tts', 'stt_stream')),
            status text NOT NULL DEFAULT 'processing' CHECK (status IN ('processing', 'completed', 'error')),
            progress_data jsonb NOT NULL DEFAULT '{{}}',
            result_data jsonb,
            error_message text,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now()
        )
    """)
    for column in ("user_id", "session_id", "status", "created_at"):
        op.execute(f"CREATE INDEX ix_identity_speech_tasks_{column} ON {TABLE} ({column})")
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    named = " OR ".join(f"{name} = {_setting(name)}" for name in ("task_id", "user_id", "session_id"))
    old = "current_setting('parley.purging', true) = 'old tasks' AND updated_at < now() - interval '1 day'"
    op.execute(f"CREATE POLICY named_tasks ON {TABLE} USING ({named} OR {old})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {TABLE} TO {ROLE}")
    # Other services have views in this schema, too, and may be making them just now.
    op.execute("SELECT pg_advisory_xact_lock(hashtext('parley api views'))")
    op.execute("CREATE SCHEMA IF NOT EXISTS agent_api")
    op.execute(f"""
        CREATE OR REPLACE VIEW agent_api.speech_tasks WITH (security_invoker = true, security_barrier = true) AS
        SELECT task_id, session_id, task_type, status, progress_data, result_data, error_message, created_at, updated_at
        FROM {TABLE}
    """)
    op.execute(f"GRANT SELECT ON agent_api.speech_tasks TO {ROLE}")


def downgrade() -> None:
    op.execute("DROP VIEW agent_api.speech_tasks")
    op.execute(f"DROP TABLE {TABLE}")
