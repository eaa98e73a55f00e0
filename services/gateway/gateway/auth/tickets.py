"""One-use tickets, in a key-value bucket whose entries vanish after 30 seconds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from nats.js import JetStreamContext
from nats.js.errors import APIError, KeyNotFoundError
from runtime.buckets import TICKET_BUCKET

from gateway.auth.tokens import AccessClaims

_WRONG_SEQUENCE = frozenset({10071, 10164})
"""The server's codes for: somebody else wrote since."""


class Tickets:
    """Issues and redeems. Only a hash of a ticket is kept."""

    def __init__(self, js: Callable[[], JetStreamContext]) -> None:
        self._js = js

    async def issue(self, value: str, login: AccessClaims) -> None:
        """Make `value` good for one use by whoever presents it, in place of the token of this login."""
        bucket = await self._js().key_value(TICKET_BUCKET)
        await bucket.put(_name(value), json.dumps(asdict(login), default=str).encode())

    async def redeem(self, value: str) -> AccessClaims | None:
        """The login that the ticket stands for, once; None when it is unknown, too old or used. Whether the login is
        still good is for the caller to see."""
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
        return _login(entry.value or b"")


def _login(raw: bytes) -> AccessClaims | None:
    """None for a ticket that a gateway of an earlier version issued half a minute ago."""
    try:
        kept = json.loads(raw)
        return AccessClaims(
            UUID(kept["user_id"]),
            UUID(kept["family_id"]),
            UUID(kept["jti"]),
            datetime.fromisoformat(kept["expires_at"]),
        )
    except (ValueError, TypeError, KeyError):
        return None


def _name(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
