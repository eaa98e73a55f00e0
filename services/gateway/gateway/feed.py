"""What happens to sessions and documents, as it happens: one subscription per subject and process, shared by its
listeners."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import UUID, uuid4

from contracts.subjects import events_of_subject, live_subject
from faststream.nats import NatsBroker
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from runtime.broker import connection_of

SESSION = "session"
DOCUMENTS = "documents"
QUEUE_LIMIT = 1000
"""Messages that a slow listener may lag behind; it then loses some, and sees the gap in the versions."""

Queue = asyncio.Queue[Msg]


class _Channel:
    """One subscription, and who hears it."""

    def __init__(self) -> None:
        self.listeners: set[Queue] = set()
        self.subscription: asyncio.Task[Subscription] | None = None


class Feed:
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

        Who comes later is told by the clocks of the gateways, so that of two at once exactly one stays.
        """
        mine = f"{time.time_ns():020}-{uuid4()}"
        subject, taken_over = live_subject(session_id, f"{what}-holder"), asyncio.Event()
        queue: Queue = asyncio.Queue(QUEUE_LIMIT)
        async with self._listen(subject, queue):
            watching = asyncio.create_task(_set_when_later(queue, mine, taken_over))
            try:
                await self._broker.publish(mine.encode(), live_subject(session_id, f"{what}-holder"))
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


async def _set_when_later(queue: Queue, mine: str, taken_over: asyncio.Event) -> None:
    while (await queue.get()).data.decode() <= mine:
        pass
    taken_over.set()


async def _end(subscribing: asyncio.Task[Subscription]) -> None:
    with contextlib.suppress(Exception):  # there is none, or the connection is gone, and the subscription with it
        await (await subscribing).unsubscribe()
