"""What happens in a session, in order and without gaps: what was missed from the history, then what comes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Protocol
from uuid import UUID

from contracts import Event, Payload, decode
from contracts.interviewer.live import ReplyDelta
from contracts.session.asks import History
from contracts.session.events import Completed, Erased, FeedbackRecorded
from contracts.subjects import live_subject
from nats.aio.msg import Msg

from gateway.bus.commands import Caller
from gateway.bus.subscriptions import Queue, Subscriptions


class Histories(Protocol):
    """Where what was missed is read."""

    async def history(self, caller: Caller, session_id: UUID, after: int) -> History:
        """Events after a stream version."""


class SessionStream:
    """One listener. `after` is the version that it has seen; `silence` is in seconds, and may change meanwhile.

    `withheld`: feedback is not to be shown before the end.
    """

    def __init__(
        self,
        subscriptions: Subscriptions,
        histories: Histories,
        caller: Caller,
        session_id: UUID,
        after: int,
        silence: float | Callable[[], float],
        *,
        withheld: bool = False,
    ) -> None:
        self._subscriptions = subscriptions
        self._histories = histories
        self._caller = caller
        self._session_id = session_id
        self._seen = after
        self._silence = silence if callable(silence) else lambda: silence
        self._withheld = withheld
        self._gone = False

    async def items(self) -> AsyncIterator[Event[Payload] | ReplyDelta | None]:
        """Events and pieces of replies, until the session is gone; None after each silence. Raises what the broker
        raises when it cannot be reached."""
        async with self._subscriptions.everything(self._session_id) as queue:
            async for event in self._catch_up():
                yield event
            while not self._gone:
                message = await self._next(queue)
                if message is None:  # whatever was missed: nothing that comes later may show the gap
                    async for event in self._catch_up():
                        yield event
                    yield None
                elif message.subject == live_subject(self._session_id, "reply"):
                    with contextlib.suppress(ValueError):  # what matters only now may be lost
                        yield ReplyDelta.model_validate_json(message.data)
                else:
                    async for event in self._in_order(decode(message.data)):
                        yield event

    def withholds(self, event: Event[Payload]) -> bool:
        """Whether an event is not to be shown yet."""
        return self._withheld and isinstance(event.data, FeedbackRecorded)

    async def _next(self, queue: Queue) -> Msg | None:
        try:
            async with asyncio.timeout(self._silence()):
                return await queue.get()
        except TimeoutError:
            return None

    async def _in_order(self, event: Event[Payload]) -> AsyncIterator[Event[Payload]]:
        version = event.stream_version
        if version is None:
            self._gone = isinstance(event.data, Erased)
            yield event
        elif version > self._seen + 1:
            async for missed in self._catch_up():
                yield missed
        elif version == self._seen + 1:
            yield self._take(event)

    async def _catch_up(self) -> AsyncIterator[Event[Payload]]:
        more = True
        while more:
            history = await self._histories.history(self._caller, self._session_id, self._seen)
            more, self._gone = history.more, not history.found
            for event in history.events:
                yield self._take(event)

    def _take(self, event: Event[Payload]) -> Event[Payload]:
        self._seen = event.stream_version or self._seen
        if isinstance(event.data, Completed):
            self._withheld = False
        return event
