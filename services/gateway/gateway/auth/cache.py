"""Optional memory of who a token belongs to, for at most a couple of seconds."""

import time
from uuid import UUID

from gateway.auth.user import User

MAX_ENTRIES = 10_000


class PrincipalCache:
    """From a token's `jti` to its user. With `seconds` 0 it never holds anything.

    Whatever it holds may be revoked by another replica in the meantime: keep `seconds` small.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._entries: dict[UUID, tuple[float, User]] = {}

    def get(self, jti: UUID) -> User | None:
        until, user = self._entries.get(jti, (0.0, None))
        return user if time.monotonic() < until else None

    def put(self, jti: UUID, user: User) -> None:
        if not self._seconds:
            return
        if len(self._entries) >= MAX_ENTRIES:
            self._entries.clear()
        self._entries[jti] = (time.monotonic() + self._seconds, user)

    def clear(self) -> None:
        self._entries.clear()
