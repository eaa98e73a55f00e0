"""Appending and loading on a real Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
from contracts import Event, Payload, UnknownEvent, derived_id, upcasters
from contracts.session.events import FeedbackRecorded, Refused
from session.domain.deadlines import Timeouts, deadlines
from session.domain.state import fold
from session.rebuild import Rebuilt, rebuild
from session.store import VersionConflict
from session_helpers.facts import answered, asked, created, introduced, judged, reset, started
from session_helpers.intents import says
from session_helpers.replica import (
    A_TURN,
    A_WHOLE_INTERVIEW,
    BEGUN,
    TIMEOUTS,
    OneReplica,
    Replica,
    Sql,
    an_interview,
    another_version_wrote,
)
from session_helpers.story import Fact, Story, given


async def append(replica: Replica, story: Story, *facts: Fact) -> None:
    """Record facts in one append, as the newest of a story's history."""
    before = fold(story.session_id, story.history)
    written = len(story.history)
    await replica.store.append(before, story.given(*facts).history[written:])


def continued(story: Story, fact: Fact) -> list[Event[Payload]]:
    """What a rival would append after what a story tells."""
    return Story(story.session_id, story.user_id, story.now, history=list(story.history)).given(fact).history[-1:]


async def test_what_was_appended_is_what_is_loaded(replica: Replica) -> None:
    story = given()
    await append(replica, story, created(job_role="Baker"), started(), introduced)
    await append(replica, story, answered("Bread."), judged(0), asked(text="Why bread?"))
    replica.store.forget(story.session_id)
    assert await replica.store.load(story.session_id, story.user_id) == story.state
    history = await replica.store.history(story.session_id, story.user_id, after=0, limit=100)
    assert history == story.history


async def test_the_history_is_read_in_parts(replica: Replica) -> None:
    story = given()
    await append(replica, story, created(), started(), introduced, answered())
    part = await replica.store.history(story.session_id, story.user_id, after=1, limit=2)
    assert [event.stream_version for event in part] == [2, 3]


async def test_the_envelope_is_kept(replica: Replica, owner: Sql) -> None:
    story = given()
    await append(replica, story, created(), started())
    rows = await owner("SELECT * FROM session.events ORDER BY position")
    for row, event in zip(rows, story.history, strict=True):
        assert (row["stream_id"], row["version"], row["event_id"]) == (
            story.session_id,
            event.stream_version,
            event.id,
        )
        assert (row["type"], row["schema_version"]) == (event.type, event.schema_version)
        assert (row["causation_id"], row["correlation_id"]) == (event.causation_id, event.correlation_id)
        assert (row["user_id"], row["occurred_at"]) == (story.user_id, event.occurred_at)


async def test_events_are_found_by_their_request(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN)
    message = await interview.tell(says())
    store, session_id, user_id = replica.store, interview.session_id, interview.user_id
    found = await store.correlated(session_id, user_id, message.id)
    assert found == interview.history[-1:]
    assert [event.id for event in found] == [derived_id(message.id, "session.answer_recorded.v1")]
    assert await store.correlated(session_id, uuid4(), message.id) == []


async def test_positions_grow_over_all_sessions(replica: Replica, owner: Sql) -> None:
    one, other = given(), given()
    for story, fact in ((one, created()), (other, created()), (one, started()), (other, started())):
        await append(replica, story, fact)
    rows = await owner("SELECT position, stream_id FROM session.events ORDER BY position")
    assert [row["stream_id"] for row in rows] == [each.session_id for each in (one, other, one, other)]
    assert len({row["position"] for row in rows}) == 4


async def test_an_append_to_a_stream_that_went_on_is_a_conflict(replica: Replica) -> None:
    story = given()
    await append(replica, story, created())
    stale = story.state
    theirs = continued(story, reset)
    await append(replica, story, started())
    with pytest.raises(VersionConflict):
        await replica.store.append(stale, theirs)
    assert await replica.store.load(story.session_id, story.user_id) == story.state


@pytest.mark.parametrize("writers", [2, 20])
async def test_of_writers_at_once_exactly_one_wins(new_replica: OneReplica, owner: Sql, writers: int) -> None:
    replicas = [await new_replica() for _ in range(2)]
    story = given()
    await append(replicas[0], story, created())
    state = story.state

    async def write(number: int) -> bool:
        rival = continued(story, started(job_role=f"Role {number}"))
        try:
            await replicas[number % 2].store.append(state, rival)
        except VersionConflict:
            return False
        return True

    won = await asyncio.gather(*map(write, range(writers)))
    assert won.count(True) == 1
    stored = await owner("SELECT version, data FROM session.events ORDER BY version")
    assert [row["version"] for row in stored] == [1, 2]
    read_model = await owner("SELECT version, session_config ->> 'job_role' AS role FROM session.sessions")
    assert (read_model[0]["version"], read_model[0]["role"]) == (2, f"Role {won.index(True)}")


async def test_a_loser_of_a_race_leaves_no_trace_in_the_read_models(replica: Replica, owner: Sql) -> None:
    story = given()
    await append(replica, story, created(), started(), introduced)
    stale, rival = story.state, continued(story, answered("Second."))
    await append(replica, story, answered("First."))
    with pytest.raises(VersionConflict):
        await replica.store.append(stale, rival)
    rows = await owner("SELECT content FROM session.messages WHERE role = 'user'")
    assert [row["content"] for row in rows] == ["First."]
    assert {row["ref"] for row in await owner("SELECT ref FROM session.timers WHERE kind = 'reply'")} == {
        str(story.history[-1].id)
    }


@asynccontextmanager
async def broken(owner: Sql, table: str, condition: str) -> AsyncIterator[None]:
    """A table that takes only rows of a kind."""
    await owner(f"ALTER TABLE session.{table} ADD CONSTRAINT broken CHECK ({condition}) NOT VALID")
    try:
        yield
    finally:
        await owner(f"ALTER TABLE session.{table} DROP CONSTRAINT broken")


@pytest.mark.parametrize("table", ["messages", "sessions", "feedback", "timers", "events"])
async def test_an_append_that_fails_anywhere_leaves_nothing(replica: Replica, owner: Sql, table: str) -> None:
    story = given()
    await append(replica, story, created(), started(), introduced)
    tables = ("events", "sessions", "messages", "feedback", "timers")
    before = [await owner(f"SELECT * FROM session.{each}") for each in tables]
    async with broken(owner, table, "version < 4" if table in {"events", "sessions"} else "false"):
        with pytest.raises(asyncpg.CheckViolationError):
            await append(replica, story, answered(), judged(0))
    assert [await owner(f"SELECT * FROM session.{each}") for each in tables] == before


async def test_a_reset_that_fails_keeps_what_was_said(replica: Replica, owner: Sql) -> None:
    story = given()
    await append(replica, story, created(), started(), introduced)
    async with broken(owner, "sessions", "version < 4"):
        with pytest.raises(asyncpg.CheckViolationError):
            await append(replica, story, reset)
    assert len(await owner("SELECT FROM session.messages")) == 1


async def test_what_is_due_is_written_with_the_events(replica: Replica, owner: Sql) -> None:
    interview = await an_interview(replica, *BEGUN, *A_TURN, says("Pending."))
    rows = await owner("SELECT kind, ref, at, attempt, user_id FROM session.timers")
    expected = deadlines(interview.state, TIMEOUTS)
    assert {(row["kind"], row["ref"]): row["at"] for row in rows} == {
        (key.kind, key.ref): at for key, at in expected.items()
    }
    assert {row["attempt"] for row in rows} == {0} and {row["user_id"] for row in rows} == {interview.user_id}


async def test_a_row_that_moves_starts_its_attempts_anew(replica: Replica, owner: Sql) -> None:
    interview = await an_interview(replica, *BEGUN)
    await owner("UPDATE session.timers SET attempt = 2 WHERE kind = 'abandonment'")
    await interview.tell(says())
    row = (await owner("SELECT at, attempt FROM session.timers WHERE kind = 'abandonment'"))[0]
    assert row["attempt"] == 0
    assert row["at"] == interview.state.active_at + timedelta(seconds=TIMEOUTS.abandonment)


async def test_read_models_written_with_the_events_equal_what_a_rebuild_computes(replica: Replica) -> None:
    await an_interview(replica, *A_WHOLE_INTERVIEW)
    await an_interview(replica, *BEGUN, *A_TURN, says("Pending."), anonymous=True)
    result = await rebuild(replica.database, TIMEOUTS, write=False)
    assert result == Rebuilt(sessions=2, events=19, different=0)


async def test_an_event_of_an_earlier_schema_is_upcast_when_it_is_read(
    replica: Replica, owner: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upcasters, "_steps", {})
    monkeypatch.setattr(Refused, "SCHEMA_VERSION", 2)
    upcasters.upcaster(Refused.TYPE, from_version=1)(lambda data: {**data, "detail": "It was so."})
    story = given()
    await append(replica, story, created())
    stored = {"request": "gateway.user_message.v1", "reason": "paused"}
    await another_version_wrote(owner, story, Refused.TYPE, 1, stored)
    event = (await replica.store.history(story.session_id, story.user_id, after=1, limit=10))[0]
    assert isinstance(event.data, Refused) and event.data.detail == "It was so."
    assert event.schema_version == 2
    assert (await replica.store.load(story.session_id, story.user_id)).version == 2


NEWER = [
    ("session.teleported.v1", 1, {}),
    ("session.question_asked.v2", 1, {}),
    ("session.paused.v1", 99, {"by": "somebody new"}),
]


@pytest.mark.parametrize(("kind", "schema_version", "data"), NEWER)
@pytest.mark.parametrize("cached", [True, False])
async def test_a_replica_does_not_decide_on_a_stream_that_it_does_not_understand(
    replica: Replica, owner: Sql, kind: str, schema_version: int, data: dict[str, str], cached: bool
) -> None:
    interview = await an_interview(replica, *BEGUN)
    message = await interview.about(says())
    await another_version_wrote(owner, interview, kind, schema_version, data)
    if not cached:
        replica.store.forget(interview.session_id)
    with pytest.raises(UnknownEvent):
        await replica.sessions.handle(message)
    assert len(await owner("SELECT FROM session.events")) == 4
    assert replica.outbox.published[-1].stream_version == 3


async def test_two_replicas_take_turns_on_one_interview(new_replica: OneReplica) -> None:
    first, second = await new_replica(), await new_replica()
    interview = await an_interview(first)
    for number, intent in enumerate(A_WHOLE_INTERVIEW):
        message = await interview.about(intent)  # reads through `first`, so that only `second` is ever stale
        interview.replica = (first, second)[number % 2]
        await interview.replica.sessions.handle(message)
    for replica in (first, second):
        state = await replica.store.load(interview.session_id, interview.user_id)
        assert state == (await interview.refresh()).state
    assert [asked.number for asked in interview.state.asked] == [0, 1, 1]
    assert interview.state.report_status == "completed"
    assert (await rebuild(first.database, TIMEOUTS, write=False)).different == 0


async def test_a_stale_cache_decides_nothing(new_replica: OneReplica) -> None:
    first, second = await new_replica(), await new_replica()
    interview = await an_interview(first, *BEGUN)
    await second.store.load(interview.session_id, interview.user_id)
    one, two = await interview.about(says("First.")), await interview.about(says("Second."))
    await first.sessions.handle(one)
    await second.sessions.handle(two)  # to its cache the question still stands
    await interview.refresh()
    assert [type(event.data).__name__ for event in interview.history[3:]] == ["AnswerRecorded", "Refused"]
    assert interview.history[-1].data.reason == "reply_pending"


async def test_a_stale_cache_does_not_conclude_that_there_is_nothing_to_do(new_replica: OneReplica) -> None:
    first, second = await new_replica(), await new_replica()
    interview = await an_interview(first, *BEGUN)
    await second.store.load(interview.session_id, interview.user_id)
    await interview.tell(says())
    feedback = await interview.about(A_TURN[2])
    await second.sessions.handle(feedback)  # to its cache there is no answer to judge
    assert isinstance((await interview.refresh()).history[-1].data, FeedbackRecorded)


async def test_a_cached_state_is_not_shown_to_another_user(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN)
    assert replica.store.cached(interview.session_id, interview.user_id) is not None
    assert replica.store.cached(interview.session_id, uuid4()) is None
    assert replica.store.cached(interview.session_id, None) is None
    assert not (await replica.store.load(interview.session_id, uuid4())).exists


async def test_another_users_message_about_a_session_does_nothing(replica: Replica, owner: Sql) -> None:
    interview = await an_interview(replica, *BEGUN)
    message = (await interview.about(says())).model_copy(update={"user_id": uuid4()})
    await replica.sessions.handle(message)
    assert len(await owner("SELECT FROM session.events")) == 3


async def test_a_session_cannot_be_created_over_anothers(replica: Replica, owner: Sql) -> None:
    story = given()
    await append(replica, story, created())
    thief = Story(story.session_id).given(created(job_role="Thief"))
    with pytest.raises(VersionConflict):
        await replica.store.append(fold(story.session_id, []), thief.history)
    rows = await owner("SELECT user_id, session_config ->> 'job_role' AS role FROM session.sessions")
    assert [(row["user_id"], row["role"]) for row in rows] == [(story.user_id, "General Role")]


async def test_only_the_newest_sessions_are_cached(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("session.store.CACHED_STATES", 2)
    stories = [given() for _ in range(3)]
    for story in stories:
        await append(replica, story, created())
    kept = [replica.store.cached(story.session_id, story.user_id) is not None for story in stories]
    assert kept == [False, True, True]


async def test_timeouts_are_how_long_is_waited(new_replica: OneReplica, owner: Sql) -> None:
    impatient = await new_replica(timeouts=Timeouts(reply=1))
    interview = await an_interview(impatient, *BEGUN, says())
    row = (await owner("SELECT at FROM session.timers WHERE kind = 'reply'"))[0]
    assert row["at"] == interview.state.answers[0].at + timedelta(seconds=1)
