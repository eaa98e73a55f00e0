"""What a process knows about its own health.

Every part is tested in the background, and probes only read the last results: a probe does no I/O, so that it can
neither hang nor harm what it looks at. A test is never abandoned. It counts as failed while it takes too long, and the
next one begins when it has ended.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

import structlog
from contracts.subjects import check_subject
from contracts.topology import CHECK_STREAM, EVENT_STREAM, consumer
from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import Header, StreamInfo
from prometheus_client import Gauge

from runtime.broker import connection_of
from runtime.faststream_extensions import ContinuousPull
from runtime.telemetry import exposition, failure

log = structlog.get_logger()
Check = Callable[[], Awaitable[None]]
"""Raises when what it checks is not there or does not work; `Unhealthy` says in words why."""
EVERY = 2.5
"""Seconds between two tests of a part. With `TIMEOUT` it bounds how long a stall goes unnoticed: 4.5 s."""
SOON = 0.25
"""Seconds until a part that failed is tested again, so that health follows a recovery closely."""
TIMEOUT = 2.0
"""Seconds after which a test that has not ended counts as failed."""
_STALE = EVERY + TIMEOUT + 1.0
"""A result that is older says nothing: this process itself was stopped, or its tests are."""
REQUEST_SECONDS = 3.0
"""Until a test asks the broker again. Giving up a request is harmless, unlike a flush, whose late answer ends the read
loop of nats-py 2.16. Longer than `TIMEOUT`: the answer to a late test still counts."""
SILENT_PULL = 10.0
"""Seconds without a sign of the broker after which a consumer is deaf: it answers every request within 2.5."""
_UNTESTED = "not tested yet"
ORDINARY_BYTES = 5000
"""More than the block of a file system: a smaller message can fit into the last one of a full disk."""
LARGEST_MESSAGE = 1024**2
"""Bytes that a stream must have left: a smaller rest refuses some messages and takes others."""

UP = Gauge("parley_part_up", "1 while a part of this process passes its test.", ["part"])
DURABLE_PENDING = Gauge("parley_durable_pending", "Messages that wait for a durable consumer.", ["durable"])
DURABLE_IN_FLIGHT = Gauge("parley_durable_in_flight", "Messages that a durable consumer is handling.", ["durable"])
STREAM_BYTES = Gauge("parley_stream_bytes", "Bytes that a stream holds.", ["stream"])
STREAM_LIMIT = Gauge("parley_stream_limit_bytes", "Bytes that a stream may hold; infinite without a limit.", ["stream"])


class Unhealthy(Exception):
    """A part does not work; the message says why, and holds nothing personal."""


class _Part:
    """The last results of one test."""

    def __init__(self, name: str, check: Check) -> None:
        self.name = name
        self.check = check
        self.result = _UNTESTED
        self.began: float | None = None
        self.ended: float | None = None

    def now(self, time: float) -> str:
        """`ok`, or what is wrong, at a time of the event loop's clock in seconds."""
        if self.began is not None and time - self.began > TIMEOUT:
            return f"no answer for {time - self.began:.0f} s"
        if self.ended is not None and time - self.ended > _STALE:
            return "not tested lately"
        return self.result

    async def test(self) -> None:
        """Test once, and log where the result is another than before."""
        clock, before, about = asyncio.get_running_loop().time, self.result, dict[str, str]()
        self.began = clock()
        try:
            await self.check()
            result = "ok"
        except Unhealthy as error:
            result = str(error)
        except Exception as error:
            result, about = type(error).__name__, failure(error)
        self.result, self.began, self.ended = result, None, clock()
        UP.labels(self.name).set(result == "ok")
        if before == "ok" != result:
            log.warning("a part failed its test", part=self.name, result=result, **about)
        elif result == "ok" != before and before != _UNTESTED:
            log.info("a part passes its test", part=self.name)


class Monitor:
    """Tests parts in the background. `essential` are those without which this process cannot do its work; the others
    are shown and change nothing."""

    def __init__(self, checks: Mapping[str, Check], *, essential: Callable[[str], bool] = lambda _: True) -> None:
        self._parts = [_Part(name, check) for name, check in checks.items()]
        self._essential = essential
        self.draining = False
        """Set once the process is about to stop: it is not ready any more."""

    def results(self) -> dict[str, str]:
        """Each part's name with `ok` or what is wrong."""
        now = asyncio.get_running_loop().time()
        return {part.name: part.now(now) for part in self._parts}

    @property
    def works(self) -> bool:
        """Whether every essential part passed its last test."""
        return all(result == "ok" for name, result in self.results().items() if self._essential(name))

    def fails(self, names: Collection[str]) -> bool:
        """Whether one of these parts failed its last test."""
        results = self.results()
        return any(results[name] not in ("ok", _UNTESTED) for name in names if name in results)

    @property
    def ready(self) -> bool:
        """Whether this process can do its part now."""
        return self.works and not self.draining

    async def run(self) -> None:
        """Test for ever."""
        async with asyncio.TaskGroup() as group:
            for part in self._parts:
                group.create_task(self._watch(part))

    async def _watch(self, part: _Part) -> None:
        while True:
            await part.test()
            await asyncio.sleep(EVERY if part.result == "ok" else SOON)


async def store_test_message(js: JetStreamContext, stream: str, process: str, *, size: int = 0) -> None:
    """Store a message in place of the last one of this process. Raises what nats-py raises when it is not stored."""
    headers = {Header.ROLLUP.value: "sub"}
    subject = check_subject(stream, process)
    await js.publish(subject, bytes(size), stream=stream, timeout=REQUEST_SECONDS, headers=headers)


class BrokerChecks:
    """Tests of the broker, as one service's user may make them."""

    def __init__(self, broker: NatsBroker, service: str, on_fatal: Callable[[str], None]) -> None:
        self._broker = broker
        self._service = service
        self._on_fatal = on_fatal

    def all(self, durables: tuple[str, ...]) -> dict[str, Check]:
        """By name: the broker itself, its event stream, the delivery to this process, and each durable."""
        checks: dict[str, Check] = {"broker": self.broker, "events": self.events}
        if durables:
            checks["delivery"] = self.delivery
        return checks | {f"durable {name}": self._durable(name) for name in durables}

    async def broker(self) -> None:
        """It stores a message: a connection alone says nothing of a full disk or of a read loop that has ended."""
        connection = self._connected()
        reading = connection._reading_task
        if reading is not None and reading.done():
            # nats-py stays "connected" then, and hears nothing any more. Only a new connection helps.
            self._on_fatal("the connection to the broker is deaf: its read loop has ended")
        await store_test_message(self._js(), CHECK_STREAM, self._service)

    async def events(self) -> None:
        """The event stream is there and has room: else a turn is refused before any work."""
        info = await self._stream(EVENT_STREAM)
        STREAM_BYTES.labels(EVENT_STREAM).set(info.state.bytes)
        limit = info.config.max_bytes or -1
        STREAM_LIMIT.labels(EVENT_STREAM).set(limit if limit > 0 else float("inf"))
        if limit > 0 and info.state.bytes > limit - LARGEST_MESSAGE:
            raise Unhealthy("the event stream is full")

    async def accepts_events(self) -> None:
        """The event stream itself stores a message of an ordinary size. After a full disk nats-server 2.15 refuses
        every write to a stream that failed once, and to no other."""
        await self.events()
        await store_test_message(self._js(), EVENT_STREAM, self._service, size=ORDINARY_BYTES)

    async def delivery(self) -> None:
        """Every consumer of this process hears from the broker."""
        for subscriber in self._broker.subscribers:
            if isinstance(subscriber, ContinuousPull) and subscriber.silent_seconds > SILENT_PULL:
                raise Unhealthy("nothing is delivered")

    def _durable(self, durable: str) -> Check:
        spec = consumer(durable)

        async def check() -> None:
            info = await self._js().consumer_info(spec.stream, durable)
            DURABLE_PENDING.labels(durable).set(info.num_pending or 0)
            DURABLE_IN_FLIGHT.labels(durable).set(info.num_ack_pending or 0)
            delivered = info.delivered.stream_seq if info.delivered else 0
            # A stream that lost its end goes on at a lower number: nothing new would reach this consumer.
            if delivered > (await self._stream(spec.stream)).state.last_seq:
                raise Unhealthy("ahead of its stream: run `parley provision`")

        return check

    def _connected(self) -> Client:
        connection = connection_of(self._broker)
        if not connection.is_connected:
            raise ConnectionError
        return connection

    def _js(self) -> JetStreamContext:
        return self._connected().jetstream(timeout=REQUEST_SECONDS)

    async def _stream(self, name: str) -> StreamInfo:
        return await self._js().stream_info(name)


Probes = Callable[[str], tuple[int, dict[str, Any]] | None]
"""Status and body for a path; None for a path that is no probe."""


def probes(service: str, monitor: Monitor, *, always_ready: bool = False) -> Probes:
    """The three probes of a process.

    `/health/live`: its loops turn, or there would be no answer. `/health/ready`: it can answer sensibly; with
    `always_ready` it can do so without any of its parts. `/health`: its work would succeed now.
    """

    def probe(path: str) -> tuple[int, dict[str, Any]] | None:
        if path == "/health/live":
            return 200, {"service": service}
        if path == "/health/ready":
            good = not monitor.draining if always_ready else monitor.ready
            return _told(good, {"service": service, "checks": monitor.results()})
        if path == "/health":
            good = monitor.ready
            status = "healthy" if good else "unhealthy"
            return _told(good, {"status": status, "service": service, "checks": monitor.results()})
        return None

    return probe


def _told(good: bool, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return (200 if good else 503), body


def health_app(probe: Probes) -> Callable[..., Awaitable[None]]:
    """ASGI: the probes and `/metrics`, for the port that is not public."""

    async def respond(send: Any, status: int, body: bytes, content_type: str) -> None:
        headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"].rstrip("/")
        if path == "/metrics":
            accept = b",".join(value for name, value in scope["headers"] if name == b"accept")
            await respond(send, 200, *exposition(accept.decode("latin-1")))
            return
        status, body = probe(path) or (404, {"detail": "There is nothing at this address."})
        with suppress(OSError):
            await respond(send, status, json.dumps(body).encode(), "application/json")

    return app
