"""A broker that stalls, refuses, is full or lost its end, and what the tests of a process say about it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import nats
import nats.errors
import pytest
from contracts.health import Alive, AliveAsk
from contracts.topology import EVENT_STREAM, consumer
from devkit.embedded import EmbeddedNats
from faststream.nats import NatsBroker
from nats.js import JetStreamContext
from nats.js.errors import APIError
from runtime.broker import answer, ask, connection_of, make_broker
from runtime.health import BrokerChecks, Check, Monitor, Unhealthy
from runtime.provision import is_ahead, provision_broker
from runtime.settings import RuntimeSettings

STALL = 6.0
"""Seconds: longer than a test of the broker is waited for."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedNats]:
    with EmbeddedNats(tmp_path / "nats") as running:
        asyncio.run(_provisioned(running.url))
        yield running


async def _provisioned(url: str, **options: int) -> None:
    connection = await nats.connect(url)
    await provision_broker(connection.jetstream(), **options)  # type: ignore[arg-type]
    await connection.close()


@asynccontextmanager
async def process(server: EmbeddedNats) -> AsyncIterator[NatsBroker]:
    """A process that can be asked whether it is alive, over the broker."""

    async def alive(_: AliveAsk) -> Alive:
        return Alive(works=True)

    broker = make_broker("gateway", RuntimeSettings(nats_url=server.url))
    answer(broker, "gateway", "alive", AliveAsk, alive)
    await broker.start()
    try:
        yield broker
    finally:
        with contextlib.suppress(nats.errors.Error):  # what is deaf cannot be drained
            await broker.stop()


async def hears(broker: NatsBroker) -> bool:
    try:
        return (await ask(broker, "gateway", "alive", AliveAsk(), Alive, timeout=2)).works
    except Exception:
        return False


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 (it asks)
            await asyncio.sleep(0.05)


def checks_of(broker: NatsBroker, fatal: list[str] | None = None) -> BrokerChecks:
    return BrokerChecks(broker, "gateway", (fatal if fatal is not None else []).append)


async def test_a_stall_under_tests_shows_and_leaves_nobody_deaf(server: EmbeddedNats) -> None:
    fatal: list[str] = []
    async with process(server) as broker:
        checks = checks_of(broker, fatal)
        monitor = Monitor({"broker": checks.broker, "events": checks.accepts_events})
        testing = asyncio.create_task(monitor.run())

        async def works() -> bool:
            return monitor.works

        await until(works)
        assert server.pid
        os.kill(server.pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(STALL)
            assert not monitor.works
        finally:
            os.kill(server.pid, signal.SIGCONT)
        await until(works, 5)
        assert await hears(broker)
        assert fatal == []
        testing.cancel()


async def test_a_connection_whose_read_loop_has_ended_is_given_up(server: EmbeddedNats) -> None:
    """As an abandoned flush does it to nats-py: its late answer ends the loop, and the client stays "connected"."""
    fatal: list[str] = []
    async with process(server) as broker:
        connection = connection_of(broker)
        assert server.pid
        os.kill(server.pid, signal.SIGSTOP)
        await asyncio.sleep(0.2)  # until all its threads have stopped
        try:
            with pytest.raises(nats.errors.TimeoutError):
                await connection.flush(timeout=1)
        finally:
            os.kill(server.pid, signal.SIGCONT)

        async def is_deaf() -> bool:
            return bool(connection._reading_task.done())

        await until(is_deaf)
        assert connection.is_connected
        with pytest.raises(Exception):  # noqa: B017, PT011
            await checks_of(broker, fatal).broker()
        assert len(fatal) == 1


async def test_a_full_event_stream_shows_before_any_work_and_drops_nothing(server: EmbeddedNats) -> None:
    await _provisioned(server.url, event_bytes=2_000_000)
    async with process(server) as broker:
        js = connection_of(broker).jetstream()
        subject = f"evt.session.started.v1.{uuid4()}"
        await checks_of(broker).accepts_events()
        first = await js.publish(subject, bytes(50_000), stream=EVENT_STREAM)
        with pytest.raises(APIError):
            await publish_often(js, subject)
        assert (await js.get_msg(EVENT_STREAM, first.seq)).data == bytes(50_000)
        with pytest.raises(Unhealthy, match="full"):
            await checks_of(broker).accepts_events()


async def publish_often(js: JetStreamContext, subject: str) -> None:
    for _ in range(100):
        await js.publish(subject, bytes(50_000), stream=EVENT_STREAM)


async def test_a_consumer_ahead_of_its_stream_shows_and_provisioning_mends_it(server: EmbeddedNats) -> None:
    subject = f"evt.session.started.v1.{uuid4()}"
    async with process(server) as broker:
        connection = connection_of(broker)
        js = connection.jetstream()
        durable: Check = checks_of(broker).all(("interviewer",))["durable interviewer"]
        await js.publish(subject, b"1", stream=EVENT_STREAM)
        for number in range(20):
            await js.publish(f"evt.session.paused.v1.{uuid4()}", bytes(1000 + number), stream=EVENT_STREAM)
        last = await js.publish(subject, b"2", stream=EVENT_STREAM)
        pulled = await js.pull_subscribe("", durable="interviewer", stream=EVENT_STREAM)
        for message in await pulled.fetch(2):
            await message.ack_sync()
        await durable()
    server.stop()
    _cut_the_end(server, last.seq)
    server.start()
    async with process(server) as broker:
        js = connection_of(broker).jetstream()
        assert (await js.stream_info(EVENT_STREAM)).state.last_seq < last.seq
        durable = checks_of(broker).all(("interviewer",))["durable interviewer"]
        with pytest.raises(Unhealthy, match="parley provision"):
            await durable()
        await js.publish(subject, b"after the damage", stream=EVENT_STREAM)
        await provision_broker(js)
        await durable()
        assert not await is_ahead(js, consumer("interviewer"))
        pulled = await js.pull_subscribe("", durable="interviewer", stream=EVENT_STREAM)
        assert b"after the damage" in [message.data for message in await pulled.fetch(5, timeout=5)]
        await provision_broker(js)  # and again: where it began cannot be changed


def _cut_the_end(server: EmbeddedNats, last: int) -> None:
    """4 KiB of noise in the middle of the stream's block, as a bad disk leaves it."""
    folder = server.data_dir / "store" / "jetstream" / "$G" / "streams" / EVENT_STREAM / "msgs"
    block = next(folder.glob("*.blk"))
    raw = bytearray(block.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 4096] = random.randbytes(4096)
    block.write_bytes(raw)
