"""One subscription per subject, shared by its listeners and gone with the last of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import permutations
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from contracts.subjects import event_subject, live_subject, matches
from gateway.bus import subscriptions as subscriptions_module
from gateway.bus.subscriptions import Subscriptions
from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError


@dataclass
class Subscription:
    subject: str
    deliver: Callable[[Msg], Awaitable[None]]
    connection: Connection

    async def unsubscribe(self) -> None:
        self.connection.open.remove(self)


@dataclass
class Connection:
    """A broker in memory. `failures` subscriptions fail; while `slow` is clear, subscribing takes its time."""

    open: list[Subscription] = field(default_factory=list)
    made: int = 0
    failures: int = 0
    slow: asyncio.Event = field(default_factory=asyncio.Event)

    async def subscribe(self, subject: str, cb: Callable[[Msg], Awaitable[None]]) -> Subscription:
        self.made += 1
        await self.slow.wait()
        if self.failures:
            self.failures -= 1
            raise ConnectionClosedError
        subscription = Subscription(subject, cb, self)
        self.open.append(subscription)
        return subscription

    async def say(self, subject: str, data: str = "") -> None:
        for subscription in list(self.open):
            if matches(subscription.subject, subject):
                await subscription.deliver(Msg(None, subject=subject, data=data.encode()))  # type: ignore[arg-type]


SESSION_ID = uuid4()


def asked(session_id: UUID = SESSION_ID) -> str:
    return event_subject("session.question_asked.v1", session_id)


@pytest.fixture
def connection() -> Connection:
    connection = Connection()
    connection.slow.set()
    return connection


@pytest.fixture
def subscriptions(connection: Connection) -> Subscriptions:
    broker = SimpleNamespace(config=SimpleNamespace(connection_state=SimpleNamespace(connection=connection)))
    return Subscriptions(broker)  # type: ignore[arg-type]


@dataclass
class Listener:
    """Listens in a task of its own until it is told to leave."""

    subscriptions: Subscriptions
    everything: bool = False
    heard: list[str] = field(default_factory=list)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    async def come(self, *, wait: bool = True) -> Listener:
        self.task = asyncio.create_task(self._listen())
        if wait:
            await self.ready.wait()
        return self

    async def leave(self) -> None:
        assert self.task is not None
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def _listen(self) -> None:
        listening = self.subscriptions.everything if self.everything else self.subscriptions.events
        async with listening(SESSION_ID) as queue:
            self.ready.set()
            while True:
                self.heard.append((await queue.get()).data.decode())


async def turns(count: int = 5) -> None:
    """Let other tasks run."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_listener_hears_its_session_and_no_other(subscriptions: Subscriptions, connection: Connection) -> None:
    listener = await Listener(subscriptions).come()
    await connection.say(asked(), "mine")
    await connection.say(asked(uuid4()), "another's")
    await connection.say(event_subject("gateway.user_message.v1", SESSION_ID), "not recorded yet")
    await turns()
    assert listener.heard == ["mine"]
    await listener.leave()


async def test_two_listeners_share_a_subscription(subscriptions: Subscriptions, connection: Connection) -> None:
    listeners = [await Listener(subscriptions).come() for _ in range(2)]
    assert connection.made == 1
    await connection.say(asked(), "once")
    await turns()
    assert [listener.heard for listener in listeners] == [["once"], ["once"]]
    for listener in listeners:
        await listener.leave()


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_the_last_to_leave_closes_it_whoever_that_is(
    subscriptions: Subscriptions, connection: Connection, order: tuple[int, ...]
) -> None:
    listeners = [await Listener(subscriptions).come() for _ in range(3)]
    for left, number in enumerate(order, start=1):
        await listeners[number].leave()
        assert len(connection.open) == (left < 3)
        await connection.say(asked(), f"after {left}")
        await turns()
    assert [len(listeners[number].heard) for number in order] == [0, 1, 2]


async def test_an_error_of_the_listener_closes_it_too(subscriptions: Subscriptions, connection: Connection) -> None:
    async def fail() -> None:
        async with subscriptions.everything(SESSION_ID):
            assert len(connection.open) == 2
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert connection.open == []


async def test_who_comes_after_the_last_left_hears_again(subscriptions: Subscriptions, connection: Connection) -> None:
    for number in range(3):
        listener = await Listener(subscriptions).come()
        await connection.say(asked(), f"time {number}")
        await turns()
        assert listener.heard == [f"time {number}"]
        await listener.leave()
    assert connection.made == 3 and connection.open == []


async def test_a_failure_is_everybodys_who_waited_and_nobodys_after(
    subscriptions: Subscriptions, connection: Connection
) -> None:
    connection.failures = 1
    connection.slow.clear()
    waiting = [await Listener(subscriptions).come(wait=False) for _ in range(2)]
    await turns()
    connection.slow.set()
    outcomes = await asyncio.gather(*(each.task for each in waiting if each.task), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ConnectionClosedError, ConnectionClosedError]
    listener = await Listener(subscriptions).come()
    await connection.say(asked(), "heard")
    await turns()
    assert listener.heard == ["heard"]
    await listener.leave()
    assert connection.open == []


async def test_who_comes_right_after_a_failure_tries_again(
    subscriptions: Subscriptions, connection: Connection
) -> None:
    connection.failures = 1
    connection.slow.clear()
    first = await Listener(subscriptions).come(wait=False)
    await turns()
    connection.slow.set()
    await asyncio.sleep(0)  # it failed, and the first listener does not know yet
    second = await Listener(subscriptions).come(wait=False)
    await turns(20)
    assert first.task and isinstance(first.task.exception(), ConnectionClosedError)
    await second.ready.wait()
    await second.leave()
    assert connection.open == []


async def test_who_leaves_while_it_is_being_made_leaves_nothing(
    subscriptions: Subscriptions, connection: Connection
) -> None:
    connection.slow.clear()
    listener = await Listener(subscriptions).come(wait=False)
    await turns()
    await listener.leave()
    connection.slow.set()
    await turns(10)
    assert connection.made == 1 and connection.open == []


async def test_who_stays_while_another_leaves_early_still_hears(
    subscriptions: Subscriptions, connection: Connection
) -> None:
    connection.slow.clear()
    hasty, patient = [await Listener(subscriptions).come(wait=False) for _ in range(2)]
    await turns()
    await hasty.leave()
    connection.slow.set()
    await patient.ready.wait()
    await connection.say(asked(), "heard")
    await turns()
    assert patient.heard == ["heard"] and connection.made == 1
    await patient.leave()


async def test_who_comes_while_it_is_being_closed_hears_nothing_twice(
    subscriptions: Subscriptions, connection: Connection
) -> None:
    first = await Listener(subscriptions).come()
    old = connection.open[0]
    closing = asyncio.Event()

    async def slow_unsubscribe() -> None:
        await closing.wait()
        connection.open.remove(old)

    old.unsubscribe = slow_unsubscribe  # type: ignore[method-assign]
    leaving = asyncio.create_task(first.leave())
    await turns()
    second = await Listener(subscriptions).come()
    await connection.say(asked(), "once")
    await turns()
    assert second.heard == ["once"]
    closing.set()
    await leaving
    await connection.say(asked(), "still")
    await turns()
    assert second.heard == ["once", "still"]
    await second.leave()
    assert connection.open == []


async def test_drafts_and_events_come_in_the_order_of_arrival(
    subscriptions: Subscriptions, connection: Connection
) -> None:
    listener = await Listener(subscriptions, everything=True).come()
    for number in range(5):
        await connection.say(live_subject(SESSION_ID, "reply"), f"draft {number}")
    await connection.say(asked(), "the reply")
    await connection.say(live_subject(SESSION_ID, "reply"), "the next draft")
    await turns()
    assert listener.heard == [*(f"draft {number}" for number in range(5)), "the reply", "the next draft"]
    await listener.leave()
    assert connection.open == []


async def test_a_slow_listener_loses_messages_and_holds_up_nobody(
    subscriptions: Subscriptions, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriptions_module, "QUEUE_LIMIT", 3)
    quick = await Listener(subscriptions).come()
    async with subscriptions.events(SESSION_ID) as slow:
        for number in range(5):
            await connection.say(asked(), str(number))
            await turns()
        assert slow.qsize() == 3
    assert quick.heard == ["0", "1", "2", "3", "4"]
    await quick.leave()


async def test_a_connection_that_is_gone_is_no_error_of_who_leaves(
    subscriptions: Subscriptions, connection: Connection
) -> None:
    async def gone(self: Subscription) -> None:
        raise ConnectionClosedError

    listener = await Listener(subscriptions).come()
    connection.open[0].unsubscribe = lambda: gone(connection.open[0])  # type: ignore[method-assign]
    await listener.leave()
    assert listener.task and listener.task.cancelled()
