"""Delivery of durable messages: heartbeat, hard timeout, retry with delay, and the first dead-letter net.

Every durable message is settled here and nowhere else, so that a handler is only its work.
"""

from __future__ import annotations

import asyncio
import random
import time
from types import TracebackType
from typing import Any

import structlog
from contracts import UnknownEvent
from contracts.topology import Consumer, consumer
from faststream import BaseMiddleware
from faststream.exceptions import SubscriberNotFound
from faststream.message import StreamMessage
from nats.aio.msg import Msg

from runtime import deadletters
from runtime.errors import HandBack, Permanent
from runtime.telemetry import DEAD_LETTERS, HANDLED, REQUEST_HEADER, bind_request, failure

log = structlog.get_logger()
TYPE_HEADER = "Parley-Type"
RETRY_DELAYS = (0.2, 1.0, 3.0, 8.0, 15.0)
"""Seconds before the second, third ... delivery; the last one repeats. Each with up to half of it added,
so that messages that failed together do not come back together."""
_HANDED_BACK_SAID = frozenset({3, 30, 300, 3000, 30000})
"""Deliveries of a message that nobody may handle at which that is worth a line: one of a newer version waits for a
deployment, and comes back every quarter of a minute until then."""
JETSTREAM_REPLY = "$JS.ACK."


def retry_delay(deliveries: int) -> float:
    """Seconds to wait after the delivery with that number failed (1 for the first)."""
    delay = RETRY_DELAYS[min(deliveries, len(RETRY_DELAYS)) - 1]
    return delay * (1 + random.random() / 2)


class Delivery(BaseMiddleware[Any, Any]):
    """Broker middleware around each durable message; other messages pass through."""

    __slots__ = ("_beat", "_spec", "_started")

    _spec: Consumer | None
    _beat: asyncio.TimerHandle | None

    async def on_receive(self) -> None:
        self._spec = self._beat = None
        if isinstance(self.msg, Msg) and self.msg.reply.startswith(JETSTREAM_REPLY):
            self._spec = consumer(self.msg.metadata.consumer)
            bind_request((self.msg.headers or {}).get(REQUEST_HEADER, ""))
            self._started = time.perf_counter()
            self._schedule_beat(self._spec.ack_wait / 3)

    def _schedule_beat(self, interval: float) -> None:
        self._beat = asyncio.get_running_loop().call_later(interval, self._say_in_progress, interval)

    def _say_in_progress(self, interval: float) -> None:
        # A timer, not a task per message: nearly all messages are done before it fires.
        beat = asyncio.ensure_future(self.msg.in_progress())
        beat.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._schedule_beat(interval)

    async def consume_scope(self, call_next: Any, msg: StreamMessage[Any]) -> Any:
        if self._spec is None:
            return await call_next(msg)
        async with asyncio.timeout(self._spec.hard_timeout):
            return await call_next(msg)

    async def after_processed(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> bool | None:
        if self._spec is None:
            return False
        if self._beat:
            self._beat.cancel()
        try:
            result = await self._settle(self._spec, exc_val)
        except Exception as error:
            # Neither acknowledged nor given up: it is delivered again when ack_wait has passed.
            result = "unsettled"
            log.warning("message not settled", durable=self._spec.durable, **failure(error))
        kind = (self.msg.headers or {}).get(TYPE_HEADER, "unknown")
        HANDLED.labels(self._spec.durable, kind, result).observe(time.perf_counter() - self._started)
        return not isinstance(exc_val, asyncio.CancelledError)

    async def _settle(self, spec: Consumer, error: BaseException | None) -> str:
        if error is None:
            await self.msg.ack()
            return "done"
        if isinstance(error, asyncio.CancelledError):
            await self.msg.nak()
            return "handed back"
        deliveries = self.msg.metadata.num_delivered
        if isinstance(error, HandBack | UnknownEvent):
            if deliveries in _HANDED_BACK_SAID:
                log.warning("handed back", **self._about(spec, deliveries), **failure(error))
            await self.msg.nak(delay=retry_delay(deliveries))
            return "handed back"
        hopeless = isinstance(error, Permanent | ValueError | SubscriberNotFound)
        if hopeless or (spec.max_deliver > 0 and deliveries >= spec.max_deliver):
            await self._give_up(spec, error, deliveries)
            return "dead"
        log.warning("trying again", **self._about(spec, deliveries), **failure(error))
        await self.msg.nak(delay=retry_delay(deliveries))
        return "retried"

    async def _give_up(self, spec: Consumer, error: BaseException, deliveries: int) -> None:
        log.error("dead letter", **self._about(spec, deliveries), **failure(error))
        entry = deadletters.from_message(self.msg, spec, reason=type(error).__name__)
        await deadletters.store(self.msg._client.jetstream(), entry)
        DEAD_LETTERS.labels(spec.durable).inc()
        await self.msg.ack()

    def _about(self, spec: Consumer, deliveries: int) -> dict[str, Any]:
        kind = (self.msg.headers or {}).get(TYPE_HEADER, "unknown")
        return {"durable": spec.durable, "type": kind, "deliveries": deliveries}
