"""For which interviews a sound was made: the last of them takes it along."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from gateway.bus.spoken_lines import SpokenLines
from sqlalchemy import text


@pytest.fixture
def lines(database: Any) -> SpokenLines:
    return SpokenLines(database)


async def test_what_others_share_stays_until_the_last_of_them_goes(lines: SpokenLines) -> None:
    one, other = uuid4(), uuid4()
    for key, line, whose in (
        ("a", "Welcome.", one), ("a", "Welcome.", other), ("a", "Welcome.", other), ("b", "You said: ...", one),
    ):  # fmt: skip
        await lines.note(key, line, whose)
    assert await lines.forget(one, []) == ["b"]
    assert await lines.forget(one, []) == []
    assert await lines.forget(other, []) == ["a"]


async def test_what_was_spoken_for_nobody_goes_by_its_words(lines: SpokenLines) -> None:
    one, other = uuid4(), uuid4()
    await lines.note("c", "Your   sister left?", None)
    await lines.note("d", "What do you do first?", None)
    await lines.note("d", "What do you do first?", other)
    assert await lines.forget(one, ["Your sister left?", "What do you do first?", "Never spoken."]) == ["c"]
    assert await lines.forget(other, []) == ["d"]


async def test_two_at_once_lose_nothing(lines: SpokenLines) -> None:
    ids = [uuid4() for _ in range(8)]
    await asyncio.gather(*(lines.note("e", "Hello.", each) for each in ids))
    found = await asyncio.gather(*(lines.forget(each, []) for each in ids[1:]))
    assert found == [[]] * 7
    assert await lines.forget(ids[0], []) == ["e"]


async def test_it_knows_no_words_and_forgets_what_is_a_day_old(lines: SpokenLines, database: Any) -> None:
    one = uuid4()
    await lines.note("f", "You told me about your divorce.", one)
    async with database.begin() as session:
        rows = (
            await session.execute(text("SELECT * FROM identity.spoken_lines WHERE session_id = :id"), {"id": one})
        ).all()
        assert "divorce" not in str(rows) and len(rows) == 1
        await session.execute(text("UPDATE identity.spoken_lines SET spoken_at = now() - interval '26 hours'"))
    await lines.purge()
    assert await lines.forget(one, []) == []
