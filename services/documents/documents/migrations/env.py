"""Alembic's environment: runs on the connection that `documents.migrate` hands over."""

from alembic import context
from documents.tenant import SCHEMA

context.configure(connection=context.config.attributes["connection"], version_table_schema=SCHEMA, include_schemas=True)
with context.begin_transaction():
    context.run_migrations()
