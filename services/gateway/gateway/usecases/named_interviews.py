"""Interviews that a client knows by an id of its own: one at a time under each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from gateway.bus.aliases import Aliases
from gateway.bus.commands import ENDED, Caller
from gateway.problems import NoSuchSession
from gateway.usecases.configuring import Wanted
from gateway.usecases.interviews import Interviews
from gateway.usecases.queries import Queries

Configure = Callable[[], Awaitable[Wanted]]


class NamedInterviews:
    """What clients do with interviews under their own ids."""

    def __init__(self, aliases: Aliases, interviews: Interviews, queries: Queries) -> None:
        self._aliases = aliases
        self._interviews = interviews
        self._queries = queries

    async def find(self, caller: Caller, alias: str) -> UUID:
        """The interview that is meant. Raises NoSuchSession."""
        meant = await self._aliases.session(caller.user_id, alias)
        if meant is None:
            raise NoSuchSession
        return meant.session_id

    async def begin(self, caller: Caller, alias: str, configure: Configure) -> UUID:
        """The interview that runs under this id; a new one where none does, or the last one is over.

        `configure` is asked only for a new one. A repeat under the caller's key is led to the interview that the first
        request began, also when it is over by now.
        """
        meant = await self._aliases.session(caller.user_id, alias)
        known = (await self._queries.outcome(caller, meant.session_id)).session if meant else None
        if meant is not None and known is not None and known.status not in ENDED:
            return meant.session_id
        wanted = await configure()
        if meant is not None and known is None and meant.is_new:
            # It is being made by another request, or that one died: it is made once.
            session_id = meant.session_id
        else:
            before = meant.session_id if meant else None
            proposed = await self._interviews.reserve(caller, wanted, alias)
            session_id = await self._aliases.point(caller.user_id, alias, proposed, instead_of=before)
        await self._interviews.create_as(caller, session_id, wanted)
        return session_id
