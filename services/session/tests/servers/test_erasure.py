"""After an erasure nothing is left of a session but its tombstone, on real servers and on their disks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import nats
import pytest
import pytest_asyncio
from contracts import Event, Payload, encode
from contracts.gateway.events import ErasureRequested
from contracts.session.asks import HistoryAsk, OutcomeAsk, TranscriptAsk, ViewAsk
from contracts.session.events import Erased
from contracts.subjects import dead_of_subject, events_of_subject, retries_of_subject
from contracts.topology import DEAD_STREAM, EVENT_STREAM
from devkit.embedded import EmbeddedNats
from nats.aio.client import Client
from nats.js import JetStreamContext
from runtime import deadletters
from runtime.deadletters import DeadLetter
from runtime.provision import provision_broker
from session import store
from session_helpers.facts import answered
from session_helpers.intents import (
    answers_aloud,
    is_not_understood,
    is_requested,
    is_understood,
    judges,
    message,
    replies,
    says,
    starts,
)
from session_helpers.replica import A_TURN, BEGUN, BrokerIsAway, Interview, OneReplica, Replica, Sql, post, stored
from session_helpers.story import Intent, Story

SECRET = "I once broke the blue teapot of my employer"
TABLES = {"events": "stream_id", "sessions": "session_id", "messages": "session_id", "feedback": "session_id"}


def wants_erasure(story: Story) -> Event[Payload]:
    """The candidate wants everything forgotten."""
    return message(story, ErasureRequested())


class Spoken(Interview):
    """An interview whose messages come from the broker, so that they are there to be erased."""

    async def tell(self, *intents: Intent) -> Event[Payload]:
        for intent in intents:
            said = await self.about(intent)
            await post(self.replica.stream, said)
            await self.replica.sessions.handle(said)
        await self.refresh()
        return said


async def a_spoken_interview(replica: Replica, *, words: str = SECRET, user_id: UUID | None = None) -> Spoken:
    """With a dead letter, and another one on its way back to the coach."""
    interview = Spoken(replica=replica, user_id=user_id)
    await interview.tell(is_requested(), *BEGUN, *A_TURN, says(words))
    answer = encode(interview.history[-1])
    for _ in range(2):
        origin = f"{EVENT_STREAM}:{uuid4()}:coach"
        subject = f"evt.session.answer_recorded.v1.{interview.session_id}"
        await deadletters.store(replica.stream, DeadLetter("coach", subject, origin, "TimeoutError", 5, {}, answer))
    await deadletters.replay(replica.stream, [each async for each in deadletters.letters(replica.stream)][-1])
    return interview


@pytest_asyncio.fixture
async def interview(online: Replica) -> Spoken:
    return await a_spoken_interview(online, user_id=uuid4())


async def on_the_broker(js: JetStreamContext, session_id: UUID) -> list[str]:
    """The kinds of message about a session that the broker keeps, in any stream."""
    found = []
    for stream, filters in (
        (EVENT_STREAM, events_of_subject(session_id)),
        (EVENT_STREAM, retries_of_subject(session_id)),
        (DEAD_STREAM, dead_of_subject(session_id)),
    ):
        found += [each async for each in deadletters.messages(js, stream, filters)]
    return [(each.subject or "").rsplit(".", 1)[0] for each in found]


async def in_the_tables(owner: Sql, session_id: UUID) -> dict[str, int]:
    """How many rows about a session each table keeps."""
    counts = {}
    for table, column in {**TABLES, "timers": "session_id", "tombstones": "session_id"}.items():
        rows = await owner(f"SELECT FROM session.{table} WHERE {column} = $1", session_id)
        counts[table] = len(rows)
    return {table: count for table, count in counts.items() if count}


async def the_second_pass_falls_due(owner: Sql) -> None:
    assert await owner("UPDATE session.timers SET at = now() - interval '1 s' WHERE kind = 'erasure' RETURNING kind")


ONLY_ERASED = [f"evt.{Erased.TYPE}"]


@pytest.mark.parametrize("user_id", [uuid4(), None], ids=["user", "anonymous"])
async def test_nothing_of_the_session_is_left(online: Replica, owner: Sql, user_id: UUID | None) -> None:
    interview = await a_spoken_interview(online, user_id=user_id)
    before = await on_the_broker(online.stream, interview.session_id)
    assert {kind.split(".")[0] for kind in before} == {"evt", "dead", "retry"} and len(before) > 12
    request = await interview.tell(wants_erasure)
    assert await on_the_broker(online.stream, interview.session_id) == ONLY_ERASED
    assert await in_the_tables(owner, interview.session_id) == {"tombstones": 1, "timers": 1}
    erased = online.outbox.of(Erased)[0]
    assert erased.correlation_id == request.id and erased.user_id == user_id
    assert SECRET.encode() not in encode(erased)


async def test_another_session_of_the_same_user_is_not_touched(online: Replica, owner: Sql, interview: Spoken) -> None:
    bystander = await a_spoken_interview(online, user_id=interview.user_id)
    rows = await in_the_tables(owner, bystander.session_id)
    kinds = await on_the_broker(online.stream, bystander.session_id)
    await interview.tell(wants_erasure)
    await the_second_pass_falls_due(owner)
    await online.timers.take_up()
    assert await in_the_tables(owner, bystander.session_id) == rows
    assert await on_the_broker(online.stream, bystander.session_id) == kinds
    await bystander.tell(replies())
    assert len(bystander.state.asked) == 3


async def test_a_second_pass_follows_and_is_the_last(online: Replica, owner: Sql, interview: Spoken) -> None:
    await interview.tell(wants_erasure)
    row = (await owner("SELECT kind, ref, at - now() AS left FROM session.timers"))[0]
    assert (row["kind"], row["ref"]) == ("erasure", "2")
    assert timedelta(seconds=150) < row["left"] <= timedelta(seconds=180)
    await the_second_pass_falls_due(owner)
    assert await online.timers.take_up() == 1
    assert await in_the_tables(owner, interview.session_id) == {"tombstones": 1}
    assert await on_the_broker(online.stream, interview.session_id) == ONLY_ERASED


async def test_a_late_message_is_deleted_and_records_nothing(online: Replica, owner: Sql, interview: Spoken) -> None:
    late = [await interview.about(intent) for intent in (judges(1), replies(), says("Hello?"))]
    await interview.tell(wants_erasure)
    for each in late:
        await post(online.stream, each)
        await online.sessions.handle(each)
    assert await on_the_broker(online.stream, interview.session_id) == ONLY_ERASED
    assert await in_the_tables(owner, interview.session_id) == {"tombstones": 1, "timers": 1}


async def test_an_erased_session_cannot_be_created_again(online: Replica, owner: Sql, interview: Spoken) -> None:
    await interview.tell(wants_erasure)
    await interview.tell(is_requested(), starts())
    assert await on_the_broker(online.stream, interview.session_id) == ONLY_ERASED
    assert await in_the_tables(owner, interview.session_id) == {"tombstones": 1, "timers": 1}


async def test_erasing_twice_is_harmless(online: Replica, owner: Sql, interview: Spoken) -> None:
    await interview.tell(wants_erasure, wants_erasure)
    await the_second_pass_falls_due(owner)
    await online.timers.take_up()
    await interview.tell(wants_erasure)
    assert await on_the_broker(online.stream, interview.session_id) == ONLY_ERASED
    assert await in_the_tables(owner, interview.session_id) == {"tombstones": 1}


async def test_passes_of_several_replicas_at_once_do_not_disturb_each_other(
    online: Replica, new_replica: OneReplica, nats_url: str, interview: Spoken
) -> None:
    other = await new_replica(nats_url=nats_url, js=online.stream)
    replicas = [online, other] * 3
    passes = (each.erasure.carry_out(interview.session_id, interview.user_id, ref="2") for each in replicas)
    assert await asyncio.gather(*passes) == [None] * len(replicas)
    assert await on_the_broker(online.stream, interview.session_id) == ONLY_ERASED


@pytest.mark.parametrize("stranger", [uuid4(), None], ids=["user", "anonymous"])
async def test_the_request_of_another_user_does_nothing(
    online: Replica, owner: Sql, interview: Spoken, stranger: UUID | None
) -> None:
    before = await in_the_tables(owner, interview.session_id)
    request = (await interview.about(wants_erasure)).model_copy(update={"user_id": stranger})
    await online.sessions.handle(request)
    assert await in_the_tables(owner, interview.session_id) == before
    assert online.outbox.of(Erased) == []


async def test_an_append_after_the_tombstone_is_not_recorded(
    online: Replica, new_replica: OneReplica, owner: Sql, interview: Spoken
) -> None:
    other = await new_replica(js=online.js)
    state = await other.store.load(interview.session_id, interview.user_id)
    reply = await interview.about(replies())
    event = Story(interview.session_id, interview.user_id, history=interview.history).given(_asked).history[-1]
    await interview.tell(wants_erasure)
    with pytest.raises(store.Erased):
        await other.store.append(state, [event])
    await post(online.stream, reply)
    await other.sessions.handle(reply)  # with a state in its cache in which the reply is due
    assert other.outbox.published == []
    assert await on_the_broker(online.stream, interview.session_id) == ONLY_ERASED
    assert await in_the_tables(owner, interview.session_id) == {"tombstones": 1, "timers": 1}


async def test_recordings_go_with_the_interview_and_so_does_one_that_comes_late(online: Replica, owner: Sql) -> None:
    interview = Spoken(replica=online, user_id=uuid4())
    await interview.tell(is_requested(), *BEGUN)
    for number, outcome in enumerate((is_not_understood(), is_understood(SECRET)), start=1):
        await interview.tell(answers_aloud(str(number)))
        online.recordings.kept[interview.state.unheard.recording.key] = b"sound"
        await interview.tell(outcome)
    online.recordings.kept["another"] = b"sound"
    late = await interview.about(answers_aloud("late"))
    online.recordings.kept[late.data.recording.key] = b"sound"
    await interview.tell(wants_erasure)
    assert set(online.recordings.kept) == {"another", late.data.recording.key}
    await online.sessions.handle(late)
    assert set(online.recordings.kept) == {"another"}


async def test_a_recording_that_is_refused_is_not_kept(online: Replica) -> None:
    interview = Spoken(replica=online, user_id=uuid4())
    await interview.tell(is_requested(), *BEGUN)
    first = await interview.about(answers_aloud("one"))
    second = await interview.about(answers_aloud("two"))
    for each in (first, second):
        online.recordings.kept[each.data.recording.key] = b"sound"
        await online.sessions.handle(each)
    assert set(online.recordings.kept) == {first.data.recording.key}


async def test_what_was_being_written_during_the_first_pass_goes_with_the_second(
    online: Replica, owner: Sql, interview: Spoken
) -> None:
    """An append that began before the tombstone was there, and ended after the first pass."""
    first = interview.history[0]
    reply = await interview.about(replies())
    await interview.tell(wants_erasure)
    await owner(
        "INSERT INTO session.events (stream_id, version, event_id, type, schema_version, user_id, correlation_id,"
        " occurred_at, data) VALUES ($1, 9, $2, $3, 1, $4, $2, now(), '{}')",
        interview.session_id,
        uuid4(),
        first.type,
        interview.user_id,
    )
    await post(online.stream, reply)
    await online.outbox.publish(first.model_copy(update={"id": uuid4()}))
    assert await on_the_broker(online.stream, interview.session_id) != ONLY_ERASED
    await the_second_pass_falls_due(owner)
    await online.timers.take_up()
    assert await on_the_broker(online.stream, interview.session_id) == ONLY_ERASED
    assert await in_the_tables(owner, interview.session_id) == {"tombstones": 1}


async def test_another_replica_does_not_show_what_was_erased(
    online: Replica, new_replica: OneReplica, interview: Spoken
) -> None:
    other = await new_replica(js=online.js)
    who = {"session_id": interview.session_id, "user_id": interview.user_id}
    assert (await other.views.transcript(TranscriptAsk(**who))).found  # and it remembers
    await interview.tell(wants_erasure)
    for replica in (online, other):
        assert not (await replica.views.transcript(TranscriptAsk(**who))).found
        assert (await replica.views.outcome(OutcomeAsk(**who))).session is None
        assert not (await replica.views.history(HistoryAsk(**who))).found
        assert (await replica.views.view(ViewAsk(**who, messages=True))).session is None


async def test_another_replica_deletes_a_late_message_that_would_change_nothing(
    online: Replica, new_replica: OneReplica, interview: Spoken
) -> None:
    other = await new_replica(js=online.js)
    await other.store.load(interview.session_id, interview.user_id)
    again = await interview.about(judges(0))  # judged before: there is nothing to record
    await interview.tell(wants_erasure)
    await post(online.stream, again)
    await other.sessions.handle(again)
    assert await on_the_broker(online.stream, interview.session_id) == ONLY_ERASED


class FailingJetStream:
    """A broker that goes away after some deletions."""

    def __init__(self, js: JetStreamContext, deletions: int) -> None:
        self._js = js
        self._left = deletions

    def __getattr__(self, name: str) -> Any:
        return getattr(self._js, name)

    async def delete_msg(self, stream: str, sequence: int) -> bool:
        if self._left == 0:
            raise BrokerIsAway
        self._left -= 1
        return await self._js.delete_msg(stream, sequence)


@pytest.mark.parametrize("deletions", [0, 5])
async def test_a_crash_in_the_first_pass_leaves_it_due(
    online: Replica, new_replica: OneReplica, owner: Sql, interview: Spoken, deletions: int
) -> None:
    request = await interview.about(wants_erasure)
    await post(online.stream, request)
    dying = await new_replica(js=FailingJetStream(online.stream, deletions))  # type: ignore[arg-type]
    with pytest.raises(BrokerIsAway):
        await dying.sessions.handle(request)
    await it_is_completed_when_it_is_taken_up(online, owner, interview)


async def test_a_database_that_goes_away_in_the_first_pass_leaves_it_due(
    online: Replica, owner: Sql, interview: Spoken
) -> None:
    """The request was deleted with the other messages: nobody delivers it again."""
    await owner("REVOKE DELETE ON session.events FROM parley_session")
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await interview.tell(wants_erasure)
    finally:
        await owner("GRANT DELETE ON session.events TO parley_session")
    assert await on_the_broker(online.stream, interview.session_id) == []
    await it_is_completed_when_it_is_taken_up(online, owner, interview)


async def it_is_completed_when_it_is_taken_up(replica: Replica, owner: Sql, interview: Spoken) -> None:
    assert (await in_the_tables(owner, interview.session_id))["events"]
    row = (await owner("SELECT kind, ref FROM session.timers"))[0]
    assert (row["kind"], row["ref"]) == ("erasure", "1")
    assert await replica.timers.take_up() == 1
    assert await on_the_broker(replica.stream, interview.session_id) == ONLY_ERASED
    assert await in_the_tables(owner, interview.session_id) == {"tombstones": 1, "timers": 1}
    assert replica.outbox.of(Erased)[0].user_id == interview.user_id


async def test_an_erasure_that_could_not_be_announced_is_announced_with_the_second_pass(
    online: Replica, owner: Sql, interview: Spoken
) -> None:
    """The request was deleted with the rest: nobody delivers it again."""
    online.outbox.fails_with = Erased
    with pytest.raises(BrokerIsAway):
        await interview.tell(wants_erasure)
    assert await on_the_broker(online.stream, interview.session_id) == []
    await the_second_pass_falls_due(owner)
    await online.timers.take_up()
    assert await on_the_broker(online.stream, interview.session_id) == ONLY_ERASED


async def test_a_request_that_is_delivered_again_after_a_crash_is_carried_out(
    online: Replica, new_replica: OneReplica, owner: Sql, interview: Spoken
) -> None:
    request = await interview.about(wants_erasure)
    dying = await new_replica()  # its broker is away
    with pytest.raises(BrokerIsAway):
        await dying.sessions.handle(request)
    await online.sessions.handle(request)
    assert await on_the_broker(online.stream, interview.session_id) == ONLY_ERASED
    assert await in_the_tables(owner, interview.session_id) == {"tombstones": 1, "timers": 1}
    assert online.outbox.of(Erased)[0].correlation_id == request.id


# On disk


@pytest.fixture
def own_nats(tmp_path: Path) -> Iterator[EmbeddedNats]:
    """A broker whose files can be looked at."""
    with EmbeddedNats(tmp_path) as server:
        yield server


@pytest_asyncio.fixture
async def own_js(own_nats: EmbeddedNats) -> AsyncIterator[JetStreamContext]:
    connection: Client = await nats.connect(own_nats.url)
    await provision_broker(connection.jetstream())
    yield connection.jetstream()
    await connection.close()


@pytest_asyncio.fixture
async def own(own_nats: EmbeddedNats, own_js: JetStreamContext, new_replica: OneReplica) -> Replica:
    return await new_replica(nats_url=own_nats.url, js=own_js)


def on_disk(server: EmbeddedNats, text: str) -> list[str]:
    """The files of a broker in which a text stands."""
    files = [path for path in (server.data_dir / "store").rglob("*") if path.is_file()]
    assert files
    return [path.name for path in files if text.encode() in path.read_bytes()]


async def test_the_words_are_not_on_the_brokers_disk(
    own_nats: EmbeddedNats, own_js: JetStreamContext, own: Replica
) -> None:
    interview = await a_spoken_interview(own, user_id=uuid4())
    bystander = await a_spoken_interview(own, words="I keep bees on the roof", user_id=uuid4())
    assert on_disk(own_nats, SECRET)
    await interview.tell(wants_erasure)
    assert on_disk(own_nats, SECRET) == []
    assert on_disk(own_nats, "I keep bees on the roof")
    assert await stored(own_js, bystander.session_id)


async def test_a_filtered_purge_would_leave_the_words_on_disk(
    own_nats: EmbeddedNats, own_js: JetStreamContext, own: Replica
) -> None:
    """Why messages are deleted one by one."""
    interview = await a_spoken_interview(own, user_id=uuid4())
    await a_spoken_interview(own, words="I keep bees on the roof", user_id=uuid4())
    for stream, filters in (
        (EVENT_STREAM, events_of_subject(interview.session_id)),
        (EVENT_STREAM, retries_of_subject(interview.session_id)),
        (DEAD_STREAM, dead_of_subject(interview.session_id)),
    ):
        await own_js.purge_stream(stream, subject=filters)
    assert await on_the_broker(own_js, interview.session_id) == []
    assert on_disk(own_nats, SECRET)


def _asked(story: Story) -> Payload:
    return answered("Late.")(story).model_copy(update={"turn": 1})
