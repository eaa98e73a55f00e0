"""Dead letters: messages that were given up, kept with what is needed to replay them to the durable that failed.

Two nets write them: the delivery middleware at the last attempt, and the sweeper on the server's
advisories, for handlers that take their process down with them. Both write the same entry id, so a message
that falls into both is kept once.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import structlog
from contracts.subjects import dead_subject, retry_subject, subject_id_of
from contracts.topology import DEAD_STREAM, EVENT_STREAM, Consumer
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import Header, RawStreamMsg
from nats.js.errors import NotFoundError

from runtime.telemetry import DEAD_LETTERS

log = structlog.get_logger()

REASON = "Parley-Dead-Reason"
ATTEMPTS = "Parley-Dead-Attempts"
ORIGIN = "Parley-Dead-Origin"
DURABLE = "Parley-Dead-Durable"
MAX_DELIVERIES = "MaxDeliveries"


@dataclass(frozen=True)
class DeadLetter:
    """One message that `durable` gave up after `attempts` deliveries, for `reason` (an error's name).

    `sequence` is its place among the dead letters, 0 before it is stored; `origin` is where it stood.
    """

    durable: str
    subject: str
    origin: str
    reason: str
    attempts: int
    headers: dict[str, str]
    body: bytes
    sequence: int = 0

    @property
    def subject_id(self) -> str:
        """The session or document that the message is about."""
        return subject_id_of(self.subject)


def from_message(msg: Msg, spec: Consumer, *, reason: str) -> DeadLetter:
    """The entry for a message that is being handled."""
    place = msg.metadata
    origin = f"{place.stream}:{place.sequence.stream}:{spec.durable}"
    return DeadLetter(spec.durable, msg.subject, origin, reason, place.num_delivered, dict(msg.headers or {}), msg.data)


async def store(js: JetStreamContext, letter: DeadLetter) -> None:
    """Keep a dead letter; the same one twice is kept once."""
    headers = {
        key: value for key, value in letter.headers.items() if key not in {Header.MSG_ID, Header.EXPECTED_STREAM}
    }
    headers |= {
        Header.MSG_ID: letter.origin,
        REASON: letter.reason,
        ATTEMPTS: str(letter.attempts),
        ORIGIN: f"{letter.subject} {letter.origin}",
        DURABLE: letter.durable,
    }
    await js.publish(
        dead_subject(letter.durable, letter.subject_id), letter.body, stream=DEAD_STREAM, headers=headers, timeout=5
    )


def _parse(raw: RawStreamMsg) -> DeadLetter:
    headers = dict(raw.headers or {})
    subject, origin = headers.pop(ORIGIN).split(" ", 1)
    headers.pop(Header.MSG_ID, None)
    return DeadLetter(
        durable=headers.pop(DURABLE),
        subject=subject,
        origin=origin,
        reason=headers.pop(REASON),
        attempts=int(headers.pop(ATTEMPTS)),
        headers=headers,
        body=raw.data or b"",
        sequence=raw.seq or 0,
    )


async def messages(js: JetStreamContext, stream: str, filter_subject: str) -> AsyncIterator[RawStreamMsg]:
    """All stored messages of a stream that match a filter, oldest first."""
    sequence = 0
    while True:
        try:
            raw = await js.get_msg(stream, seq=sequence + 1, subject=filter_subject, next=True)
        except NotFoundError:
            return
        sequence = raw.seq or 0
        yield raw


async def letters(js: JetStreamContext, durable: str = "*") -> AsyncIterator[DeadLetter]:
    """The dead letters of one durable, or of all."""
    async for raw in messages(js, DEAD_STREAM, dead_subject(durable, "*")):
        yield _parse(raw)


async def replay(js: JetStreamContext, letter: DeadLetter) -> None:
    """Give a stored dead letter back to the durable that failed, and to no other; then forget it."""
    headers = {key: value for key, value in letter.headers.items() if key != Header.EXPECTED_STREAM}
    # A new id each time: the message may fail, be stored and be replayed again within the duplicate window.
    headers[Header.MSG_ID] = f"{letter.origin}:replay:{uuid4()}"
    subject = retry_subject(letter.durable, letter.subject_id)
    await js.publish(subject, letter.body, stream=EVENT_STREAM, headers=headers, timeout=5)
    await forget(js, letter)


async def forget(js: JetStreamContext, letter: DeadLetter) -> None:
    """Delete a stored dead letter."""
    await js.delete_msg(DEAD_STREAM, letter.sequence)


async def sweep(js: JetStreamContext, spec: Consumer, advisory: dict[str, Any]) -> None:
    """Keep what an advisory says was delivered too often; what is gone or was erased needs no keeping."""
    try:
        raw = await js.get_msg(advisory["stream"], seq=advisory["stream_seq"])
    except NotFoundError:
        return
    log.error("dead letter", durable=spec.durable, error=MAX_DELIVERIES, deliveries=advisory["deliveries"])
    origin = f"{advisory['stream']}:{advisory['stream_seq']}:{spec.durable}"
    letter = DeadLetter(
        spec.durable,
        raw.subject or "",
        origin,
        MAX_DELIVERIES,
        advisory["deliveries"],
        dict(raw.headers or {}),
        raw.data or b"",
    )
    await store(js, letter)
    DEAD_LETTERS.labels(spec.durable).inc()


def describe(letter: DeadLetter) -> str:
    """One line for an operator, without what was said."""
    kind = letter.headers.get("Parley-Type", "unknown")
    return json.dumps(
        {
            "sequence": letter.sequence,
            "durable": letter.durable,
            "type": kind,
            "reason": letter.reason,
            "attempts": letter.attempts,
            "origin": letter.origin,
        }
    )
