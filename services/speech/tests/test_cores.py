"""Who has a core, and that none is lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from speech.ports import Busy, Failed
from speech.providers.cores import Cores, Priority


class Work:
    """Goes on until it is let go, and notes when it begins."""

    def __init__(self, name: str, order: list[str]) -> None:
        self._name = name
        self._order = order
        self.begun, self.over = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.thread = threading.current_thread()
        self._order.append(self._name)
        self.begun.set()
        self.over.wait()
        return self._name

    async def has_begun(self) -> None:
        await asyncio.to_thread(self.begun.wait)


@pytest.fixture
def order() -> list[str]:
    return []


@pytest.fixture
def make(order: list[str]) -> Callable[[str], Work]:
    return lambda name: Work(name, order)


async def begin(cores: Cores, priority: Priority, work: Work) -> asyncio.Task[str]:
    task = asyncio.create_task(cores.run(priority, work))
    await asyncio.sleep(0)
    return task


async def test_finals_go_before_voices_and_voices_before_recordings(
    make: Callable[[str], Work], order: list[str]
) -> None:
    cores, first = Cores(1), make("first")
    tasks = [await begin(cores, Priority.RECORDING, first)]
    for priority in (Priority.RECORDING, Priority.VOICE, Priority.FINAL):
        work = make(priority.name)
        work.over.set()
        tasks.append(await begin(cores, priority, work))
    first.over.set()
    assert await asyncio.gather(*tasks) == ["first", "RECORDING", "VOICE", "FINAL"]
    assert order == ["first", "FINAL", "VOICE", "RECORDING"]


async def test_a_partial_never_waits(make: Callable[[str], Work]) -> None:
    cores, first = Cores(1), make("first")
    task = await begin(cores, Priority.FINAL, first)
    with pytest.raises(Busy):
        await cores.run(Priority.PARTIAL, lambda: None)
    first.over.set()
    await task
    assert await cores.run(Priority.PARTIAL, lambda: 3) == 3


async def test_one_that_is_cancelled_while_it_waits_leaves_the_core_to_others(make: Callable[[str], Work]) -> None:
    cores, first = Cores(1), make("first")
    running = await begin(cores, Priority.VOICE, first)
    waiting = await begin(cores, Priority.VOICE, make("never"))
    waiting.cancel()
    first.over.set()
    await running
    assert await cores.run(Priority.PARTIAL, lambda: 3) == 3


async def test_one_that_is_cancelled_just_as_its_turn_comes_passes_it_on() -> None:
    cores = Cores(1)
    await cores._core(Priority.FINAL)
    waiting = asyncio.create_task(cores._core(Priority.FINAL))
    await asyncio.sleep(0)
    cores._release()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await cores.run(Priority.PARTIAL, lambda: 3) == 3


async def test_a_thread_whose_caller_has_gone_keeps_its_core_until_it_is_over(make: Callable[[str], Work]) -> None:
    cores, first, second = Cores(1), make("first"), make("second")
    second.over.set()
    gone = await begin(cores, Priority.FINAL, first)
    await first.has_begun()
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    with pytest.raises(Busy):
        await cores.run(Priority.PARTIAL, lambda: None)
    waiting = await begin(cores, Priority.FINAL, second)
    first.over.set()
    assert await waiting == "second"


async def test_what_hangs_is_given_up_and_its_core_is_given_back_once(make: Callable[[str], Work]) -> None:
    cores, hanging, held = Cores(1, patience=0.05), make("hanging"), make("held")
    with pytest.raises(Failed, match="hangs"):
        await cores.run(Priority.FINAL, hanging)
    cores._patience = 60.0  # what comes now may take as long as the test needs
    running = await begin(cores, Priority.FINAL, held)
    await held.has_begun()
    hanging.over.set()  # after all: the core is not its own any more
    await asyncio.to_thread(hanging.thread.join)
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await cores.run(Priority.PARTIAL, lambda: None)
    held.over.set()
    assert await running == "held"


async def test_closing_waits_for_what_runs_even_if_nobody_else_does(make: Callable[[str], Work]) -> None:
    cores, work = Cores(1), make("work")
    gone = await begin(cores, Priority.FINAL, work)
    await work.has_begun()
    gone.cancel()
    closing = asyncio.create_task(cores.close(60))
    await asyncio.sleep(0)
    assert not closing.done()
    work.over.set()
    await closing
    await cores.close()  # at once: nothing runs


async def test_what_the_work_raises_is_a_failure() -> None:
    cores = Cores(1)
    with pytest.raises(Failed) as failed:
        await cores.run(Priority.FINAL, lambda: 1 / 0)
    assert isinstance(failed.value.__cause__, ZeroDivisionError)
    with pytest.raises(Busy):
        await cores.run(Priority.FINAL, _busy)
    assert await cores.run(Priority.PARTIAL, lambda: 3) == 3


def _busy() -> None:
    raise Busy(2)
