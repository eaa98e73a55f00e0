"""What happens to sessions and documents, as it happens: one subscription per subject and process, shared by its
listeners."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import UUID, uuid4

import nats.errors
from contracts.subjects import events_of_subject, live_subject
from faststream.nats import NatsBroker
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from runtime.broker import connection_of

SESSION = "session"
DOCUMENTS = "documents"
QUEUE_LIMIT = 1000
"""Messages that a slow listener may lag behind; it then loses some, and sees the gap in the versions."""

ECHO_SECONDS = 5.0
"""After which a claim that did not come back counts as lost."""

Queue = asyncio.Queue[Msg]


class _Channel:
    """One subscription, and who hears it."""

    def __init__(self) -> None:
        self.listeners: set[Queue] = set()
        self.subscription: asyncio.Task[Subscription] | None = None


class Subscriptions:
    """Events over plain NATS: a short cut that may miss some, never the source of truth."""

    def __init__(self, broker: NatsBroker) -> None:
        self._broker = broker
        self._channels: dict[str, _Channel] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def events(self, session_id: UUID) -> AbstractAsyncContextManager[Queue]:
        """The session's own events. Nothing published after entering is missed while connected."""
        return self._listen(events_of_subject(session_id, SESSION), asyncio.Queue(QUEUE_LIMIT))

    @asynccontextmanager
    async def everything(self, session_id: UUID) -> AsyncIterator[Queue]:
        """The session's own events and the pieces of replies that are being written, in the order of arrival."""
        queue: Queue = asyncio.Queue(QUEUE_LIMIT)
        events, drafts = events_of_subject(session_id, SESSION), live_subject(session_id, "reply")
        async with self._listen(drafts, queue), self._listen(events, queue):
            yield queue

    def outcome(self, document_id: UUID) -> AbstractAsyncContextManager[Queue]:
        """How the reading of a document ended."""
        return self._listen(events_of_subject(document_id, DOCUMENTS), asyncio.Queue(QUEUE_LIMIT))

    @asynccontextmanager
    async def progress(self, document_id: UUID) -> AsyncIterator[Queue]:
        """How far the reading of a document is, and how it ended."""
        queue: Queue = asyncio.Queue(QUEUE_LIMIT)
        ends, steps = events_of_subject(document_id, DOCUMENTS), live_subject(document_id, "progress")
        async with self._listen(steps, queue), self._listen(ends, queue):
            yield queue

    @asynccontextmanager
    async def takes_over(self, session_id: UUID, what: str) -> AsyncIterator[asyncio.Event]:
        """Be the one who has `what` of a session, wherever else it is open; the event is set when somebody later is.

        Everybody hears the claims in the order in which they reach the broker, their own too, so that of two at once
        exactly one stays. No clock is read: those of two gateways differ.
        """
        mine = uuid4().bytes
        subject = live_subject(session_id, f"{what}-holder")
        echoed, taken_over = asyncio.Event(), asyncio.Event()
        queue: Queue = asyncio.Queue(QUEUE_LIMIT)

        async def claim() -> None:
            await self._broker.publish(mine, live_subject(session_id, f"{what}-holder"))

        async def watch() -> None:
            await _until_echoed(queue, mine, claim)
            echoed.set()
            while (await queue.get()).data == mine:
                pass
            taken_over.set()

        async with self._listen(subject, queue):
            await claim()
            watching = asyncio.create_task(watch())
            try:
                with contextlib.suppress(TimeoutError):  # once the broker has it, whoever comes now is later
                    await asyncio.wait_for(echoed.wait(), ECHO_SECONDS)
                yield taken_over
            finally:
                watching.cancel()

    @asynccontextmanager
    async def _listen(self, subject: str, queue: Queue) -> AsyncIterator[Queue]:
        channel = self._channels.setdefault(subject, _Channel())
        channel.listeners.add(queue)
        if channel.subscription is None:
            channel.subscription = asyncio.ensure_future(self._subscribe(subject, channel))
        try:
            await asyncio.shield(channel.subscription)
            yield queue
        finally:
            channel.listeners.discard(queue)
            if not channel.listeners:
                self._forget(subject, channel)
                await self._unsubscribe(channel.subscription)

    async def _subscribe(self, subject: str, channel: _Channel) -> Subscription:
        async def deliver(message: Msg) -> None:
            for queue in channel.listeners:
                if not queue.full():
                    queue.put_nowait(message)

        try:
            # Commands of one connection are processed in order: what we publish next comes after this.
            subscription = await connection_of(self._broker).subscribe(subject, cb=deliver)
        except BaseException:
            self._forget(subject, channel)  # the next listener tries again
            raise
        return subscription

    def _forget(self, subject: str, channel: _Channel) -> None:
        """Whoever comes from now on opens a channel of their own."""
        if self._channels.get(subject) is channel:
            del self._channels[subject]

    async def _unsubscribe(self, subscribing: asyncio.Task[Subscription]) -> None:
        """End a subscription; when it is still being made, as soon as it is, for the listener may be cancelled."""
        if subscribing.done():
            await _end(subscribing)
            return
        closing = asyncio.ensure_future(_end(subscribing))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)


async def _until_echoed(queue: Queue, mine: bytes, claim: Callable[[], Awaitable[None]]) -> None:
    """Wait for one's own claim, past those from before it; one that was lost with a connection is made again."""
    while True:
        with contextlib.suppress(TimeoutError, nats.errors.Error):
            async with asyncio.timeout(ECHO_SECONDS):
                while (await queue.get()).data != mine:
                    pass
                return
        with contextlib.suppress(nats.errors.Error, OSError):
            await claim()


async def _end(subscribing: asyncio.Task[Subscription]) -> None:
    with contextlib.suppress(Exception):  # there is none, or the connection is gone, and the subscription with it
        await (await subscribing).unsubscribe()
