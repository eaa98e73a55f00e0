"""Alembic scripts of the schema `identity`; `gateway.migrate` runs them."""
