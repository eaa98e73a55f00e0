"""How every service runs: connect, wait until provisioned, consume, answer health, stop in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import structlog
import uvloop
from contracts.topology import consumer, sweeper
from faststream.nats import NatsBroker
from opentelemetry.sdk.trace import TracerProvider

from runtime import deadletters
from runtime.broker import bind_advisories, make_broker
from runtime.health import Check, broker_check, durable_check, health_app, readiness
from runtime.serving import make_server
from runtime.settings import RuntimeSettings
from runtime.telemetry import CONNECTED, configure_logging, configure_tracing, failure

log = structlog.get_logger()
FATAL_EXIT = 3


@dataclass
class Service:
    """One service, wired but not running.

    `durables` are the consumers that it needs; `checks` what else must be there for it to be ready;
    `resources` are entered before the broker consumes and left after it stopped; `tasks` run beside it and
    must not end. `app`, an ASGI application on (`host`, `port`), takes the place of the plain health one.
    """

    name: str
    settings: RuntimeSettings
    broker: NatsBroker
    tracer_provider: TracerProvider | None = None
    durables: tuple[str, ...] = ()
    checks: dict[str, Check] = field(default_factory=dict)
    resources: list[AbstractAsyncContextManager[Any]] = field(default_factory=list)
    tasks: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    app: Any = None
    host: str = ""
    port: int = 0

    def all_checks(self) -> dict[str, Check]:
        """Broker, durables and the service's own."""
        durables = {f"durable {name}": durable_check(self.broker, name) for name in self.durables}
        return {"broker": broker_check(self.broker), **durables, **self.checks}


def new_service(name: str, settings: RuntimeSettings) -> Service:
    """A service with logging, tracing and a broker; nothing is connected yet."""
    configure_logging(name, settings)
    provider = configure_tracing(name, settings)

    def give_up(reason: str) -> None:
        if not _stopping:
            log.critical(reason)
            os._exit(FATAL_EXIT)

    broker = make_broker(name, settings, tracer_provider=provider, on_fatal=give_up)
    return Service(name=name, settings=settings, broker=broker, tracer_provider=provider)


def add_sweeper(service: Service, durable: str) -> None:
    """The second dead-letter net of a durable."""
    spec = consumer(durable)

    async def on_advisory(advisory: dict[str, Any]) -> None:
        await deadletters.sweep(service.broker.config.connection_state.stream, spec, advisory)

    bind_advisories(service.broker, sweeper(spec), on_advisory)
    service.durables = (*service.durables, sweeper(spec).durable)


_stopping: list[bool] = []


def run(service: Service) -> None:
    """Run until SIGTERM or SIGINT; exits the process with a code other than 0 on a fatal error."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(service))
    sys.exit(0)


async def _serve(service: Service) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        await _connect(service, stop)
        if stop.is_set():
            return
        for resource in service.resources:
            await stack.enter_async_context(resource)
        await _until_ready(service, stop)
        if stop.is_set():
            return
        await stack.enter_async_context(_consuming(service))
        await stack.enter_async_context(_http(service))
        running = [asyncio.create_task(_forever(service, task)) for task in service.tasks]
        log.info("ready")
        await stop.wait()
        _stopping.append(True)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    if service.tracer_provider:
        await asyncio.to_thread(service.tracer_provider.shutdown)


async def _connect(service: Service, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await service.broker.connect()
            CONNECTED.set(1)
            return
        except Exception as error:
            log.warning("waiting for the broker", **failure(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.5)


async def _until_ready(service: Service, stop: asyncio.Event) -> None:
    """Subscribing to a durable before it is provisioned would create it with the wrong settings."""
    said = False
    while not stop.is_set():
        results = await readiness(service.all_checks())
        missing = {name: result for name, result in results.items() if result != "ok"}
        if not missing:
            return
        if not said:
            log.info("waiting", **{name.replace(" ", "_"): result for name, result in missing.items()})
            said = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 0.2)


@contextlib.asynccontextmanager
async def _consuming(service: Service) -> AsyncIterator[None]:
    await service.broker.start()
    try:
        yield
    finally:
        await service.broker.stop()


@contextlib.asynccontextmanager
async def _http(service: Service) -> AsyncIterator[None]:
    app = service.app or health_app(service.name, service.all_checks())
    settings = service.settings
    host, port = (service.host, service.port) if service.app else (settings.health_host, settings.health_port)
    if not port:
        yield
        return
    server = make_server(app, host, port)
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


async def _forever(service: Service, task: Callable[[], Awaitable[None]]) -> None:
    """A background task that fails is logged and begun again: its work is in the database, not in it."""
    while True:
        try:
            await task()
        except Exception as error:
            log.error("background task failed", task=task.__name__, **failure(error))
            await asyncio.sleep(1)
