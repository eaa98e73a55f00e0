"""The tables of the APIs' documents, as read-only views."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"

_VIEWS = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    for statement in _VIEWS.read_text().split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for view in ("resume_api.messages", "resume_api.interview_sessions", "turns_api.session_states"):
        op.execute(f"DROP VIEW {view}")
    for view in ("interview_sessions", "interviews"):
        op.execute(f"DROP VIEW interviews_api.{view}")
    op.execute("DROP FUNCTION interviews_api.number_of")
    op.execute("ALTER VIEW agent_api.interview_sessions SET SCHEMA session")
