"""An endpoint on one's own machine works on one call at a time; replies do not wait behind judgements."""

from __future__ import annotations

import asyncio

import pytest
from models.slots import Slots


async def is_free(slots: Slots) -> bool:
    try:
        async with slots.taken("documents", 0.05):
            return True
    except TimeoutError:
        return False


async def test_no_more_at_once_than_there_are_places() -> None:
    slots, running, most = Slots("main", 2), 0, 0

    async def call() -> None:
        nonlocal running, most
        async with slots.taken("coach", 5):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(call() for _ in range(9)))
    assert most == 2


async def test_who_is_waited_for_goes_first() -> None:
    slots, order = Slots("main", 1), list[str]()

    async def call(role: str, name: str) -> None:
        async with slots.taken(role, 5):  # type: ignore[arg-type]
            order.append(name)

    async with slots.taken("coach", 5):
        waiting = [("documents", "document"), ("coach", "first"), ("coach", "second"), ("interviewer", "reply")]
        calls = [asyncio.create_task(call(*each)) for each in [*waiting, ("small", "acknowledgement")]]
        await asyncio.sleep(0)
    await asyncio.gather(*calls)
    assert order == ["reply", "acknowledgement", "first", "second", "document"]


async def test_who_gives_up_takes_no_place() -> None:
    slots = Slots("main", 1)
    async with slots.taken("coach", 5):
        with pytest.raises(TimeoutError):
            async with slots.taken("interviewer", 0.01):
                raise AssertionError("there is no place")
        left = asyncio.create_task(slots.taken("interviewer", 5).__aenter__())
        await asyncio.sleep(0)
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
        assert not await is_free(slots)
    assert await is_free(slots)


async def test_a_place_given_to_somebody_who_just_left_is_not_lost() -> None:
    slots = Slots("main", 1)
    held = slots.taken("coach", 5)
    await held.__aenter__()
    waiting = asyncio.create_task(slots.taken("interviewer", 5).__aenter__())
    await asyncio.sleep(0)
    await held.__aexit__(None, None, None)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert await is_free(slots)


async def test_elsewhere_nobody_waits() -> None:
    slots = Slots("main", None)
    async with slots.taken("coach", 0.01), slots.taken("coach", 0.01):
        assert await is_free(slots)
