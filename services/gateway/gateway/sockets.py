"""How many sockets may be open at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from gateway.errors import Problem

MOST_OF_AN_ACCOUNT = 5
MOST_OF_AN_ADDRESS = 20
"""Behind one address there may be a whole class; each of them has a session of their own."""
MOST = 2_000
"""Of all together, in this process."""
TOO_MANY = "Too many of your interviews are open at once. Close one of them and try again."
FULL = "Too many interviews are open here just now. Please try again in a moment."


class OpenSockets:
    """Counts them by holder. A second one for the same session replaces the first, and so counts as the same."""

    def __init__(self) -> None:
        self._open: dict[str, Counter[UUID]] = {}
        self._total = 0

    @contextmanager
    def one_more(self, holder: str, session_id: UUID, most: int) -> Iterator[None]:
        """Raises Problem where it would be too many."""
        sessions = self._open.get(holder, Counter())
        if self._total >= MOST:
            raise Problem(503, FULL)
        if session_id not in sessions and len(sessions) >= most:
            raise Problem(429, TOO_MANY)
        self._open[holder] = sessions
        sessions[session_id] += 1
        self._total += 1
        try:
            yield
        finally:
            self._total -= 1
            sessions[session_id] -= 1
            if not sessions[session_id]:
                del sessions[session_id]
            if not sessions:
                self._open.pop(holder, None)
