"""Read models can be dropped and made again from the events."""

from __future__ import annotations

import pytest
import pytest_asyncio
from session.rebuild import rebuild
from session_helpers.intents import ends, is_requested, resets, says, starts
from session_helpers.replica import (
    A_TURN,
    A_WHOLE_INTERVIEW,
    BEGUN,
    TIMEOUTS,
    Interview,
    Replica,
    Sql,
    an_interview,
)

TABLES = {
    "sessions": "session_id",
    "messages": "session_id, seq",
    "feedback": "session_id, turn",
    "timers": "session_id, kind, ref",
}
TAMPERED = [
    "UPDATE session.messages SET content = 'Never said.' WHERE seq = 4",
    "UPDATE session.messages SET message_metadata = '{}' WHERE seq = 3",
    "DELETE FROM session.messages WHERE seq = 4",
    "INSERT INTO session.messages SELECT session_id, 99, event_id, user_id, turn, role, content,"
    " response_type, message_metadata, created_at FROM session.messages WHERE seq = 4",
    "UPDATE session.feedback SET score = 1",
    "DELETE FROM session.feedback",
    "UPDATE session.sessions SET status = 'completed'",
    "UPDATE session.sessions SET session_stats = session_stats || '{\"answers\": 7}'",
    "DELETE FROM session.sessions",
    "DELETE FROM session.timers WHERE kind = 'reply'",
    "INSERT INTO session.timers SELECT session_id, 'report', ref, user_id, at, 0 FROM session.timers LIMIT 1",
]


@pytest_asyncio.fixture
async def going_on(replica: Replica) -> Interview:
    return await an_interview(replica, *BEGUN, *A_TURN, says("Pending."))


async def dump(owner: Sql) -> list:
    return [await owner(f"SELECT * FROM session.{table} ORDER BY {key}") for table, key in TABLES.items()]


async def different(replica: Replica, *, write: bool = False) -> int:
    return (await rebuild(replica.database, TIMEOUTS, write=write)).different


async def test_nothing_differs_after_a_whole_interview(replica: Replica) -> None:
    interview = await an_interview(replica, *A_WHOLE_INTERVIEW)
    result = await rebuild(replica.database, TIMEOUTS, write=False)
    assert (result.sessions, result.events, result.different) == (1, interview.state.version, 0)


@pytest.mark.parametrize("last", [ends(), resets, ends("cancelled"), is_requested(), says()])
async def test_nothing_differs_whatever_happened_last(replica: Replica, going_on: Interview, last) -> None:
    await going_on.tell(last)
    assert await different(replica) == 0


async def test_nothing_differs_when_a_finished_interview_begins_anew(replica: Replica) -> None:
    interview = await an_interview(replica, *A_WHOLE_INTERVIEW, resets)
    assert interview.state.report is None and await different(replica) == 0
    await interview.tell(starts(job_role="Cook"), *A_WHOLE_INTERVIEW[1:])
    assert interview.state.report is not None and await different(replica) == 0


async def test_nothing_differs_in_a_second_life(replica: Replica, going_on: Interview) -> None:
    await going_on.tell(resets, starts(job_role="Cook"), *BEGUN[1:], *A_TURN)
    assert await different(replica) == 0


@pytest.mark.parametrize("statement", TAMPERED)
async def test_what_was_tampered_with_is_found_and_put_right(
    replica: Replica, going_on: Interview, owner: Sql, statement: str
) -> None:
    before = await dump(owner)
    await owner(statement)
    assert await different(replica) == 1
    assert await dump(owner) != before  # only looked at
    assert await different(replica, write=True) == 1
    assert await dump(owner) == before
    assert await different(replica) == 0


async def test_only_what_differs_is_written(replica: Replica, going_on: Interview, owner: Sql) -> None:
    other = await an_interview(replica, *A_WHOLE_INTERVIEW)
    before = await owner("SELECT xmin FROM session.messages WHERE session_id = $1", other.session_id)
    await owner("DELETE FROM session.messages WHERE session_id = $1", going_on.session_id)
    assert await different(replica, write=True) == 1
    assert await owner("SELECT xmin FROM session.messages WHERE session_id = $1", other.session_id) == before


async def test_dropped_read_models_come_back_as_they_were(replica: Replica, going_on: Interview, owner) -> None:
    await an_interview(replica, *A_WHOLE_INTERVIEW)
    await an_interview(replica, *BEGUN, anonymous=True)
    before = await dump(owner)
    assert all(before)
    for table in TABLES:
        await owner(f"TRUNCATE session.{table}")
    assert await different(replica, write=True) == 3
    assert await dump(owner) == before


async def test_an_erasure_that_waits_is_not_undone(replica: Replica, going_on: Interview, owner: Sql) -> None:
    """The process died after the tombstone was written; the timer is all that will see to the rest."""
    await owner("INSERT INTO session.tombstones VALUES ($1, now())", going_on.session_id)
    await owner("DELETE FROM session.timers")
    await owner(
        "INSERT INTO session.timers (session_id, user_id, kind, ref, at, attempt)"
        " VALUES ($1, $2, 'erasure', '1', now(), 0)",
        going_on.session_id,
        going_on.user_id,
    )
    before = await dump(owner)
    await rebuild(replica.database, TIMEOUTS, write=True)
    assert await dump(owner) == before
