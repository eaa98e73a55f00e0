"""What somebody was asked in their last interviews."""

from alembic import op

revision = "0006"
down_revision = "0005"

_ASKED_BEFORE = """
CREATE OR REPLACE FUNCTION session.asked_before(p_user uuid, p_session uuid, p_interviews int) RETURNS SETOF text
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('parley.user_id', p_user::text, true), set_config('parley.session_id', p_session::text, true);
    RETURN QUERY
    SELECT e.data #>> '{question,bank_id}'
    FROM session.events e
    JOIN (
        SELECT s.session_id, s.started_at FROM session.sessions s
        WHERE s.user_id = p_user AND s.session_id <> p_session AND s.started_at IS NOT NULL
        ORDER BY s.started_at DESC LIMIT p_interviews
    ) newest ON newest.session_id = e.stream_id
    WHERE starts_with(e.type, 'session.question_asked.') AND e.data #>> '{question,kind}' = 'question'
          AND e.data #>> '{question,bank_id}' IS NOT NULL
    ORDER BY newest.started_at DESC, e.version;
END $$
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(_ASKED_BEFORE)


def downgrade() -> None:
    op.execute("DROP FUNCTION session.asked_before")
