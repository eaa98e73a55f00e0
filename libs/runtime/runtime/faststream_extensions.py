"""What FastStream lacks for us, and everything of ours that reaches around it or into it.

Missing in FastStream 0.7:

- fetching that keeps free workers busy. Its pull subscriber asks the broker for one message, waits for it, and asks
  again, which is a third of the cost of a small message; asked for more, it waits until they are all there.
  `ContinuousPull` keeps as many messages asked for as it has free workers: nothing is fetched that cannot be begun at
  once, so no `ack_wait` is spent in a queue. A broker makes no subscribers of other classes: `continuous_subscriber`.
- the connection behind a broker, by a public name: `connection_state`;
- an error for "not connected yet" that says that it may pass: `unconnected_is_away`;
- a word about a message that cannot be decoded, which it drops: `undecoded` leaves decoding to the handler;
- the type of a message that a handler decodes by itself, for AsyncAPI: `described_as`.

`tests/test_faststream_extensions.py` pins what is relied on here. What FastStream learns to do leaves this module.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from faststream.exceptions import IncorrectState
from faststream.message import StreamMessage
from faststream.nats import NatsBroker, PullSub
from faststream.nats.broker.state import BrokerState
from faststream.nats.subscriber.usecases import ConcurrentPullStreamSubscriber
from nats.aio.msg import Msg

from runtime.tasks import end

EXPIRES = 2.5
"""Seconds for which the broker keeps a request: also about how long a consumer may sleep after it was restarted."""
WATCH = 0.5
"""Seconds between two looks at whether the broker still remembers what we asked for."""
_STATUS, _UNFILLED = "Status", "Nats-Pending-Messages"
_EXPIRED = "408"
Handler = TypeVar("Handler", bound=Callable[..., Any])


def connection_state(broker: NatsBroker) -> BrokerState:
    """Holds `connection` and, for JetStream, `stream`; either raises IncorrectState before the first is made."""
    state: BrokerState = broker.config.connection_state
    return state


@contextmanager
def unconnected_is_away() -> Iterator[None]:
    """Raises ConnectionError where FastStream says that it has not been connected yet."""
    try:
        yield
    except IncorrectState:
        raise ConnectionError("there is no connection to the broker yet") from None


async def undecoded(message: StreamMessage[Any]) -> StreamMessage[Any]:
    """A decoder that decodes nothing: the handler does, and gets the message."""
    return message


def described_as(handler: Handler, model: type) -> Handler:
    """The handler, whose messages AsyncAPI shows as `model`."""
    handler.__annotations__["message"] = model
    return handler


def continuous_subscriber(broker: NatsBroker, *, workers: int, **options: Any) -> ContinuousPull:
    """A pull subscriber that fetches in our way, for `workers` messages at a time; everything else about it, and the
    other options, are FastStream's."""
    # For one worker it takes a class without workers.
    subscriber = broker.subscriber(pull_sub=PullSub(batch_size=1), max_workers=max(2, workers), **options)
    if type(subscriber) is not ConcurrentPullStreamSubscriber:
        raise TypeError(f"cannot change how a {type(subscriber).__name__} fetches")
    subscriber.__class__ = ContinuousPull
    assert isinstance(subscriber, ContinuousPull)
    subscriber.max_workers = workers
    return subscriber


class ContinuousPull(ConcurrentPullStreamSubscriber):
    """A FastStream subscriber in all but how it fetches."""

    _unanswered: float | None = None

    @property
    def silent_seconds(self) -> float:
        """Seconds since the broker was asked for messages and has said nothing at all."""
        return 0.0 if self._unanswered is None else asyncio.get_running_loop().time() - self._unanswered

    @property
    def _handling(self) -> set[asyncio.Task[Any]]:
        """The messages that are being handled; a subscriber made from FastStream's has no `__init__` of ours."""
        tasks: set[asyncio.Task[Any]] = self.__dict__.setdefault("_busy", set())
        return tasks

    async def _create_subscription(self) -> None:
        if self.subscription:
            return
        self._client = self.connection
        self._asked = 0
        self._heard = asyncio.get_running_loop().time()
        self._inbox = self._client.new_inbox()
        # FastStream unsubscribes it when it stops: the broker then keeps what it would have sent there.
        self.subscription = await self._client.subscribe(self._inbox, cb=self._on_message, pending_bytes_limit=-1)  # type: ignore[assignment]
        self.add_task(self._watch)

    async def stop(self) -> None:
        """Take no more; let the handlers end, within the broker's grace; hand back what is left."""
        self.running = False
        if self.subscription is not None:  # first, or what is handed back would come here again
            await self.subscription.unsubscribe()
            self.subscription = None
        await super().stop()
        await end(tuple(self._handling))

    async def _on_message(self, message: Msg) -> None:
        self._heard, self._unanswered = asyncio.get_running_loop().time(), None
        status = (message.headers or {}).get(_STATUS) if not message.data else None
        if status is not None:
            self._on_status(status, message)
        elif self.running:
            self._asked -= 1
            task = asyncio.create_task(self.consume(message))
            self._handling.add(task)
            task.add_done_callback(self._on_done)
        else:
            await message.nak()
        if status in (None, _EXPIRED):
            await self._ask()

    def _on_status(self, status: str, message: Msg) -> None:
        """A request has ended: by time, or because the durable is gone. The watch asks again after the latter."""
        unfilled = int((message.headers or {}).get(_UNFILLED, 0))
        self._asked = max(0, self._asked - unfilled) if status == _EXPIRED else 0

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._handling.discard(task)
        if self._asked == 0 and self.running:
            asking = asyncio.ensure_future(self._ask())
            asking.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _ask(self) -> None:
        """Ask for as many as there are free workers, when half of those have nothing asked for."""
        free = self.max_workers - len(self._handling)
        if free > 0 and self._asked * 2 <= free and self.running:
            wanted = free - self._asked
            self._asked += wanted
            if self._unanswered is None:
                self._unanswered = asyncio.get_running_loop().time()
            subject = f"$JS.API.CONSUMER.MSG.NEXT.{self.stream.name}.{self.extra_options['durable']}"
            request = {"batch": wanted, "expires": int(EXPIRES * 1e9)}
            await self._client.publish(subject, json.dumps(request).encode(), reply=self._inbox)

    async def _watch(self) -> None:
        """The broker answers each request, if only with a time-out. Silence means that it forgot: ask again."""
        while True:
            silent = asyncio.get_running_loop().time() - self._heard
            if silent > EXPIRES + WATCH:
                self._asked = 0
            if self._asked == 0 and self._client.is_connected:
                self._heard = asyncio.get_running_loop().time()
                await self._ask()
            await asyncio.sleep(WATCH)
