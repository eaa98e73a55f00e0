"""What tests need of connections to NATS beside their client."""

from __future__ import annotations

from nats.aio.client import Client


async def all_taken(connection: Client) -> None:
    """The server has taken all that was sent so far, subscriptions too. Once is not enough: the client writes its PING
    at once, and may write what was said before a moment later."""
    for _ in range(2):
        await connection.flush()
