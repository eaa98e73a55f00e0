"""Interviews that clients know by a whole number, which they parse as one."""

from __future__ import annotations

from uuid import UUID

from gateway.bus.aliases import Aliases
from gateway.bus.commands import Caller
from gateway.problems import NoSuchSession
from gateway.usecases.configuring import Wanted
from gateway.usecases.interviews import Interviews

MOST = 2**53 - 1
"""The largest whole number that every language's floating point can hold."""


def number_of(session_id: UUID) -> int:
    """The number of a session: as random as its id, and not sequential. From 1 to 2^53 - 1."""
    return (session_id.int & MOST) or 1


class NumberedInterviews:
    """Numbers are aliases: they count within an account."""

    def __init__(self, aliases: Aliases, interviews: Interviews) -> None:
        self._aliases = aliases
        self._interviews = interviews

    async def create(self, caller: Caller, wanted: Wanted) -> UUID:
        """A new session that can be found by its number; the same one for a repeat under the caller's key."""
        session_id = await self._interviews.reserve(caller, wanted)
        await self.remember(caller, session_id)  # first: a number that means nothing yet does no harm
        await self._interviews.create_as(caller, session_id, wanted, is_new=caller.key is None)
        return session_id

    async def remember(self, caller: Caller, session_id: UUID) -> None:
        """Let a session be found by its number that was made through another API."""
        await self._aliases.point(caller.user_id, _alias(number_of(session_id)), session_id, instead_of=None)

    async def find(self, caller: Caller, interview_id: str) -> UUID:
        """The session of a number, or of its own id. Raises NoSuchSession."""
        if not interview_id.isascii() or not interview_id.isdigit():
            return _parsed(interview_id)
        number = int(interview_id) if len(interview_id) <= len(str(MOST)) else 0
        found = await self._aliases.session(caller.user_id, _alias(number))
        if found is None:
            raise NoSuchSession
        return found.session_id


def _alias(number: int) -> str:
    """No client's own id has a space."""
    return f"interview {number}"


def _parsed(interview_id: str) -> UUID:
    try:
        return UUID(interview_id)
    except ValueError:
        raise NoSuchSession from None
