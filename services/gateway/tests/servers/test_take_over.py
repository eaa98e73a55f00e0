"""Which of two gateways has a chat is told by the broker, and by no clock."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from gateway.bus import subscriptions as subscriptions_module
from gateway.bus.subscriptions import Subscriptions
from runtime.broker import make_broker
from runtime.settings import RuntimeSettings


@asynccontextmanager
async def gateway(url: str) -> AsyncIterator[Subscriptions]:
    """Subscriptions on a connection of its own."""
    broker = make_broker("gateway", RuntimeSettings(nats_url=url))
    await broker.start()
    try:
        yield Subscriptions(broker)
    finally:
        await broker.stop()


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at a clock shows an earlier time, as when the one who comes later is on a machine that is behind."""
    readings = iter(range(2_000_000_000_000_000_000, 0, -1_000_000_000))
    monkeypatch.setattr(time, "time_ns", lambda: next(readings))


async def is_set(event: asyncio.Event, seconds: float = 10) -> bool:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


@pytest.mark.usefixtures("clocks")
@pytest.mark.parametrize("gateways", [1, 2])
async def test_who_comes_later_has_it_whatever_the_clocks_say(nats_url: str, gateways: int) -> None:
    session_id = uuid4()
    async with gateway(nats_url) as here, gateway(nats_url) as elsewhere, here.takes_over(session_id, "chat") as first:
        later = elsewhere if gateways == 2 else here
        async with later.takes_over(session_id, "chat") as second:
            assert await is_set(first)
            assert not await is_set(second, 0.3)
        async with here.takes_over(uuid4(), "chat") as another:
            assert not await is_set(another, 0.3)


@pytest.mark.usefixtures("clocks")
async def test_of_many_at_once_exactly_one_stays(nats_url: str) -> None:
    session_id, done = uuid4(), asyncio.Event()
    async with gateway(nats_url) as here, gateway(nats_url) as elsewhere:
        outcomes = [
            asyncio.create_task(_hold(subscriptions, session_id, done)) for subscriptions in [here, elsewhere] * 4
        ]
        yielded = asyncio.as_completed(outcomes, timeout=20)
        assert [await next(yielded) for _ in outcomes[1:]] == ["yielded"] * (len(outcomes) - 1)
        await asyncio.sleep(0.3)
        done.set()
        assert sorted(await asyncio.gather(*outcomes)) == ["stayed", *["yielded"] * (len(outcomes) - 1)]


async def _hold(subscriptions: Subscriptions, session_id: UUID, done: asyncio.Event) -> str:
    async with subscriptions.takes_over(session_id, "chat") as taken_over:
        waiting = [asyncio.create_task(each.wait()) for each in (taken_over, done)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        return "yielded" if taken_over.is_set() else "stayed"


async def test_a_claim_that_was_lost_is_made_again(nats_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions_module, "ECHO_SECONDS", 0.2)
    session_id = uuid4()
    async with gateway(nats_url) as here, gateway(nats_url) as elsewhere, here.takes_over(session_id, "chat") as first:
        publish, lost = elsewhere._broker.publish, [True]

        async def losing(*arguments: object, **more: object) -> object:
            return None if lost and lost.pop() else await publish(*arguments, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(elsewhere._broker, "publish", losing)
        async with elsewhere.takes_over(session_id, "chat") as second:
            assert await is_set(first)
            assert not second.is_set()
