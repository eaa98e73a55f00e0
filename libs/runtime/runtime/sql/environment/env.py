"""Alembic's environment for all services: runs on the connection that `runtime.sql.migrations` hands over, within its
transaction."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema=context.config.attributes["schema"],
)
context.run_migrations()
