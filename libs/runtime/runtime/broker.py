"""The one way to a NATS broker, and to the events and asks on it."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import asyncpg
import nats
import nats.errors
import structlog
from contracts import Contract, Event, Payload, decode
from contracts.subjects import ask_subject
from contracts.topology import Consumer, consumer
from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.nats import JStream, NatsBroker, NatsResponse
from faststream.security import SASLPlaintext
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig
from opentelemetry.trace import TracerProvider
from pydantic import ValidationError

from runtime.consume import Delivery
from runtime.errors import AskFailed, AskUnavailable
from runtime.faststream_extensions import (
    connection_state,
    continuous_subscriber,
    described_as,
    unconnected_is_away,
    undecoded,
)
from runtime.settings import RuntimeSettings
from runtime.spans import Spans
from runtime.telemetry import ASKED, CONNECTED, DEAD_LETTERS, REQUEST_HEADER, bind_request, failure, request_headers

log = structlog.get_logger()
Handler = Callable[[Any], Awaitable[None]]
Question = TypeVar("Question", bound=Contract)
Answer = TypeVar("Answer", bound=Contract)

ASK_WORKERS = 64
"""Asks of one kind that a replica answers at a time."""
ASK_SECONDS = 5.0
MAX_ANSWER_BYTES = 1_000_000
"""A little under NATS's default limit of 1 MiB, headers aside."""
_SAY_EVERY = 30.0
"""Seconds between two lines about the same trouble with the broker."""
_TO_AN_INBOX = 'publish to "_inbox_'
"""In the server's words for an answer that it refused."""
ERROR_HEADER = "Parley-Error"
UNAVAILABLE_CODE = "unavailable"
TIMEOUT_HEADER = "Parley-Timeout"
"""Seconds that the asker waits."""
UNAVAILABLE = (
    OSError,
    nats.errors.Error,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # it is shutting down, or starting
    asyncpg.InsufficientResourcesError,  # no connections or no disk left
)
"""Errors that pass by themselves: something that we need is away (OSError covers TimeoutError and ConnectionError)."""


def make_broker(
    service: str,
    settings: RuntimeSettings,
    *,
    tracer_provider: TracerProvider | None = None,
    on_fatal: Callable[[str], None] | None = None,
    graceful_timeout: float = 15.0,
) -> NatsBroker:
    """A broker that reconnects for ever. Handlers get `graceful_timeout` seconds to end when it is stopped.

    `on_fatal` is called with a reason when going on makes no sense: the connection was closed for good, or
    the server refused a subject (which would otherwise only show as time-outs). A refused answer is no reason: whoever
    asked before the broker was restarted may not be answered after it.
    """

    said = -_SAY_EVERY

    async def on_error(error: Exception) -> None:
        nonlocal said
        said_by_server = str(error).lower()
        if "permissions violation" in said_by_server and _TO_AN_INBOX not in said_by_server and on_fatal:
            on_fatal("the broker refused a subject to this service: permissions violation")
        # While the broker is away, each attempt to reach it is an error: four a second.
        if time.monotonic() - said >= _SAY_EVERY:
            said = time.monotonic()
            log.warning("broker error", **failure(error))

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
        # A connection that went away without a word (a lost host, a cut cable) is noticed within 30 s.
        ping_interval=10,
        max_outstanding_pings=2,
        graceful_timeout=graceful_timeout,
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


async def connect(settings: RuntimeSettings, service: str) -> Client:
    """A plain connection with a service's login, for its commands. Raises what nats-py does."""
    login = {"user": settings.nats_user, "password": settings.nats_password} if settings.nats_user else {}
    return await nats.connect(settings.nats_url.split(","), inbox_prefix=inbox_prefix(service).encode(), **login)


def connection_of(broker: NatsBroker) -> Client:
    """The connection itself. Raises ConnectionError before the first one is made."""
    with unconnected_is_away():
        return connection_state(broker).connection


def jetstream_of(broker: NatsBroker) -> JetStreamContext:
    """JetStream on that connection. Raises ConnectionError as above."""
    with unconnected_is_away():
        return connection_state(broker).stream


def is_connected(broker: NatsBroker) -> bool:
    """Whether there is a connection to the broker at this moment."""
    try:
        return bool(connection_of(broker).is_connected)
    except ConnectionError:
        return False


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
    DEAD_LETTERS.labels(durable)  # from 0 on: an alarm on its increase would not see the first one
    _subscribe(broker, spec, workers, decoder=_decode_event)(handler)


def bind_advisories(broker: NatsBroker, spec: Consumer, handler: Handler) -> None:
    """Handle the advisories of a sweeper's consumer, as dicts."""
    _subscribe(broker, spec, workers=2)(handler)


def _subscribe(broker: NatsBroker, spec: Consumer, workers: int, decoder: Any = None) -> Callable[[Handler], Any]:
    return continuous_subscriber(
        broker,
        workers=workers,
        stream=JStream(spec.stream, declare=False),
        durable=spec.durable,
        config=ConsumerConfig(filter_subjects=list(spec.filters)),
        decoder=decoder,
        title=spec.durable,
    )


def answer(
    broker: NatsBroker,
    service: str,
    question: str,
    request: type[Question],
    handler: Callable[[Question], Awaitable[Answer]],
) -> None:
    """Answer `ask.<service>.<question>`; replicas of the service share the asks.

    A handler that fails is logged and counted, and whoever asks gets an error code at once. It gets no more time than
    the asker waits.
    """

    subject, title = ask_subject(service, question), f"ask-{service}-{question}"

    async def reply(message: StreamMessage[Any]) -> NatsResponse:
        began, headers = time.perf_counter(), message.headers
        bind_request(str(headers.get(REQUEST_HEADER, "")))
        try:
            async with asyncio.timeout(float(headers.get(TIMEOUT_HEADER, ASK_SECONDS))):
                body = (await handler(request.model_validate_json(message.body))).model_dump_json().encode()
            if len(body) > MAX_ANSWER_BYTES:
                raise AskFailed("too_large")
            response, result = NatsResponse(body), "ok"
        except Exception as error:
            result = _code_of(error)
            log.warning("ask failed", subject=subject, code=result, **failure(error))
            response = NatsResponse(b"", headers={ERROR_HEADER: result})
        ASKED.labels(subject, result).observe(time.perf_counter() - began)
        return response

    ASKED.labels(subject, "ok")
    subscriber = broker.subscriber(subject, queue=service, max_workers=ASK_WORKERS, decoder=undecoded, title=title)
    subscriber(described_as(reply, request))


def answer_if(
    broker: NatsBroker,
    service: str,
    question: str,
    request: type[Question],
    handler: Callable[[Question], Awaitable[Answer | None]],
) -> None:
    """Answer `ask.<service>.<question>`, which every replica hears, unless there is nothing to say: then keep silent.
    Whoever asks gets the first answer."""

    subject, title = ask_subject(service, question), f"ask-{service}-{question}"

    async def reply(message: StreamMessage[Any]) -> None:
        bind_request(str(message.headers.get(REQUEST_HEADER, "")))
        try:
            said = await handler(request.model_validate_json(message.body))
        except Exception as error:
            result = _code_of(error)
            log.warning("ask failed", subject=subject, code=result, **failure(error))
            return
        if said is not None:
            await message.raw_message.respond(said.model_dump_json().encode())

    subscriber = broker.subscriber(subject, no_reply=True, max_workers=ASK_WORKERS, decoder=undecoded, title=title)
    subscriber(described_as(reply, request))


def _code_of(error: Exception) -> str:
    if isinstance(error, AskFailed):
        return error.code
    if isinstance(error, ValidationError):
        return "bad_request"
    return UNAVAILABLE_CODE if passes_by_itself(error) else "failed"


def passes_by_itself(error: BaseException | None) -> bool:
    """Whether an error, or one behind it, says that something we need is away for now."""
    while error is not None:
        if isinstance(error, UNAVAILABLE):
            return True
        error = error.__cause__
    return False


async def ask(
    broker: NatsBroker,
    service: str,
    question: str,
    request: Contract,
    response: type[Answer],
    *,
    timeout: float = ASK_SECONDS,
) -> Answer:
    """The answer of a service, within `timeout` seconds.

    Raises nats.errors.TimeoutError, NoRespondersError when no replica is there, AskFailed when one could not answer.
    """
    headers = {**request_headers(), TIMEOUT_HEADER: f"{timeout:g}"}
    body = request.model_dump_json().encode()
    with unconnected_is_away():
        reply = await broker.request(body, ask_subject(service, question), timeout=timeout, headers=headers)
    code = reply.headers.get(ERROR_HEADER)
    if code:
        raise AskUnavailable(code) if code == UNAVAILABLE_CODE else AskFailed(str(code))
    return response.model_validate_json(reply.body)
