"""Addresses that play one message each, for players, which send no token of a login."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from gateway.auth.errors import InvalidToken
from gateway.auth.settings import IdentitySettings
from gateway.auth.tokens import Tokens
from gateway.problems import Problem

PATH = "/api/v1/audio/"
NOT_PLAYED = "This address plays nothing, or no longer. Read the interview again for one that does."


class AudioLinks:
    """`lifetime` is in seconds. Nothing is kept: an address is signed, and says itself until when it is good."""

    def __init__(self, settings: IdentitySettings, lifetime: float, now: Callable[[], float] = time.time) -> None:
        self._tokens = Tokens(settings)
        self._lifetime = lifetime
        self._now = now

    def path(self, session_id: UUID, seq: int) -> str:
        """Where a message is played."""
        return PATH + self._tokens.audio(session_id, seq, int(self._now() + self._lifetime))

    def opened(self, token: str) -> tuple[UUID, int]:
        """The session and the message. Raises Problem 404."""
        try:
            return self._tokens.read_audio(token)
        except InvalidToken:
            raise Problem(404, NOT_PLAYED) from None
