"""Whose document it is that is being read, where there is no account: nobody has the reader to themselves."""

from alembic import op
from documents.tenant import SCHEMA, SWEEPER_ROLE

revision = "0003"
down_revision = "0002"

APP = "parley_documents"


def upgrade() -> None:
    op.execute(f"ALTER TABLE {SCHEMA}.documents ADD COLUMN caller uuid")
    op.execute(
        f"CREATE INDEX documents_waiting ON {SCHEMA}.documents (caller)"
        " WHERE caller IS NOT NULL AND status = 'processing' AND NOT deleting"
    )
    # As the owner of the table: a caller without an account reaches none of these rows, and learns their number only.
    op.execute(f"""
        CREATE FUNCTION {SCHEMA}.waiting_of(whose uuid, beside uuid) RETURNS integer
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
            SELECT count(*)::integer FROM {SCHEMA}.documents
            WHERE caller = whose AND status = 'processing' AND NOT deleting AND id <> beside
        $$
    """)
    op.execute(f"REVOKE ALL ON FUNCTION {SCHEMA}.waiting_of FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SCHEMA}.waiting_of TO {APP}, {SWEEPER_ROLE}")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SCHEMA}.waiting_of")
    op.execute(f"ALTER TABLE {SCHEMA}.documents DROP COLUMN caller")
