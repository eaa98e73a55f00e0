"""One table for all keyed requests, whatever they made."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "identity"
ROLE = "parley_gateway"


def upgrade() -> None:
    op.execute(f"ALTER TABLE {SCHEMA}.idempotency RENAME TO idempotency_keys")
    op.execute(f"ALTER TABLE {SCHEMA}.idempotency_keys RENAME COLUMN family_id TO created_id")
    for index in ("pkey", "user_id_fkey"):
        op.execute(
            f"ALTER TABLE {SCHEMA}.idempotency_keys RENAME CONSTRAINT idempotency_{index} TO idempotency_keys_{index}"
        )
    for column in ("user_id", "created_at"):
        before, after = (f"ix_{SCHEMA}_{table}_{column}" for table in ("idempotency", "idempotency_keys"))
        op.execute(f"ALTER INDEX {SCHEMA}.{before} RENAME TO {after}")
    for column in ("generation", "user_id"):
        op.execute(f"ALTER TABLE {SCHEMA}.idempotency_keys ALTER COLUMN {column} DROP NOT NULL")
    op.create_index(f"ix_{SCHEMA}_idempotency_keys_created_id", "idempotency_keys", ["created_id"], schema=SCHEMA)
    op.execute(
        f"INSERT INTO {SCHEMA}.idempotency_keys (id, body_hash, created_id, created_at)"
        f" SELECT id, body_hash, session_id, created_at FROM {SCHEMA}.session_keys"
    )
    op.execute(f"DROP TABLE {SCHEMA}.session_keys")


def downgrade() -> None:
    op.execute(
        f"CREATE TABLE {SCHEMA}.session_keys AS SELECT id, body_hash, created_id AS session_id, created_at"
        f" FROM {SCHEMA}.idempotency_keys WHERE user_id IS NULL"
    )
    op.execute(f"ALTER TABLE {SCHEMA}.session_keys ADD PRIMARY KEY (id)")
    for column in ("body_hash", "session_id", "created_at"):
        op.execute(f"ALTER TABLE {SCHEMA}.session_keys ALTER COLUMN {column} SET NOT NULL")
    op.execute(f"ALTER TABLE {SCHEMA}.session_keys ALTER COLUMN created_at SET DEFAULT now()")
    op.create_index(f"ix_{SCHEMA}_session_keys_created_at", "session_keys", ["created_at"], schema=SCHEMA)
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {SCHEMA}.session_keys TO {ROLE}")
    op.execute(f"DELETE FROM {SCHEMA}.idempotency_keys WHERE user_id IS NULL")
    op.drop_index(f"ix_{SCHEMA}_idempotency_keys_created_id", "idempotency_keys", schema=SCHEMA)
    for column in ("generation", "user_id"):
        op.execute(f"ALTER TABLE {SCHEMA}.idempotency_keys ALTER COLUMN {column} SET NOT NULL")
    for column in ("user_id", "created_at"):
        before, after = (f"ix_{SCHEMA}_{table}_{column}" for table in ("idempotency_keys", "idempotency"))
        op.execute(f"ALTER INDEX {SCHEMA}.{before} RENAME TO {after}")
    for index in ("pkey", "user_id_fkey"):
        op.execute(
            f"ALTER TABLE {SCHEMA}.idempotency_keys RENAME CONSTRAINT idempotency_keys_{index} TO idempotency_{index}"
        )
    op.execute(f"ALTER TABLE {SCHEMA}.idempotency_keys RENAME COLUMN created_id TO family_id")
    op.execute(f"ALTER TABLE {SCHEMA}.idempotency_keys RENAME TO idempotency")
