"""An endpoint on one's own machine works on one call at a time; replies do not wait behind judgements."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from devkit.fake_openai import Hang, OpenAIServer, Reply
from models.call import RECALLS
from models.slots import Slots
from pydantic import BaseModel

ASK = [{"role": "user", "content": "What next?"}]


class Move(BaseModel):
    text: str


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


async def test_feedback_gives_way_to_a_reply_and_begins_again(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply("Done.", first_delay=0.2)
    models = make_models(server)
    server.enqueue(Hang())
    feedback = asyncio.create_task(models.chain("coach").text(ASK, budget=20))
    await asyncio.sleep(0.1)
    assert (await models.chain("interviewer").text(ASK, budget=2)).attempts == 1
    judged = await feedback
    assert (judged.value, judged.attempts, judged.usage.prompt_tokens > 0) == ("Done.", 1, True)
    assert server.received[0].left.is_set() and len(server.received) == 3


async def test_but_not_for_ever(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply("Done.", first_delay=0.3)
    models = make_models(server)
    feedback = asyncio.create_task(models.chain("coach").text(ASK, budget=20))
    replies = 0
    while not feedback.done():
        await asyncio.sleep(0.1)
        await models.chain("interviewer").text(ASK, budget=5)
        replies += 1
    assert replies == RECALLS + 1


async def test_a_reply_does_not_give_way(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply("Done.", first_delay=0.2)
    models = make_models(server)
    calls = [asyncio.create_task(models.chain(role).text(ASK, budget=5)) for role in ("small", "interviewer")]
    await asyncio.gather(*calls)
    assert len(server.received) == 2


async def test_a_report_waits_behind_feedback(server: OpenAIServer, make_models: Any) -> None:
    server.default = Reply('{"text": "Done."}', first_delay=0.1)
    models, ended = make_models(server), list[str]()

    async def call(name: str, role: str, *, later: bool = False) -> None:
        await models.chain(role).structured(ASK, Move, budget=10, later=later)
        ended.append(name)

    reply = asyncio.create_task(call("reply", "interviewer"))
    await asyncio.sleep(0.02)
    waiting = [call("document", "documents"), call("report", "coach", later=True), call("feedback", "coach")]
    await asyncio.gather(reply, *waiting)
    assert ended == ["reply", "feedback", "report", "document"]


async def test_elsewhere_nobody_waits() -> None:
    slots = Slots("main", None)
    async with slots.taken("coach", 0.01), slots.taken("coach", 0.01):
        assert await is_free(slots)
