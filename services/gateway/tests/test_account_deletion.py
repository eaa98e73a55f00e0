"""A person is forgotten: everything first, the account last, and never the account before the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from gateway.auth.user import User
from gateway.problems import NoSuchSession, Problem
from gateway.usecases.account_deletion import AccountDeletion

ADMIN = User(uuid4(), "admin@example.com", "Admin", "admin", True, datetime.now(UTC))


@dataclass
class World:
    """Accounts, interviews and documents in one; `stuck` does not go away."""

    sessions_left: list[UUID] = field(default_factory=lambda: [uuid4() for _ in range(3)])
    documents_left: list[UUID] = field(default_factory=lambda: [uuid4()])
    stuck: bool = False
    gone_by_itself: bool = False
    done: list[str] = field(default_factory=list)

    async def deactivate(self, admin: User, user_id: UUID) -> None:
        self.done.append("deactivated")

    async def delete(self, first: Any, document_id: UUID | None = None) -> None:
        if document_id is None:
            self.done.append("account")
            return
        self.documents_left.remove(document_id)
        self.done.append("document")

    async def sessions(self, user_id: UUID, limit: int) -> Any:
        return SimpleNamespace(sessions=[SimpleNamespace(session_id=each) for each in self.sessions_left[:limit]])

    async def of_user(self, *_: Any) -> Any:
        return [SimpleNamespace(document_id=each) for each in self.documents_left]

    async def erase(self, caller: Any, session_id: UUID) -> None:
        if not self.stuck:
            self.sessions_left.remove(session_id)
        if self.gone_by_itself:
            raise NoSuchSession
        self.done.append("session")

    async def note_erased(self, user_id: UUID) -> None:
        self.done.append("noted")

    async def forget(self) -> None:
        use: Any = self
        await AccountDeletion(use, use, use, use, use.note_erased).erase(ADMIN, uuid4())


async def test_nothing_new_begins_and_the_account_goes_last() -> None:
    world = World()
    await world.forget()
    assert world.done == ["deactivated", *["session"] * 3, "document", "noted", "account"]


async def test_what_went_by_itself_is_no_error() -> None:
    world = World(gone_by_itself=True)
    await world.forget()
    assert world.done == ["deactivated", "document", "noted", "account"]


async def test_the_account_stays_while_something_of_it_does() -> None:
    world = World(stuck=True)
    with pytest.raises(Problem) as refused:
        await world.forget()
    assert refused.value.status == 503 and "account" not in world.done
