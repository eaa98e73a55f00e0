"""What a durable consumer still has to handle, for an operator."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from contracts.topology import Consumer
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo, RawStreamMsg
from nats.js.errors import NotFoundError

from runtime.consume import TYPE_HEADER


@dataclass(frozen=True)
class Backlog:
    """`pending` were never delivered; `in_flight` are being handled or wait to be delivered again, and `redelivered` of
    them have been before: a message of an unknown version is, for ever. `oldest_seconds` and `oldest_type` are those of
    the oldest that is not acknowledged. `ahead`: nothing new reaches it; `parley provision` mends that."""

    durable: str
    pending: int = 0
    in_flight: int = 0
    redelivered: int = 0
    oldest_seconds: float = 0.0
    oldest_type: str = ""
    ahead: bool = False

    @classmethod
    async def of(cls, js: JetStreamContext, consumer: Consumer) -> Backlog:
        """As the broker has it now. Raises NotFoundError for a durable that is not there."""
        info = await js.consumer_info(consumer.stream, consumer.durable)
        last = (await js.stream_info(consumer.stream)).state.last_seq
        found = cls(
            consumer.durable,
            info.num_pending or 0,
            info.num_ack_pending or 0,
            info.num_redelivered or 0,
            ahead=past_the_end(info, last),
        )
        if not found.pending and not found.in_flight:
            return found
        oldest = await oldest_waiting(js, consumer, info.ack_floor.stream_seq if info.ack_floor else 0)
        if oldest is None or oldest.time is None:
            return found
        age = round((datetime.now(UTC) - oldest.time).total_seconds(), 1)
        kind = (oldest.headers or {}).get(TYPE_HEADER, "unknown")
        return replace(found, oldest_seconds=age, oldest_type=kind)

    def describe(self) -> str:
        """One line, without what was said."""
        return json.dumps(asdict(self))


def past_the_end(info: ConsumerInfo, last: int) -> bool:
    """Whether a consumer has been delivered more than its stream has: the stream lost its end."""
    return info.delivered is not None and info.delivered.stream_seq > last


async def oldest_waiting(js: JetStreamContext, consumer: Consumer, floor: int) -> RawStreamMsg | None:
    """The first message for a consumer after the last one below which it acknowledged everything."""
    found: RawStreamMsg | None = None
    for subject in consumer.filters:
        try:
            message = await js.get_msg(consumer.stream, seq=floor + 1, subject=subject, next=True)
        except NotFoundError:
            continue
        if found is None or (message.seq or 0) < (found.seq or 0):
            found = message
    return found
