"""Forgetting a person: every interview, every document, and then the account."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from uuid import UUID

from gateway.auth.accounts import Accounts
from gateway.auth.user import User
from gateway.bus.commands import Caller
from gateway.problems import NoSuchSession, Problem
from gateway.usecases.documents import Documents, NoSuchDocument
from gateway.usecases.interviews import Interviews
from gateway.usecases.queries import Queries

AT_ONCE = 100
_NOT_ALL = "Not everything could be erased yet. Please delete the account again: it goes on where it was."


class AccountDeletion:
    """What is erased with an account. Asked again after it was interrupted, it goes on where it was."""

    def __init__(
        self,
        accounts: Accounts,
        interviews: Interviews,
        queries: Queries,
        documents: Documents,
        note_erased: Callable[[UUID], Awaitable[None]],
    ) -> None:
        self._accounts = accounts
        self._interviews = interviews
        self._queries = queries
        self._documents = documents
        self._note_erased = note_erased

    async def erase(self, admin: User, user_id: UUID) -> None:
        """Erase a person. Nothing new begins from here on; the account goes last. Raises Problem."""
        await self._accounts.deactivate(admin, user_id)
        caller = Caller(user_id)

        async def sessions() -> list[UUID]:
            return [each.session_id for each in (await self._queries.sessions(user_id, limit=AT_ONCE)).sessions]

        async def erase_session(session_id: UUID) -> None:
            await self._interviews.erase(caller, session_id)

        async def documents() -> list[UUID]:
            return [each.document_id for each in await self._documents.of_user(user_id, None, AT_ONCE, 0)]

        async def erase_document(document_id: UUID) -> None:
            await self._documents.delete(caller, document_id)

        await _all_of(sessions, erase_session)
        await _all_of(documents, erase_document)
        await self._note_erased(user_id)
        await self._accounts.delete(user_id)


async def _all_of(left: Callable[[], Awaitable[list[UUID]]], erase: Callable[[UUID], Awaitable[None]]) -> None:
    """Erase until nothing is left. Raises Problem 503 where something stays: the account must not go before it."""
    tried = set[UUID]()
    while ids := await left():
        if tried.issuperset(ids):
            raise Problem(503, _NOT_ALL, {"Retry-After": "5"})
        for each in ids:
            with contextlib.suppress(NoSuchSession, NoSuchDocument):  # it went by itself
                await erase(each)
        tried.update(ids)
