"""Which interview a start under a client's own id leads to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from contracts.session.asks import Outcome, SessionStatus
from contracts.vocabulary.configuration import SessionConfig
from gateway.bus.aliases import AliasTarget
from gateway.bus.commands import Caller
from gateway.usecases.configuring import Wanted
from gateway.usecases.named_interviews import NamedInterviews

BEFORE, PROPOSED, ANOTHERS = UUID(int=1), UUID(int=2), UUID(int=3)


@dataclass
class World:
    """Aliases, interviews and queries in one."""

    meant: AliasTarget | None
    status: Any = None
    overtaken: bool = False
    made: list[UUID] = field(default_factory=list)
    configured: int = 0

    async def session(self, *_: Any) -> AliasTarget | None:
        return self.meant

    async def point(self, user_id: Any, alias: str, session_id: UUID, instead_of: UUID | None) -> UUID:
        assert instead_of == (self.meant.session_id if self.meant else None)
        return ANOTHERS if self.overtaken else session_id

    async def outcome(self, caller: Caller, session_id: UUID) -> Outcome:
        return Outcome(session=SessionStatus(status=self.status, version=1) if self.status else None)

    async def reserve(self, *_: Any) -> UUID:
        return PROPOSED

    async def create_as(self, caller: Caller, session_id: UUID, wanted: Wanted) -> None:
        self.made.append(session_id)

    async def configure(self) -> Wanted:
        self.configured += 1
        return Wanted(SessionConfig())

    async def begin(self) -> UUID:
        use = NamedInterviews(self, self, self)  # type: ignore[arg-type]
        return await use.begin(Caller(None), "int_1", self.configure)


@pytest.mark.parametrize("status", ["created", "active", "paused"])
async def test_one_that_goes_on_is_returned_without_looking_at_the_configuration(status: str) -> None:
    world = World(AliasTarget(BEFORE, is_new=False), status)
    assert await world.begin() == BEFORE
    assert world.made == [] and world.configured == 0


@pytest.mark.parametrize(
    ("meant", "status"),
    [
        (None, None),
        (AliasTarget(BEFORE, is_new=False), "completed"),
        (AliasTarget(BEFORE, is_new=True), "cancelled"),
        (AliasTarget(BEFORE, is_new=False), None),
    ],
    ids=["never", "over", "just over", "erased"],
)
async def test_otherwise_a_new_one_is_made(meant: AliasTarget | None, status: str | None) -> None:
    world = World(meant, status)
    assert await world.begin() == PROPOSED and world.made == [PROPOSED]


async def test_one_that_was_announced_and_is_not_there_yet_is_made() -> None:
    world = World(AliasTarget(BEFORE, is_new=True), None)
    assert await world.begin() == BEFORE and world.made == [BEFORE]


async def test_who_is_overtaken_takes_the_others() -> None:
    world = World(None, overtaken=True)
    assert await world.begin() == ANOTHERS and world.made == [ANOTHERS]
