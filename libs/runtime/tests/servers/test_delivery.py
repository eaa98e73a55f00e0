"""Delivery of durable messages on a real broker: retries, heartbeats, both dead-letter nets, replay, restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import nats
import pytest
from contracts import Event, Payload, topology
from contracts.session.events import Created, Started
from contracts.subjects import event_subject, retry_subject
from contracts.topology import Consumer, consumer, sweeper
from contracts.vocabulary.configuration import SessionConfig
from devkit.embedded import EmbeddedNats
from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.js.errors import NotFoundError
from runtime import consume, deadletters
from runtime.broker import bind, bind_advisories, jetstream_of, make_broker
from runtime.cli import main as cli
from runtime.errors import HandBack, Permanent
from runtime.health import BrokerChecks
from runtime.provision import consumer_config, provision_broker
from runtime.publish import MAX_EVENT_BYTES, EventPublisher, TooLarge
from runtime.settings import RuntimeSettings

NAME = "interviewer"
Handle = Callable[[Event[Payload]], Awaitable[None]]


def started(**config: Any) -> Event[Payload]:
    """An event that the interviewer listens to."""
    payload = Started(config=SessionConfig(**config))
    return Event(
        id=uuid4(), type=payload.TYPE, schema_version=1, subject_id=uuid4(), correlation_id=uuid4(),
        occurred_at=datetime.now(UTC), data=payload,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Consumer:
    """The interviewer's consumer and delays, in short."""
    spec = replace(consumer(NAME), ack_wait=0.6, max_deliver=3, hard_timeout=2)
    monkeypatch.setattr(consume, "RETRY_DELAYS", (0.05, 0.1))
    monkeypatch.setitem(topology._by_name, NAME, spec)
    return spec


@asynccontextmanager
async def running(url: str, handle: Handle, spec: Consumer, *, workers: int = 4) -> AsyncIterator[NatsBroker]:
    """A service with one durable and its sweeper."""
    connection = await nats.connect(url)
    await connection.jetstream().add_consumer(spec.stream, consumer_config(spec))
    await connection.close()
    broker = make_broker(NAME, RuntimeSettings(nats_url=url))

    async def sweep(advisory: dict[str, Any]) -> None:
        await deadletters.sweep(jetstream_of(broker), spec, advisory)

    bind(broker, NAME, handle, workers=workers)
    bind_advisories(broker, sweeper(spec), sweep)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


async def publish(connection: Client, event: Event[Payload]) -> None:
    """As the session service would."""
    publisher = EventPublisher(_OfConnection(connection), "session")  # type: ignore[arg-type]
    await publisher.publish(event)


class _OfConnection:
    """The part of a broker that a publisher uses, over a plain connection."""

    def __init__(self, connection: Client) -> None:
        self._js = connection.jetstream()

    async def publish(self, body: bytes, subject: str, **options: Any) -> None:
        await self._js.publish(subject, body, **options)


async def letters(connection: Client) -> list[deadletters.DeadLetter]:
    return [letter async for letter in deadletters.letters(connection.jetstream())]


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while not await condition():
        assert asyncio.get_running_loop().time() < deadline, "it did not come about"
        await asyncio.sleep(0.05)


class Recorder:
    """A handler that does as told, one instruction per call, then succeeds."""

    def __init__(self, *script: Exception | float) -> None:
        self.script = list(script)
        self.seen: list[Event[Payload]] = []
        self.finished = 0

    async def __call__(self, event: Event[Payload]) -> None:
        self.seen.append(event)
        step = self.script.pop(0) if self.script else None
        if isinstance(step, Exception):
            raise step
        if step is not None:
            await asyncio.sleep(step)
        self.finished += 1

    async def is_done(self) -> bool:
        return self.finished > 0


async def settled(connection: Client, spec: Consumer) -> bool:
    info = await connection.jetstream().consumer_info(spec.stream, spec.durable)
    return info.num_pending == 0 and info.num_ack_pending == 0


async def test_a_transient_error_is_tried_again_after_a_delay(
    nats_url: str, broker_connection: Client, impatient: Consumer
) -> None:
    handle = Recorder(ConnectionError(), TimeoutError())
    async with running(nats_url, handle, impatient):
        event = started()
        await publish(broker_connection, event)
        await eventually(handle.is_done)
        await eventually(lambda: settled(broker_connection, impatient))
    assert [each.id for each in handle.seen] == [event.id] * 3
    assert await letters(broker_connection) == []


@pytest.mark.parametrize("error", [Permanent("no"), ValueError("malformed")])
async def test_a_hopeless_message_becomes_a_dead_letter_at_once(
    nats_url: str, broker_connection: Client, impatient: Consumer, error: Exception
) -> None:
    handle = Recorder(error)
    event = started(job_role="Beekeeper")
    async with running(nats_url, handle, impatient):
        await publish(broker_connection, event)
        await eventually(lambda: _count(broker_connection, 1))
        await eventually(lambda: settled(broker_connection, impatient))
    (letter,) = await letters(broker_connection)
    assert len(handle.seen) == 1
    assert (letter.durable, letter.reason, letter.attempts) == (NAME, type(error).__name__, 1)
    assert letter.subject_id == str(event.subject_id) and b"Beekeeper" in letter.body
    assert "Beekeeper" not in deadletters.describe(letter)


async def _count(connection: Client, number: int) -> bool:
    return len(await letters(connection)) == number


async def test_the_last_attempt_becomes_a_dead_letter_once_though_both_nets_see_it(
    nats_url: str, broker_connection: Client, impatient: Consumer
) -> None:
    handle = Recorder(*[ConnectionError()] * 9)
    async with running(nats_url, handle, impatient):
        await publish(broker_connection, started())
        await eventually(lambda: _count(broker_connection, 1))
        (letter,) = await letters(broker_connection)
        stream, sequence = letter.origin.split(":")[:2]
        advisory = {"stream": stream, "stream_seq": int(sequence), "deliveries": 3}
        await deadletters.sweep(broker_connection.jetstream(), impatient, advisory)
    assert len(handle.seen) == 3 and letter.attempts == 3
    assert len(await letters(broker_connection)) == 1


async def test_a_message_that_takes_its_worker_along_is_kept_by_the_sweeper(
    nats_url: str, broker_connection: Client, impatient: Consumer
) -> None:
    handle = Recorder()
    async with running(nats_url, handle, impatient) as broker:
        js = broker_connection.jetstream()
        await _stop_consuming(broker)
        await publish(broker_connection, started())
        doomed = await js.pull_subscribe_bind(NAME, stream=impatient.stream)
        for _ in range(impatient.max_deliver):
            assert await doomed.fetch(1, timeout=3)  # taken, and never settled: the worker died
        with pytest.raises(TimeoutError):
            await doomed.fetch(1, timeout=1.5)  # the server counts a delivery as used up when it would give one more
        await eventually(lambda: _count(broker_connection, 1))
    (letter,) = await letters(broker_connection)
    assert letter.reason == deadletters.MAX_DELIVERIES and letter.attempts == impatient.max_deliver


async def _stop_consuming(broker: NatsBroker) -> None:
    for subscriber in broker.subscribers:
        if subscriber.extra_options["durable"] == NAME:
            await subscriber.stop()


async def test_a_replayed_dead_letter_goes_to_that_durable_only(
    nats_url: str, broker_connection: Client, impatient: Consumer, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    handle = Recorder(Permanent("not today"))
    event = started()
    async with running(nats_url, handle, impatient):
        await publish(broker_connection, event)
        await eventually(lambda: _count(broker_connection, 1))
        monkeypatch.setenv("NATS_URL", nats_url)
        for action in ("list", "replay"):
            await asyncio.to_thread(_run_cli, ["dead-letters", action, "--durable", NAME])
        await eventually(handle.is_done)
    assert [each.id for each in handle.seen] == [event.id, event.id]
    assert await letters(broker_connection) == []
    others = await broker_connection.jetstream().consumer_info(topology.EVENT_STREAM, "coach")
    assert others.num_pending == 0, "another durable got the replay as well"
    assert capsys.readouterr().out.count('"durable": "interviewer"') == 2


def _run_cli(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        cli(arguments)
    assert exit_.value.code == 0


async def test_a_slow_handler_says_that_it_is_alive(
    nats_url: str, broker_connection: Client, impatient: Consumer
) -> None:
    handle = Recorder(1.6)  # more than twice its ack_wait
    async with running(nats_url, handle, impatient):
        await publish(broker_connection, started())
        await eventually(handle.is_done)
        await eventually(lambda: settled(broker_connection, impatient))
    assert len(handle.seen) == 1


async def test_a_handler_that_hangs_is_ended_and_tried_again(
    nats_url: str, broker_connection: Client, impatient: Consumer
) -> None:
    handle = Recorder(60.0)
    async with running(nats_url, handle, impatient):
        await publish(broker_connection, started())
        await eventually(handle.is_done)
    assert len(handle.seen) == 2


async def test_what_this_build_does_not_know_is_handed_back_and_never_dead(
    nats_url: str, broker_connection: Client, impatient: Consumer
) -> None:
    handle = Recorder(*[HandBack()] * 6)
    async with running(nats_url, handle, replace(impatient, max_deliver=-1)):
        await publish(broker_connection, started())
        await eventually(handle.is_done)
    assert len(handle.seen) == 7 and await letters(broker_connection) == []


async def test_no_more_is_fetched_than_there_are_workers(
    nats_url: str, broker_connection: Client, impatient: Consumer
) -> None:
    handle = Recorder(*[0.5] * 20)
    async with running(nats_url, handle, impatient, workers=3):
        for _ in range(10):
            await publish(broker_connection, started())
        info = await broker_connection.jetstream().consumer_info(impatient.stream, NAME)
        assert info.num_ack_pending is not None and info.num_ack_pending <= 3
        await eventually(lambda: _finished(handle, 10))
    assert len(handle.seen) == 10


async def _finished(handle: Recorder, number: int) -> bool:
    return handle.finished >= number


async def test_a_restarted_broker_is_consumed_from_again(tmp_path: Path, impatient: Consumer) -> None:
    handle = Recorder()
    with EmbeddedNats(tmp_path) as server:
        connection = await nats.connect(server.url, max_reconnect_attempts=-1)
        await provision_broker(connection.jetstream())
        async with running(server.url, handle, impatient):
            await publish(connection, started())
            await eventually(lambda: _finished(handle, 1))
            server.kill()
            server.start()
            await eventually(lambda: _publishes(connection))
            # The first may come again, if the kill took its acknowledgement along.
            await eventually(lambda: _different(handle, 2))
            assert handle.finished >= 2
        await connection.close()


async def _different(handle: Recorder, number: int) -> bool:
    return len({each.id for each in handle.seen}) >= number


async def _publishes(connection: Client) -> bool:
    try:
        await publish(connection, started())
    except Exception:
        return False
    return True


async def test_a_durable_that_is_gone_shows_and_is_taken_up_again_when_it_is_back(
    nats_url: str, broker_connection: Client, impatient: Consumer
) -> None:
    handle = Recorder()
    requests = 0

    async def count(_: Any) -> None:
        nonlocal requests
        requests += 1

    async with running(nats_url, handle, impatient) as broker:
        js = broker_connection.jetstream()
        there = BrokerChecks(broker, NAME, print).all((NAME,))[f"durable {NAME}"]
        await there()
        await js.delete_consumer(impatient.stream, NAME)
        with pytest.raises(NotFoundError):
            await there()
        await broker_connection.subscribe("$JS.API.CONSUMER.MSG.NEXT.>", cb=count)
        await asyncio.sleep(2)
        assert requests < 20, "it asks in a tight loop"
        await js.add_consumer(impatient.stream, consumer_config(impatient))
        await publish(broker_connection, started())
        await eventually(handle.is_done)


async def test_an_event_is_stored_once_however_often_it_is_published(nats_url: str, broker_connection: Client) -> None:
    js, event = broker_connection.jetstream(), started()
    publisher = EventPublisher(_OfConnection(broker_connection), "session")  # type: ignore[arg-type]
    for _ in range(3):
        await publisher.publish(event)
    assert (await js.stream_info(topology.EVENT_STREAM)).state.messages == 1


async def test_an_event_is_given_again_to_one_durable_once_per_attempt(
    nats_url: str, broker_connection: Client
) -> None:
    js, event = broker_connection.jetstream(), started()
    publisher = EventPublisher(_OfConnection(broker_connection), "session")  # type: ignore[arg-type]
    for durable, attempt in [("coach", 1), ("coach", 1), ("coach", 2), ("interviewer", 1)]:
        await publisher.publish_again(event, durable, attempt)
    again = [each.subject async for each in deadletters.messages(js, topology.EVENT_STREAM, ">")]
    coach, interviewer = (retry_subject(durable, event.subject_id) for durable in ("coach", "interviewer"))
    assert again == [coach, coach, interviewer]


async def test_only_the_owner_publishes_an_event(nats_url: str, broker_connection: Client) -> None:
    publisher = EventPublisher(_OfConnection(broker_connection), "coach")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"coach may not publish session\.started\.v1"):
        await publisher.publish(started())


async def test_an_event_over_the_size_limit_is_refused_before_it_is_sent(
    nats_url: str, broker_connection: Client
) -> None:
    huge = started().model_copy(
        update={"data": Created.model_construct(config=None, request_hash="x" * MAX_EVENT_BYTES)}
    )
    publisher = EventPublisher(_OfConnection(broker_connection), "session")  # type: ignore[arg-type]
    with pytest.raises(TooLarge):
        await publisher.publish(huge)


async def test_an_event_that_nobody_stores_is_an_error(tmp_path: Path) -> None:
    with EmbeddedNats(tmp_path) as server:
        connection = await nats.connect(server.url)
        publisher = EventPublisher(_OfConnection(connection), "session")  # type: ignore[arg-type]
        with pytest.raises(Exception, match="no response from stream"):
            await publisher.publish(started())
        await connection.close()


async def test_provisioning_again_changes_what_differs_and_keeps_the_messages(
    nats_url: str, broker_connection: Client
) -> None:
    js = broker_connection.jetstream()
    await publish(broker_connection, started())
    await js.add_consumer(topology.EVENT_STREAM, consumer_config(replace(consumer("coach"), max_deliver=2)))
    await provision_broker(js)
    assert (await js.consumer_info(topology.EVENT_STREAM, "coach")).config.max_deliver == consumer("coach").max_deliver
    assert (await js.get_msg(topology.EVENT_STREAM, seq=1)).subject is not None


async def test_a_dead_letter_can_be_deleted(nats_url: str, broker_connection: Client, impatient: Consumer) -> None:
    js, event = broker_connection.jetstream(), started()
    subject = event_subject(event.type, event.subject_id)
    letter = deadletters.DeadLetter(NAME, subject, "EVENTS:1:interviewer", "Permanent", 1, {}, b"{}")
    await deadletters.store(js, letter)
    (stored,) = await letters(broker_connection)
    await deadletters.forget(js, stored)
    with pytest.raises(NotFoundError):
        await js.get_msg(topology.DEAD_STREAM, seq=stored.sequence)
