"""One model for all: batches, who goes first, what is refused, and what is remembered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import numpy
import pytest
from contracts.documents.asks import EncodeAsk
from documents.encoding import Encoding
from documents.encoding.encoding import BATCH_CHARACTERS, BATCH_TEXTS, WAITING_ASKS, WAITING_TEXTS, Busy
from parley_meaning import CountedWords, Floats


class Model:
    """Notes its batches. While `held` is not set it works on one."""

    name = "of the test"

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.held = threading.Event()
        self.held.set()
        self.at_work = threading.Event()
        self.error: Exception | None = None

    def rows(self, texts: Sequence[str]) -> Floats:
        self.batches.append(list(texts))
        self.at_work.set()
        assert self.held.wait(10)
        if self.error:
            raise self.error
        return CountedWords().rows(texts)


@asynccontextmanager
async def running(model: Model | None) -> AsyncIterator[Encoding]:
    encoding = Encoding(lambda: model)
    task = asyncio.create_task(encoding.run())
    try:
        yield encoding
    finally:
        if model:
            model.held.set()
        task.cancel()
        encoding.close()


def asking(encoding: Encoding, *texts: str, urgent: bool = False) -> asyncio.Task[object]:
    return asyncio.create_task(encoding.vectors(texts, urgent=urgent))


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 (it is a thread that works)
            await asyncio.sleep(0.002)


async def test_each_asker_gets_the_rows_of_its_own_texts() -> None:
    async with running(model := Model()) as encoding:
        texts = [[f"word{number}", f"other{number}", "shared"] for number in range(20)]
        answers = await asyncio.gather(*(encoding.vectors(each, urgent=False) for each in texts))
    for given, made in zip(texts, answers, strict=True):
        assert made and made.model == "of the test" and numpy.array_equal(made.rows, CountedWords().rows(given))
    assert len(model.batches) < 20, "what waits is encoded together"


async def test_what_is_urgent_goes_before_all_that_waits() -> None:
    async with running(model := Model()) as encoding:
        model.held.clear()
        first = asking(encoding, "running")
        await until(model.at_work.is_set)
        coach = [asking(encoding, *(f"coach {ask} {each}" for each in range(20))) for ask in range(3)]
        await asyncio.sleep(0.01)
        urgent = asking(encoding, "somebody waits", urgent=True)
        await asyncio.sleep(0.01)
        model.held.set()
        await asyncio.gather(first, urgent, *coach)
    assert model.batches[1][0] == "somebody waits"
    assert all(len(batch) <= BATCH_TEXTS for batch in model.batches)


async def test_long_texts_do_not_make_a_long_batch() -> None:
    async with running(model := Model()) as encoding:
        await encoding.vectors([f"{number} " + "x" * 900 for number in range(9)], urgent=False)
    assert [len(batch) for batch in model.batches] == [2, 2, 2, 2, 1]
    assert all(sum(map(len, batch)) <= BATCH_CHARACTERS for batch in model.batches)


@pytest.mark.parametrize("texts_each", [1, 64], ids=["many asks", "many texts"])
async def test_a_full_queue_refuses_at_once_and_leaves_the_other_alone(texts_each: int) -> None:
    async with running(model := Model()) as encoding:
        model.held.clear()
        limit = min(WAITING_ASKS, WAITING_TEXTS // texts_each)
        waiting = [asking(encoding, *(f"{ask} {each}" for each in range(texts_each))) for ask in range(limit)]
        await until(model.at_work.is_set)
        with pytest.raises(Busy):
            await asyncio.wait_for(encoding.vectors(["one more"], urgent=False), 1)
        urgent = asking(encoding, "somebody waits", urgent=True)
        await asyncio.sleep(0.01)
        assert not urgent.done()
        model.held.set()
        await asyncio.gather(urgent, *waiting)
        assert await encoding.vectors(["one more"], urgent=False)


async def test_who_would_wait_too_long_hears_so_at_once() -> None:
    async with running(model := Model()) as encoding:
        await encoding.vectors(["how long a character takes"], urgent=False)
        model.held.clear()
        model.at_work.clear()
        running_now = asking(encoding, "running", urgent=True)
        await until(model.at_work.is_set)
        waiting = asking(encoding, "x" * 500, urgent=True)
        await asyncio.sleep(0.01)
        late = await asyncio.wait_for(encoding.encode(EncodeAsk(texts=("late",), urgent=True, seconds=1e-9)), 1)
        assert late.busy and not late.model
        behind = await asyncio.wait_for(encoding.encode(EncodeAsk(texts=("behind the urgent",), seconds=1e-9)), 1)
        assert behind.busy
        patient = asyncio.create_task(encoding.encode(EncodeAsk(texts=("patient",), urgent=True, seconds=600)))
        model.held.set()
        assert (await patient).model == "of the test"
        await asyncio.gather(running_now, waiting)


async def test_where_nothing_waits_it_is_tried_however_slow_it_was() -> None:
    async with running(Model()) as encoding:
        await encoding.vectors(["how long a character takes"], urgent=False)
        answer = await encoding.encode(EncodeAsk(texts=("alone",), urgent=True, seconds=1e-9))
    assert answer.model == "of the test" and not answer.busy


async def test_who_gave_up_is_not_worked_for() -> None:
    async with running(model := Model()) as encoding:
        model.held.clear()
        first = asking(encoding, "running")
        await until(model.at_work.is_set)
        gone = asking(encoding, "gave up")
        await asyncio.sleep(0.01)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        model.held.set()
        await first
        await encoding.vectors(["after"], urgent=False)
    assert model.batches == [["running"], ["after"]]


async def test_what_was_done_for_one_who_gave_up_serves_the_next() -> None:
    async with running(model := Model()) as encoding:
        model.held.clear()
        gone = asking(encoding, *(f"sentence {number}" for number in range(BATCH_TEXTS * 2)), urgent=True)
        await until(model.at_work.is_set)
        gone.cancel()
        model.held.set()
        await encoding.vectors(["something else"], urgent=False)
        await encoding.vectors([f"sentence {number}" for number in range(BATCH_TEXTS)], urgent=False)
    assert model.batches[1:] == [["something else"]]


async def test_what_was_encoded_before_is_not_encoded_again() -> None:
    async with running(model := Model()) as encoding:
        await encoding.vectors(["a", "b"], urgent=True)
        await encoding.vectors(["b", "c"], urgent=False)
    assert model.batches == [["a", "b"], ["c"]]


async def test_a_failure_is_an_error_for_those_it_concerns_and_no_end() -> None:
    async with running(model := Model()) as encoding:
        model.error = RuntimeError("no memory")
        failed = await asyncio.gather(asking(encoding, "a"), asking(encoding, "b"), return_exceptions=True)
        assert [str(error) for error in failed] == ["no memory"] * 2
        model.error = None
        assert await encoding.vectors(["a"], urgent=False)


async def test_without_a_model_there_is_an_answer_and_no_vectors() -> None:
    async with running(None) as encoding:
        answer = await encoding.encode(EncodeAsk(texts=("a",)))
    assert (answer.model, answer.dimensions, answer.vectors) == ("", 0, "")
