"""The event stream holds what is under way: the rest is trimmed, what waits is not, and Postgres has it all."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from contracts import Event, Payload
from contracts.session.asks import EraseAsk, HistoryAsk
from contracts.subjects import events_of_subject
from contracts.topology import EVENT_STREAM, HANDLERS
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import APIError
from prometheus_client import REGISTRY
from runtime import deadletters
from runtime.provision import provision_broker
from runtime.publish import note_erased
from session.erasure import apply_tombstones
from session.trimming import Trimming
from session_helpers.intents import is_requested
from session_helpers.replica import A_TURN, BEGUN, Interview, OneReplica, Replica, Sql

FILLING = bytes(50_000)


async def acknowledge_all(js: JetStreamContext, durable: str) -> None:
    """As the service of that durable does once it handled everything."""
    pulled = await js.pull_subscribe("", durable=durable, stream=EVENT_STREAM)
    while (await js.consumer_info(EVENT_STREAM, durable)).num_pending:
        for message in await pulled.fetch(100, timeout=5):
            await message.ack_sync()


async def published(js: JetStreamContext, kind: str = "session.answer_recorded") -> int:
    return (await js.publish(f"evt.{kind}.v1.{uuid4()}", b"{}", stream=EVENT_STREAM)).seq


async def first(js: JetStreamContext) -> int:
    return (await js.stream_info(EVENT_STREAM)).state.first_seq


async def test_what_everybody_handled_goes_and_what_one_has_not_stays(online: Replica) -> None:
    js = online.stream
    handled = await published(js)
    for durable in ("interviewer", "coach"):
        await acknowledge_all(js, durable)
    waiting = await published(js)
    await acknowledge_all(js, "interviewer")
    await Trimming(lambda: js, above=0).round()
    assert handled < await first(js) == waiting, "the coach has not had it yet"
    await acknowledge_all(js, "coach")
    await Trimming(lambda: js, above=0).round()
    assert (await js.stream_info(EVENT_STREAM)).state.messages == 0


async def test_a_small_stream_is_left_alone(online: Replica) -> None:
    await published(online.stream, "session.paused")
    assert await Trimming(lambda: online.stream).round() == 0


async def test_how_long_the_oldest_message_waits_is_measured(online: Replica) -> None:
    js = online.stream
    await published(js)
    await asyncio.sleep(0.05)
    await Trimming(lambda: js).round()
    waits = REGISTRY.get_sample_value("parley_durable_oldest_seconds", {"durable": "coach"})
    assert waits is not None and 0 < waits < 60
    for each in HANDLERS:
        await acknowledge_all(js, each.durable)
    await Trimming(lambda: js).round()
    assert REGISTRY.get_sample_value("parley_durable_oldest_seconds", {"durable": "coach"}) == 0


async def test_the_history_is_whole_when_the_stream_is_empty(online: Replica) -> None:
    interview = Interview(replica=online)
    await interview.tell(is_requested(), *BEGUN, *A_TURN)
    before = await history_of(online, interview)
    await online.stream.purge_stream(EVENT_STREAM)
    assert await history_of(online, interview) == before
    assert [event.stream_version for event in before] == list(range(1, len(before) + 1))


async def test_a_session_is_erased_while_the_stream_is_full(
    online: Replica, broker_connection: Client, owner: Sql
) -> None:
    interview = Interview(replica=online)
    await interview.tell(is_requested(), *BEGUN, *A_TURN)
    js = broker_connection.jetstream()
    await provision_broker(js, event_bytes=(await js.stream_info(EVENT_STREAM)).state.bytes + 60_000)
    try:
        with pytest.raises(APIError):
            await fill(js)
        erased = await online.erasure.ask(EraseAsk(session_id=interview.session_id, user_id=interview.user_id))
        assert erased.found
        assert await owner("SELECT FROM session.events WHERE stream_id = $1", interview.session_id) == []
        assert await owner("SELECT FROM session.tombstones WHERE session_id = $1", interview.session_id) != []
        left = [each async for each in deadletters.messages(js, EVENT_STREAM, events_of_subject(interview.session_id))]
        assert [each for each in left if ".erased." not in (each.subject or "")] == []
    finally:
        await js.purge_stream(EVENT_STREAM)
        await provision_broker(js)


async def fill(js: JetStreamContext) -> None:
    for _ in range(100):
        await js.publish(f"evt.session.paused.v1.{uuid4()}", FILLING, stream=EVENT_STREAM)


async def test_a_stranger_erases_nothing(online: Replica) -> None:
    interview = Interview(replica=online, user_id=uuid4())
    await interview.tell(is_requested(), *BEGUN)
    answer = await online.erasure.ask(EraseAsk(session_id=interview.session_id, user_id=uuid4()))
    assert not answer.found
    assert await history_of(online, interview) != []


async def history_of(replica: Replica, interview: Interview) -> list[Event[Payload]]:
    ask = HistoryAsk(session_id=interview.session_id, user_id=interview.user_id, after=0)
    return list((await replica.views.history(ask)).events)


async def test_what_was_erased_after_a_backup_is_erased_again_after_its_restore(
    online: Replica, new_replica: OneReplica, owner: Sql
) -> None:
    """The restored database knows nothing of the erasure; the broker's note does, long after the events are gone."""
    interview = Interview(replica=online)
    await interview.tell(is_requested(), *BEGUN)
    await note_erased(online.stream, interview.session_id)
    await online.stream.purge_stream(EVENT_STREAM)
    assert await apply_tombstones(online.database, online.stream) == 1
    rows = await owner(
        "SELECT kind FROM session.timers WHERE session_id = $1 AND kind = 'erasure'", interview.session_id
    )
    assert len(rows) == 1
