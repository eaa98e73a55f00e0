"""Servers that let Parley run with nothing but Python: NATS and Postgres from wheels, as child processes."""

from devkit.embedded.nats import EmbeddedNats
from devkit.embedded.postgres import EmbeddedPostgres
from devkit.embedded.process import EmbeddedServerError, free_port

__all__ = ["EmbeddedNats", "EmbeddedPostgres", "EmbeddedServerError", "free_port"]
