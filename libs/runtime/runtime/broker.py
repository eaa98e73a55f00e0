"""The one way to a NATS broker, and to the events and asks on it."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog
from contracts import Contract, Event, Payload, decode
from contracts.subjects import ask_subject
from contracts.topology import Consumer, consumer
from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.security import SASLPlaintext
from nats.js.api import ConsumerConfig
from opentelemetry.trace import TracerProvider

from runtime.consume import Delivery
from runtime.pull import ContinuousPull
from runtime.settings import RuntimeSettings
from runtime.spans import Spans
from runtime.telemetry import CONNECTED

log = structlog.get_logger()
Handler = Callable[[Any], Awaitable[None]]
Question = TypeVar("Question", bound=Contract)
Answer = TypeVar("Answer", bound=Contract)

ASK_WORKERS = 64
"""Asks of one kind that a replica answers at a time."""


def make_broker(
    service: str,
    settings: RuntimeSettings,
    *,
    tracer_provider: TracerProvider | None = None,
    on_fatal: Callable[[str], None] | None = None,
) -> NatsBroker:
    """A broker that reconnects for ever.

    `on_fatal` is called with a reason when going on makes no sense: the connection was closed for good, or
    the server refused a subject (which would otherwise only show as time-outs).
    """

    async def on_error(error: Exception) -> None:
        if "permissions violation" in str(error).lower() and on_fatal:
            on_fatal("the broker refused a subject to this service: permissions violation")
        log.warning("broker error", error=type(error).__name__)

    async def on_closed() -> None:
        CONNECTED.set(0)
        if on_fatal:
            on_fatal("the connection to the broker is closed")

    async def on_disconnected() -> None:
        CONNECTED.set(0)

    async def on_reconnected() -> None:
        CONNECTED.set(1)
        log.info("connected to the broker again")

    credentials = None
    if settings.nats_user:
        credentials = SASLPlaintext(username=settings.nats_user, password=settings.nats_password)
    tracing = [Spans(tracer_provider)] if tracer_provider else []
    return NatsBroker(
        [server.strip() for server in settings.nats_url.split(",")],
        name=f"parley-{service}",
        inbox_prefix=inbox_prefix(service),
        security=credentials,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.25,  # type: ignore[arg-type]  # seconds; nats-py takes fractions
        error_cb=on_error,
        closed_cb=on_closed,
        disconnected_cb=on_disconnected,
        reconnected_cb=on_reconnected,
        ack_policy=AckPolicy.MANUAL,  # the delivery middleware settles every message
        middlewares=[Delivery, *tracing],
        id_generator=_next_id,
        logger=None,
        apply_types=False,  # our decoder returns the typed event; a second validation costs more than the work
    )


def is_connected(broker: NatsBroker) -> bool:
    """Whether there is a connection to the broker at this moment."""
    return bool(broker.config.connection_state.connection.is_connected)


_ids = itertools.count(1)
_process = f"{os.getpid():x}-{time.time_ns():x}"


def _next_id() -> str:
    """FastStream's own message ids. Nothing of ours reads them, and a random one costs a system call."""
    return f"{_process}-{next(_ids)}"


def inbox_prefix(service: str) -> str:
    """Where answers to a service arrive: its own prefix, so that no other may listen there."""
    return f"_INBOX_{service}"


async def _decode_event(message: StreamMessage[Any]) -> Event[Payload]:
    return decode(message.body)


def bind(broker: NatsBroker, durable: str, handler: Handler, *, workers: int) -> None:
    """Handle the events of a durable consumer, `workers` at a time."""
    spec = consumer(durable)
    _subscribe(broker, spec, workers, decoder=_decode_event)(handler)


def bind_advisories(broker: NatsBroker, spec: Consumer, handler: Handler) -> None:
    """Handle the advisories of a sweeper's consumer, as dicts."""
    _subscribe(broker, spec, workers=2)(handler)


def _subscribe(broker: NatsBroker, spec: Consumer, workers: int, decoder: Any = None) -> Callable[[Handler], Any]:
    subscriber = broker.subscriber(
        stream=JStream(spec.stream, declare=False),
        durable=spec.durable,
        config=ConsumerConfig(filter_subjects=list(spec.filters)),
        pull_sub=PullSub(batch_size=1),
        max_workers=workers,
        decoder=decoder,
        title=spec.durable,
    )
    # FastStream has no door for another way of fetching; everything else about the subscriber stays its own.
    subscriber.__class__ = ContinuousPull
    return subscriber


def answer(
    broker: NatsBroker,
    service: str,
    question: str,
    request: type[Question],
    handler: Callable[[Question], Awaitable[Answer]],
) -> None:
    """Answer `ask.<service>.<question>`; replicas of the service share the asks."""

    async def decode_ask(message: StreamMessage[Any]) -> Question:
        return request.model_validate_json(message.body)

    async def reply(ask: Question) -> bytes:
        return (await handler(ask)).model_dump_json().encode()

    reply.__annotations__["ask"] = request
    subject, title = ask_subject(service, question), f"ask-{service}-{question}"
    broker.subscriber(subject, queue=service, max_workers=ASK_WORKERS, decoder=decode_ask, title=title)(reply)


async def ask(
    broker: NatsBroker, service: str, question: str, request: Contract, response: type[Answer], *, timeout: float = 5
) -> Answer:
    """The answer of a service, within `timeout` seconds.

    Raises nats.errors.TimeoutError, or NoRespondersError when no replica is there.
    """
    reply = await broker.request(request.model_dump_json().encode(), ask_subject(service, question), timeout=timeout)
    return response.model_validate_json(reply.body)
