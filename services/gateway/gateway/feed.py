"""What happens in a session, as it happens: one subscription per session and process, shared by its listeners."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import UUID

from contracts.subjects import events_of_subject, live_subject
from faststream.nats import NatsBroker
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

SESSION = "session"
QUEUE_LIMIT = 1000
"""Messages that a slow listener may lag behind; it then loses some, and sees the gap in the versions."""


class Feed:
    """Events of sessions over plain NATS: a short cut that may miss some, never the source of truth."""

    def __init__(self, broker: NatsBroker) -> None:
        self._broker = broker
        self._listeners: dict[str, set[asyncio.Queue[Msg]]] = {}
        self._subscriptions: dict[str, asyncio.Task[Subscription]] = {}

    def events(self, session_id: UUID) -> AbstractAsyncContextManager[asyncio.Queue[Msg]]:
        """The session's own events. Nothing published after entering is missed while connected."""
        return self._listen(events_of_subject(session_id, SESSION))

    def reply_deltas(self, session_id: UUID) -> AbstractAsyncContextManager[asyncio.Queue[Msg]]:
        """Pieces of the interviewer's reply while it is being written."""
        return self._listen(live_subject(session_id, "reply"))

    @asynccontextmanager
    async def _listen(self, subject: str) -> AsyncIterator[asyncio.Queue[Msg]]:
        queue: asyncio.Queue[Msg] = asyncio.Queue(QUEUE_LIMIT)
        listeners = self._listeners.setdefault(subject, set())
        listeners.add(queue)
        try:
            if subject not in self._subscriptions:
                self._subscriptions[subject] = asyncio.ensure_future(self._subscribe(subject))
            await asyncio.shield(self._subscriptions[subject])
            yield queue
        finally:
            listeners.discard(queue)
            if not listeners:
                await self._unsubscribe(subject)

    async def _subscribe(self, subject: str) -> Subscription:
        async def deliver(message: Msg) -> None:
            for queue in self._listeners.get(subject, ()):
                if not queue.full():
                    queue.put_nowait(message)

        # Commands of one connection are processed in order: what we publish next comes after this.
        connection = self._broker.config.connection_state.connection
        subscription: Subscription = await connection.subscribe(subject, cb=deliver)
        return subscription

    async def _unsubscribe(self, subject: str) -> None:
        self._listeners.pop(subject, None)
        pending = self._subscriptions.pop(subject, None)
        if pending is None:
            return
        subscription = await pending
        if not self._broker.config.connection_state.connection.is_closed:
            await subscription.unsubscribe()
