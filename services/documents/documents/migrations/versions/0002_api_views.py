"""What the résumé-grounded API's document calls its table of résumés, as a read-only view."""

from alembic import op
from documents.tenant import SCHEMA, SWEEPER_ROLE

revision = "0002"
down_revision = "0001"

APP = "parley_documents"


def upgrade() -> None:
    # Other services have views in this schema, too, and may be making them just now.
    op.execute("SELECT pg_advisory_xact_lock(hashtext('parley api views'))")
    op.execute("CREATE SCHEMA IF NOT EXISTS resume_api")
    op.execute(f"""
        CREATE OR REPLACE VIEW resume_api.resumes WITH (security_invoker = true) AS
        SELECT
            d.id::text AS resume_id,
            d.user_id::text AS user_id,
            coalesce(d.job_role, '') AS job_role,
            d.id::text || '/' || d.filename AS file_path,
            d.sha256 AS file_hash,
            jsonb_build_object('text', d.body) AS parsed_content,
            coalesce((SELECT jsonb_agg(skill -> 'name')
                      FROM jsonb_array_elements(d.understanding -> 'skills') AS skill), '[]') AS skills,
            jsonb_build_object('num_chunks', d.chunk_count,
                'matched_domains', coalesce(d.understanding -> 'domains', '{{}}'),
                'resume_summary', coalesce(d.understanding -> 'summary', 'null')) AS chunks_metadata,
            coalesce((SELECT jsonb_agg(c.document_id::text || '_chunk_' || c.chunk_index ORDER BY c.chunk_index)
                      FROM {SCHEMA}.chunks c WHERE c.document_id = d.id), '[]') AS vector_store_ids,
            d.created_at
        FROM {SCHEMA}.documents d
        WHERE d.kind = 'resume' AND NOT d.deleting
    """)
    op.execute(f"GRANT USAGE ON SCHEMA resume_api TO {APP}, {SWEEPER_ROLE}")
    op.execute(f"GRANT SELECT ON resume_api.resumes TO {APP}, {SWEEPER_ROLE}")


def downgrade() -> None:
    op.execute("DROP VIEW resume_api.resumes")
