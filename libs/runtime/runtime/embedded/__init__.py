"""Servers that let Parley run with nothing but Python: NATS and Postgres from wheels, as child processes."""

from runtime.embedded.nats import EmbeddedNats, NatsUser
from runtime.embedded.postgres import EmbeddedPostgres
from runtime.embedded.process import EmbeddedServerError, free_port

__all__ = ["EmbeddedNats", "EmbeddedPostgres", "EmbeddedServerError", "NatsUser", "free_port"]
