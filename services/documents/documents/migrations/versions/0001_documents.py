"""Documents, their chunks, and what models made of their words, with row-level security."""

from alembic import op
from documents.tenant import SCHEMA, SWEEPER_ROLE

revision = "0001"
down_revision = None

APP = "parley_documents"
# As scalar subqueries the settings are read once for a statement; otherwise once for every row, which takes longer than
# all the rest of a search.
MINE = "user_id = (SELECT NULLIF(current_setting('parley.user_id', true), '')::uuid)"
IDS = "string_to_array(NULLIF(current_setting('parley.document_ids', true), ''), ',')::uuid[]"
HELD = f"{{id}} = ANY ((SELECT {IDS})::uuid[])"


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.execute(f"""
        CREATE TABLE {SCHEMA}.documents (
            id uuid PRIMARY KEY,
            user_id uuid,
            kind text NOT NULL,
            filename text NOT NULL,
            media_type text,
            size integer NOT NULL,
            sha256 text NOT NULL,
            job_role text,
            status text NOT NULL DEFAULT 'processing',
            error_code text,
            error text,
            language text,
            search_config regconfig NOT NULL DEFAULT 'simple',
            pages integer NOT NULL DEFAULT 0,
            words integer NOT NULL DEFAULT 0,
            chunk_count integer NOT NULL DEFAULT 0,
            truncated boolean NOT NULL DEFAULT false,
            embedded_by text,
            series_id uuid NOT NULL,
            version integer NOT NULL DEFAULT 1,
            body text,
            body_without_contact text,
            understanding jsonb,
            refined_hash text,
            deleting boolean NOT NULL DEFAULT false,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            processed_at timestamptz
        )
    """)
    op.execute(f"""
        CREATE UNIQUE INDEX documents_one_per_file ON {SCHEMA}.documents (user_id, kind, sha256)
        WHERE user_id IS NOT NULL AND NOT deleting
    """)
    op.execute(f"CREATE INDEX documents_of_user ON {SCHEMA}.documents (user_id, created_at DESC)")
    op.execute(f"CREATE UNIQUE INDEX documents_series ON {SCHEMA}.documents (series_id, version) WHERE NOT deleting")
    # As the owner of the table: whoever replaces a document without account does not reach its other versions, and
    # learns no more of them than their number. What others do to such a document counts for nobody's own.
    op.execute(f"""
        CREATE FUNCTION {SCHEMA}.newest(series uuid, owner uuid) RETURNS integer
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
            SELECT COALESCE(max(version), 0) FROM {SCHEMA}.documents
            WHERE series_id = series AND NOT deleting AND (owner IS NULL OR user_id = owner)
        $$
    """)
    op.execute(f"REVOKE ALL ON FUNCTION {SCHEMA}.newest FROM PUBLIC")
    op.execute(
        f"CREATE INDEX documents_open ON {SCHEMA}.documents (updated_at) WHERE status = 'processing' OR deleting"
    )
    op.execute(f"""
        CREATE TABLE {SCHEMA}.chunks (
            document_id uuid NOT NULL REFERENCES {SCHEMA}.documents ON DELETE CASCADE,
            user_id uuid,
            chunk_index integer NOT NULL,
            parent_section text NOT NULL,
            chunk_type text NOT NULL,
            entry_index integer,
            body text NOT NULL,
            domains text[] NOT NULL,
            primary_domain text,
            content_hash text NOT NULL,
            words tsvector NOT NULL,
            PRIMARY KEY (document_id, chunk_index)
        )
    """)
    op.execute(f"CREATE INDEX chunks_words ON {SCHEMA}.chunks USING gin (words)")
    # `owner` is the user, or the document where there is no account: what a model made of a text is kept once for
    # each of them, and shared with nobody.
    op.execute(f"""
        CREATE TABLE {SCHEMA}.vectors (
            owner uuid NOT NULL,
            content_hash text NOT NULL,
            model text NOT NULL,
            embedding vector NOT NULL,
            PRIMARY KEY (owner, content_hash, model)
        )
    """)
    op.execute(f"""
        CREATE TABLE {SCHEMA}.refinements (
            owner uuid NOT NULL,
            content_hash text NOT NULL,
            model text NOT NULL,
            answer jsonb NOT NULL,
            PRIMARY KEY (owner, content_hash, model)
        )
    """)
    op.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {APP}, {SWEEPER_ROLE}")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SCHEMA}.newest TO {APP}, {SWEEPER_ROLE}")
    for table, document in (("documents", "id"), ("chunks", "document_id"), ("vectors", None), ("refinements", None)):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {SCHEMA}.{table} TO {APP}, {SWEEPER_ROLE}")
        op.execute(f"ALTER TABLE {SCHEMA}.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {SCHEMA}.{table} TO {APP} USING ({_reaches(document)})")
        op.execute(f"CREATE POLICY sweeper ON {SCHEMA}.{table} TO {SWEEPER_ROLE} USING (true)")


def _reaches(document: str | None) -> str:
    """A user's own rows, and those without an account whose document the transaction holds the id of."""
    if document is None:
        return f"{MINE.replace('user_id', 'owner', 1)} OR {HELD.format(id='owner')}"
    return f"{MINE} OR (user_id IS NULL AND {HELD.format(id=document)})"


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SCHEMA}.newest")
    for table in ("refinements", "vectors", "chunks", "documents"):
        op.execute(f"DROP TABLE {SCHEMA}.{table}")
