"""Run by Alembic for `gateway.migrate`, on a connection whose transaction is open already."""

from alembic import context

from gateway.models import SCHEMA

context.configure(connection=context.config.attributes["connection"], version_table_schema=SCHEMA)
context.run_migrations()
