"""How every service runs: answer probes, connect, wait until provisioned, consume, stop in order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn
import uvloop
from contracts.health import Alive, AliveAsk
from contracts.topology import consumer, sweeper
from faststream.nats import NatsBroker
from opentelemetry.sdk.trace import TracerProvider

from runtime import deadletters, stdlog
from runtime.broker import answer, bind_advisories, jetstream_of, make_broker
from runtime.health import BrokerChecks, Check, Monitor, health_app, probes
from runtime.http_protocol import Limits
from runtime.serving import make_server
from runtime.settings import RuntimeSettings
from runtime.tasks import end
from runtime.telemetry import (
    BUILD,
    CONNECTED,
    DEAD_LETTERS,
    configure_logging,
    configure_metrics,
    configure_tracing,
    failure,
)

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics import MeterProvider

log = structlog.get_logger()
FATAL_EXIT = 3
STOP_SECONDS = 20.0
"""How long messages that are being handled may take after SIGTERM; then they are handed back."""
AGAIN = 1.0
"""Seconds until a background task that failed is begun again."""
_QUIET_WAIT = 5.0
"""Seconds of waiting for other parts before it is worth a line: at a first start they come up together."""


@dataclass
class Service:
    """One service, wired but not running.

    `durables` are the consumers that it needs; `checks` what else is tested, and `shown_only` the names of those that
    change nothing about its health; `resources` are entered before the broker consumes and left after it stopped;
    `tasks` run beside it and must not end. `app`, an ASGI application, answers on (`host`, `port`) from the beginning,
    with or without the other parts. `forwarded_allow_ips` and `limits` are as for `make_server`; `stop_seconds` is what
    its requests in flight get to end after SIGTERM.
    """

    name: str
    settings: RuntimeSettings
    broker: NatsBroker
    on_fatal: Callable[[str], None]
    tracer_provider: TracerProvider | None = None
    meter_provider: MeterProvider | None = None
    durables: tuple[str, ...] = ()
    checks: dict[str, Check] = field(default_factory=dict)
    shown_only: Collection[str] = ()
    resources: list[AbstractAsyncContextManager[Any]] = field(default_factory=list)
    tasks: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    app: Any = None
    host: str = ""
    port: int = 0
    forwarded_allow_ips: str = ""
    limits: Limits = field(default_factory=Limits)
    stop_seconds: float = STOP_SECONDS
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when requests are to end: streams that never do so by themselves listen to it."""
    _monitor: Monitor | None = None

    @property
    def monitor(self) -> Monitor:
        """The tests of all its parts, made of what is wired when it is first asked for."""
        if self._monitor is None:
            checks = BrokerChecks(self.broker, self.name, self.on_fatal).all(self.durables) | self.checks
            self._monitor = Monitor(checks, essential=lambda name: name not in self.shown_only)
        return self._monitor


def new_service(name: str, settings: RuntimeSettings) -> Service:
    """A service with logging, tracing and a broker; nothing is connected yet."""
    configure_logging(name, settings)
    stdlog.install()
    BUILD.labels(name, version(f"parley-{name}")).set(1)
    provider = configure_tracing(name, settings)

    def give_up(reason: str) -> None:
        if not _stopping:
            log.critical(reason)
            os._exit(FATAL_EXIT)

    broker = make_broker(name, settings, tracer_provider=provider, on_fatal=give_up, graceful_timeout=STOP_SECONDS)
    service = Service(
        name=name,
        settings=settings,
        broker=broker,
        on_fatal=give_up,
        tracer_provider=provider,
        meter_provider=configure_metrics(name, settings),
    )

    async def alive(_: AliveAsk) -> Alive:
        return Alive(works=service.monitor.works, checks=service.monitor.results())

    answer(broker, name, "alive", AliveAsk, alive)
    return service


def add_sweeper(service: Service, durable: str) -> None:
    """The second dead-letter net of a durable."""
    spec = consumer(durable)
    DEAD_LETTERS.labels(durable)

    async def on_advisory(advisory: dict[str, Any]) -> None:
        await deadletters.sweep(jetstream_of(service.broker), spec, advisory)

    bind_advisories(service.broker, sweeper(spec), on_advisory)
    service.durables = (*service.durables, sweeper(spec).durable)


_stopping: list[bool] = []


def run(service: Service) -> None:
    """Run until SIGTERM or SIGINT; exits the process with a code other than 0 on a fatal error."""
    gc.freeze()  # what it is made of stays, too
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(service))
    sys.exit(0)


async def _serve(service: Service) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    settings, probe = service.settings, probes(service.name, service.monitor, always_ready=service.app is not None)
    # Probes answer first and last: a process that waits for its broker is alive.
    async with _http(health_app(probe), settings.health_host, settings.health_port), AsyncExitStack() as stack:
        for resource in service.resources:
            await stack.enter_async_context(resource)
        async with _app(service), _testing(service):
            consuming = await _unless(stop, _connect(service)) and await _unless(stop, _consume(service))
            running = [asyncio.create_task(_forever(task)) for task in service.tasks] if consuming else []
            await stop.wait()
            _stopping.append(True)
            await _drain(service)
            await end(running)
        if consuming:
            await service.broker.stop()
    for provider in (service.tracer_provider, service.meter_provider):
        if provider:
            await asyncio.to_thread(provider.shutdown)


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Do `work` unless told to stop before it ends; whether it ended.

    A broker that is away is redialled for ever inside one call: nothing but a cancellation ends that.
    """
    working, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    ended = working.done()
    await end((working, stopped))
    if ended:
        working.result()
    return ended


async def _connect(service: Service) -> None:
    while True:
        try:
            await service.broker.connect()
            CONNECTED.set(1)
            return
        except Exception as error:
            log.warning("waiting for the broker", **failure(error))
            await asyncio.sleep(0.5)


async def _consume(service: Service) -> None:
    """Begin once all parts are there: subscribing to a durable before it is provisioned would create it with the wrong
    settings."""
    loop = asyncio.get_running_loop()
    began, said = loop.time(), False
    while service.durables and not service.monitor.works:
        if not said and loop.time() - began > _QUIET_WAIT:
            missing = {name: result for name, result in service.monitor.results().items() if result != "ok"}
            log.info("waiting", **{name.replace(" ", "_"): result for name, result in missing.items()})
            said = True
        await asyncio.sleep(0.1)
    await service.broker.start()
    log.info("ready")


@contextlib.asynccontextmanager
async def _testing(service: Service) -> AsyncIterator[None]:
    task = asyncio.create_task(_forever(service.monitor.run))
    try:
        yield
    finally:
        await end((task,))


async def _drain(service: Service) -> None:
    """Not ready first, and open for a while yet: whoever sends requests here learns it late."""
    service.monitor.draining = True
    if service.app is not None:
        await asyncio.sleep(service.settings.drain)
    service.stopping.set()


def _app(service: Service) -> AbstractAsyncContextManager[None]:
    port = service.port if service.app is not None else 0
    server = partial(make_server, forwarded_allow_ips=service.forwarded_allow_ips, limits=service.limits)
    return _http(service.app, service.host, port, service.stop_seconds, server)


@contextlib.asynccontextmanager
async def _http(
    app: Any, host: str, port: int, stop_seconds: float = 1.0, make: Callable[..., uvicorn.Server] = make_server
) -> AsyncIterator[None]:
    """Answer while the block runs, unless the port is 0; requests in flight at its end get `stop_seconds`."""
    if not port:
        yield
        return
    server = make(app, host, port)
    server.config.timeout_graceful_shutdown = int(stop_seconds)
    serving = asyncio.create_task(server._serve())
    while not server.started and not serving.done():  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    if serving.done():
        log.critical("cannot listen", port=port)
        os._exit(FATAL_EXIT)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def _forever(task: Callable[[], Awaitable[None]]) -> None:
    """A background task that fails is logged and begun again: its work is in the database, not in it. One that returns
    has nothing left to do."""
    while True:
        try:
            return await task()
        except Exception as error:
            log.error("background task failed", task=task.__name__, **failure(error))
            await asyncio.sleep(AGAIN)
