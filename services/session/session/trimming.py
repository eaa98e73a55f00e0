"""Keeps the event stream small. Postgres is the record and the stream its transport: what every durable has handled is
of no use there, and what none has handled for days is a fault that somebody has to mend."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from contracts.topology import EVENT_DAYS, EVENT_STREAM, HANDLERS, Consumer
from nats.js import JetStreamContext
from prometheus_client import Gauge
from runtime.backlog import oldest_waiting

log = structlog.get_logger()
EVERY = 60.0
TRIM_ABOVE = 64 * 1024**2
"""Bytes of the stream from which on it is trimmed: a few thousand turns, to look at after a fault."""
LATE = EVENT_DAYS * 86400 / 2
"""Seconds for which a message may wait before it is an alarm: half of what the stream keeps."""
OLDEST = Gauge(
    "parley_durable_oldest_seconds", "Age of the oldest message that a durable has not acknowledged.", ["durable"]
)


class Trimming:
    """Every replica does this; more than one does no harm."""

    def __init__(self, js: Callable[[], JetStreamContext], above: int = TRIM_ABOVE) -> None:
        self._js = js
        self._above = above

    async def run(self) -> None:
        """For ever."""
        while True:
            await self.round()
            await asyncio.sleep(EVERY)

    async def round(self) -> int:
        """Trim once, and look for what waits too long; the number of messages that were dropped."""
        js = self._js()
        # Before the consumers: whoever has nothing left then has handled at least all of this.
        state = (await js.stream_info(EVENT_STREAM)).state
        handled = state.last_seq
        for each in HANDLERS:
            info = await js.consumer_info(EVENT_STREAM, each.durable)
            if info.num_pending or info.num_ack_pending:
                floor = info.ack_floor.stream_seq if info.ack_floor else 0
                handled = min(handled, floor)
                await self._measure(each, floor)
            else:
                OLDEST.labels(each.durable).set(0)
        if state.bytes <= self._above or handled < state.first_seq:
            return 0
        await js.purge_stream(EVENT_STREAM, seq=handled + 1)
        dropped = handled + 1 - state.first_seq
        log.info("event stream trimmed", up_to=handled)
        return dropped

    async def _measure(self, consumer: Consumer, floor: int) -> None:
        oldest = await oldest_waiting(self._js(), consumer, floor)
        age = (datetime.now(UTC) - oldest.time).total_seconds() if oldest and oldest.time else 0.0
        OLDEST.labels(consumer.durable).set(age)
        if age > LATE:
            log.error(
                "messages wait for days, and are dropped after a week", durable=consumer.durable, seconds=int(age)
            )
