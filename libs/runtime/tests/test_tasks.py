"""Tasks end when they are told to, also when the first telling is lost, and when they have nothing left to do."""

from __future__ import annotations

import asyncio

import pytest
from runtime import service
from runtime.service import _forever
from runtime.tasks import end


async def test_a_task_that_loses_a_cancellation_is_cancelled_again() -> None:
    lost = 0

    async def deaf_at_first() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if lost:
                    raise
                lost += 1

    task = asyncio.create_task(deaf_at_first())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await end([task])
    assert task.cancelled() and lost == 1


async def test_what_a_task_ends_in_is_its_own_affair() -> None:
    async def fails() -> None:
        raise RuntimeError

    task = asyncio.create_task(fails())
    await asyncio.sleep(0)
    await end([task])
    assert isinstance(task.exception(), RuntimeError)


async def test_a_background_task_is_begun_again_when_it_fails_and_not_when_it_returns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "AGAIN", 0.0)
    begun = 0

    async def fails_at_first() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise ConnectionError

    await _forever(fails_at_first)
    assert begun == 3
