"""Streams and consumers as data. The provisioner makes them so; services only bind to them."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.subjects import (
    DEAD,
    EVENTS,
    RETRY,
    checks_of,
    erased_subject,
    events_of_owner,
    events_of_type,
    max_deliveries_advisories,
    max_deliveries_advisory,
    retries_of,
)

EVENT_STREAM = "EVENTS"
DEAD_STREAM = "DEAD"
ADVISORY_STREAM = "ADVISORIES"
CHECK_STREAM = "CHECK"
ERASED_STREAM = "ERASED"
SWEEPER_SUFFIX = "-dead-letters"


@dataclass(frozen=True)
class Stream:
    """A JetStream stream on file storage, where tests of the broker write, too. Ages are in seconds; 0 keeps for ever.

    A `bounded` one has a limit in bytes, from the provisioner's settings, and refuses what is over it: it never drops a
    message that its durable has not acknowledged.
    """

    name: str
    subjects: tuple[str, ...]
    max_age: float = 0
    duplicate_window: float = 120
    bounded: bool = False


@dataclass(frozen=True)
class Consumer:
    """A durable pull consumer.

    `ack_wait` (seconds) is short, and handlers that take longer say so by a heartbeat: the message of a
    killed worker is back after `ack_wait`. `max_deliver` -1 is without limit. `hard_timeout` (seconds)
    ends a handler that hangs. `max_ack_pending` is for all replicas together: at least replicas x workers.
    """

    durable: str
    stream: str
    filters: tuple[str, ...]
    ack_wait: float
    max_deliver: int
    hard_timeout: float
    max_ack_pending: int = 1024


EVENT_DAYS = 7
"""Postgres is the record, the stream its transport: what nobody has handled for so long is a fault to be mended."""
STREAMS = (
    Stream(
        EVENT_STREAM, (f"{EVENTS}.>", f"{RETRY}.>", checks_of(EVENT_STREAM)), max_age=EVENT_DAYS * 86400, bounded=True
    ),
    Stream(DEAD_STREAM, (f"{DEAD}.>", checks_of(DEAD_STREAM))),
    Stream(ADVISORY_STREAM, (max_deliveries_advisories(),), max_age=7 * 86400),
    Stream(ERASED_STREAM, (erased_subject("*"),)),
    Stream(CHECK_STREAM, (checks_of(CHECK_STREAM),), duplicate_window=1),
)

_SESSION = Consumer(
    durable="session",
    stream=EVENT_STREAM,
    filters=(
        events_of_owner("gateway"),
        events_of_owner("interviewer"),
        events_of_owner("coach"),
        events_of_owner("speech"),
        retries_of("session"),
    ),
    ack_wait=5,
    max_deliver=-1,
    hard_timeout=30,
)
_INTERVIEWER = Consumer(
    durable="interviewer",
    stream=EVENT_STREAM,
    filters=(
        events_of_type("session.started.v1"),
        events_of_type("session.answer_recorded.v1"),
        events_of_type("session.rephrased.v1"),
        retries_of("interviewer"),
    ),
    ack_wait=4,
    max_deliver=5,
    hard_timeout=60,
)
_COACH = Consumer(
    durable="coach",
    stream=EVENT_STREAM,
    filters=(
        events_of_type("session.answer_recorded.v1"),
        events_of_type("session.corrected.v1"),
        events_of_type("session.retried.v1"),
        events_of_type("session.report_due.v1"),
        retries_of("coach"),
    ),
    ack_wait=4,
    max_deliver=5,
    hard_timeout=90,
)
_DOCUMENTS = Consumer(
    durable="documents",
    stream=EVENT_STREAM,
    filters=(events_of_type("gateway.document_uploaded.v1"), retries_of("documents")),
    ack_wait=10,
    max_deliver=-1,
    hard_timeout=150,
)


def sweeper(consumer: Consumer) -> Consumer:
    """The consumer of the server's advisories that messages of `consumer` used up their deliveries."""
    return Consumer(
        durable=consumer.durable + SWEEPER_SUFFIX,
        stream=ADVISORY_STREAM,
        filters=(max_deliveries_advisory(consumer.stream, consumer.durable),),
        ack_wait=30,
        max_deliver=-1,
        hard_timeout=30,
    )


_SPEECH = Consumer(
    durable="speech",
    stream=EVENT_STREAM,
    filters=(
        events_of_type("session.audio_received.v1"),
        events_of_type("gateway.recording_uploaded.v1"),
        retries_of("speech"),
    ),
    ack_wait=5,
    max_deliver=5,
    hard_timeout=600,
)
_GATEWAY = Consumer(
    durable="gateway",
    stream=EVENT_STREAM,
    filters=(events_of_owner("speech"), retries_of("gateway")),
    ack_wait=5,
    max_deliver=-1,
    hard_timeout=30,
)
HANDLERS = (_SESSION, _INTERVIEWER, _COACH, _DOCUMENTS, _SPEECH, _GATEWAY)
CONSUMERS = (*HANDLERS, *(sweeper(consumer) for consumer in HANDLERS))


_by_name = {each.durable: each for each in CONSUMERS}


def consumer(durable: str) -> Consumer:
    """The consumer of that name. Raises KeyError."""
    return _by_name[durable]
