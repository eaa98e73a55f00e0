"""One-use tickets, in a key-value bucket whose entries vanish after 30 seconds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from uuid import UUID

from nats.js import JetStreamContext
from nats.js.errors import APIError, KeyNotFoundError
from runtime.provision import TICKET_BUCKET

_WRONG_SEQUENCE = frozenset({10071, 10164})
"""The server's codes for: somebody else wrote since."""


class Tickets:
    """Issues and redeems. Only a hash of a ticket is kept."""

    def __init__(self, js: Callable[[], JetStreamContext]) -> None:
        self._js = js

    async def issue(self, value: str, user_id: UUID) -> None:
        """Make `value` good for one use by whoever presents it, as `user_id`."""
        bucket = await self._js().key_value(TICKET_BUCKET)
        await bucket.put(_name(value), str(user_id).encode())

    async def redeem(self, value: str) -> UUID | None:
        """The ticket's user, once; None when it is unknown, too old or used."""
        bucket = await self._js().key_value(TICKET_BUCKET)
        try:
            entry = await bucket.get(_name(value))
            # Of two at once, only one finds the revision that it read.
            await bucket.delete(_name(value), last=entry.revision)
        except KeyNotFoundError:
            return None
        except APIError as error:
            if error.err_code in _WRONG_SEQUENCE:
                return None
            raise
        return UUID((entry.value or b"").decode())


def _name(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
