"""What our extensions rely on in FastStream: an upgrade that changes it, or makes one unnecessary, fails here.

How messages are fetched and settled on a real broker is tested in `servers/test_delivery.py`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import nats
import pytest
from contracts.session.asks import Outcome, OutcomeAsk
from contracts.topology import consumer
from faststream.exceptions import IncorrectState
from faststream.message import StreamMessage
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.nats.subscriber.usecases import ConcurrentPullStreamSubscriber
from faststream.specification import AsyncAPI
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig
from runtime.broker import answer, ask, bind, connection_of, is_connected, jetstream_of, make_broker
from runtime.faststream_extensions import (
    ContinuousPull,
    connection_state,
    continuous_subscriber,
    described_as,
    undecoded,
)
from runtime.settings import RuntimeSettings

NAME = "interviewer"
Handle = Callable[[Any], Awaitable[Any]]


@dataclass
class Connection:
    """The part of a NATS client that a subscriber uses."""

    is_connected: bool = True
    published: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    callbacks: dict[str, Handle] = field(default_factory=dict)

    def jetstream(self, **_: Any) -> str:
        return "JetStream"

    def new_inbox(self) -> str:
        return "_INBOX_interviewer.1"

    async def subscribe(self, subject: str, *, cb: Handle, **_: Any) -> Any:
        async def unsubscribe() -> None:
            del self.callbacks[subject]

        self.callbacks[subject] = cb
        return SimpleNamespace(unsubscribe=unsubscribe)

    async def publish(self, subject: str, payload: bytes = b"", reply: str = "", **_: Any) -> None:
        self.published.append((subject, json.loads(payload or b"null")))

    async def drain(self) -> None:
        self.is_connected = False


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Connection:
    """Whom brokers of this test connect to."""
    connection = Connection()

    async def connect(**_: Any) -> Connection:
        return connection

    monkeypatch.setattr(nats, "connect", connect)
    return connection


@asynccontextmanager
async def started(broker: NatsBroker) -> AsyncIterator[None]:
    await broker.start()
    try:
        yield
    finally:
        await broker.stop()


def a_broker() -> NatsBroker:
    return make_broker(NAME, RuntimeSettings(), graceful_timeout=0.1)


def ours(broker: NatsBroker, *, workers: int = 2, **options: Any) -> ContinuousPull:
    options |= {"stream": JStream("EVENTS", declare=False), "durable": NAME}
    return continuous_subscriber(broker, workers=workers, config=ConsumerConfig(filter_subjects=["evt.>"]), **options)


def message(connection: Connection, data: bytes = b"{}", headers: dict[str, str] | None = None) -> Msg:
    return Msg(_client=connection, subject="evt.x", reply="", data=data, headers=headers)


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


# --- fetching ---


def test_what_ours_extends_is_still_what_a_durable_with_workers_gets() -> None:
    options: dict[str, Any] = {"stream": JStream("EVENTS", declare=False), "durable": NAME, "pull_sub": PullSub()}
    assert type(a_broker().subscriber("evt.x", max_workers=2, **options)) is ConcurrentPullStreamSubscriber
    assert not hasattr(a_broker().subscriber("evt.x", max_workers=1, **options), "max_workers")
    broker = a_broker()
    bind(broker, NAME, undecoded, workers=2)
    assert type(broker.subscribers[-1]) is ContinuousPull


def test_another_kind_of_subscriber_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = a_broker()
    monkeypatch.setattr(broker, "subscriber", lambda **_: object())
    with pytest.raises(TypeError, match="cannot change how a object fetches"):
        ours(broker)


def test_the_methods_that_ours_replaces_are_still_called_so() -> None:
    for name in ("_create_subscription", "stop"):
        assert name in vars(ContinuousPull) and callable(getattr(ConcurrentPullStreamSubscriber, name))


@pytest.mark.parametrize("workers", [1, 2, 4])
async def test_as_many_messages_are_asked_for_as_there_are_free_workers(connection: Connection, workers: int) -> None:
    broker, release = a_broker(), asyncio.Event()
    handled: list[Any] = []

    async def handle(body: Any) -> None:
        handled.append(body)
        await release.wait()

    subscriber = ours(broker, workers=workers, decoder=undecoded)
    subscriber(handle)
    async with started(broker):
        await turns()
        [inbox] = connection.callbacks
        [(subject, wanted)] = connection.published
        assert subject == f"$JS.API.CONSUMER.MSG.NEXT.EVENTS.{NAME}" and wanted["batch"] == workers
        for _ in range(workers):
            await connection.callbacks[inbox](message(connection))
        await turns(20)
        assert len(handled) == workers and len(connection.published) == 1, "nobody is free"
        release.set()
        await turns(20)
        assert sum(each["batch"] for _, each in connection.published[1:]) == workers
    assert connection.callbacks == {} and not subscriber.running


async def test_a_handler_that_fails_is_nobodys_business_but_the_middlewares(connection: Connection) -> None:
    """FastStream drops the error: `Delivery` and `answer` have to deal with it before."""
    broker = a_broker()

    async def fail(_: Any) -> None:
        raise RuntimeError

    subscriber = ours(broker, decoder=undecoded)
    subscriber(fail)
    async with started(broker):
        assert await subscriber.consume(message(connection)) is None


# --- the connection ---


def test_before_the_first_connection_it_says_so_and_we_say_that_it_may_pass() -> None:
    broker = a_broker()
    for name in ("connection", "stream"):
        with pytest.raises(IncorrectState):
            getattr(connection_state(broker), name)
    for reach in (connection_of, jetstream_of):
        with pytest.raises(ConnectionError, match="no connection to the broker yet"):
            reach(broker)
    assert not is_connected(broker)


async def test_a_question_before_the_first_connection_may_pass_too() -> None:
    with pytest.raises(ConnectionError, match="no connection to the broker yet"):
        await ask(a_broker(), "session", "outcome", OutcomeAsk(session_id=uuid4()), Outcome)


async def test_the_connection_is_found_once_it_is_made(connection: Connection) -> None:
    broker = a_broker()
    async with started(broker):
        assert connection_of(broker) is connection and jetstream_of(broker) == "JetStream" and is_connected(broker)


# --- decoding and describing ---


async def test_what_cannot_be_decoded_is_dropped_without_a_word_and_what_is_undecoded_is_not(
    connection: Connection,
) -> None:
    got: list[Any] = []

    async def decode(_: Any) -> None:
        raise ValueError

    async def handle(body: Any) -> None:
        got.append(body)

    for decoder in (decode, undecoded):
        broker = a_broker()
        subscriber = ours(broker, decoder=decoder)
        subscriber(handle)
        async with started(broker):
            await subscriber.consume(message(connection, b"\xff"))
    [seen] = got
    assert isinstance(seen, StreamMessage) and seen.body == b"\xff"


def test_asyncapi_shows_the_type_of_a_question() -> None:
    async def reply(message: Any) -> None: ...

    assert described_as(reply, OutcomeAsk) is reply

    async def handler(_: OutcomeAsk) -> Outcome:
        return Outcome()

    broker = a_broker()
    answer(broker, "session", "outcome", OutcomeAsk, handler)
    described = json.dumps(AsyncAPI(broker).to_specification().to_jsonable())
    assert "OutcomeAsk" in described and consumer(NAME).durable not in described
