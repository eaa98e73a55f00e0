"""What is overdue is asked for again, and in the end gone on without."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from contracts import Payload
from contracts.session.asks import OutcomeAsk, ViewAsk
from contracts.session.events import (
    AnswerRecorded,
    Completed,
    FeedbackRecorded,
    QuestionAsked,
    ReportDue,
    ReportRecorded,
    Started,
)
from contracts.subjects import matches, retries_of_subject, retry_subject
from contracts.topology import EVENT_STREAM, HANDLERS
from nats.aio.client import Client
from nats.js.api import Header
from runtime.deadletters import messages
from runtime.sql.tenants import as_role
from session.domain.decide import NO_FEEDBACK, NO_REPORT, NOTICE
from session.tenant import SWEEPER_ROLE
from session_helpers.intents import (
    answers_aloud,
    ends,
    is_requested,
    is_understood,
    judges,
    pauses,
    replies,
    says,
    starts,
)
from session_helpers.replica import (
    A_TURN,
    BEGUN,
    TIMEOUTS,
    Interview,
    OneReplica,
    Replica,
    Sql,
    an_interview,
    stored,
    utc_now,
)


async def fall_due(owner: Sql, kind: str) -> None:
    """Let time pass until a row is overdue."""
    rows = await owner("UPDATE session.timers SET at = now() - interval '1 s' WHERE kind = $1 RETURNING kind", kind)
    assert rows


async def give_up(replica: Replica, owner: Sql, kind: str) -> None:
    """Let time pass through all attempts."""
    for _ in range(TIMEOUTS.attempts):
        await fall_due(owner, kind)
        await replica.timers.take_up()


async def due_kinds(owner: Sql) -> set[str]:
    return {row["kind"] for row in await owner("SELECT kind FROM session.timers")}


async def test_what_is_not_overdue_is_left_alone(replica: Replica) -> None:
    await an_interview(replica, *BEGUN, says())
    assert await replica.timers.take_up() == 0
    assert replica.outbox.asked_again == []


@pytest.mark.parametrize(
    ("going", "kind", "cause"),
    [
        ((starts(),), "reply", Started),
        ((*BEGUN, says(), judges(0)), "reply", AnswerRecorded),
        ((*BEGUN, says(), replies()), "feedback", AnswerRecorded),
        ((*BEGUN, *A_TURN, ends()), "report", ReportDue),
    ],
    ids=["introduction", "reply", "feedback", "report"],
)
@pytest.mark.parametrize("anonymous", [False, True])
async def test_what_is_late_is_asked_for_again_of_the_service_that_owes_it_alone(
    online: Replica, owner: Sql, going: tuple, kind: str, cause: type[Payload], anonymous: bool
) -> None:
    interview = await an_interview(online, *going, anonymous=anonymous)
    event = interview.latest(cause)
    for _ in range(TIMEOUTS.attempts - 1):
        await fall_due(owner, kind)
        assert await online.timers.take_up() == 1
    [first] = await stored(online.stream, interview.session_id, cause)
    durable = "interviewer" if kind == "reply" else "coach"
    again = [each async for each in messages(online.stream, EVENT_STREAM, retries_of_subject(interview.session_id))]
    assert [each.subject for each in again] == [retry_subject(durable, interview.session_id)] * 2
    assert [each.headers[Header.MSG_ID.value] for each in again] == [
        f"{event.id}:{durable}:1",
        f"{event.id}:{durable}:2",
    ]
    assert {each.data for each in again} == {first.data}
    hearing = [each.durable for each in HANDLERS if any(matches(wanted, again[0].subject) for wanted in each.filters)]
    assert hearing == [durable]


async def test_what_may_be_corrected_no_longer_is_given_to_the_coach_once_and_its_feedback_is_waited_for(
    new_replica: OneReplica, owner: Sql
) -> None:
    replica = await new_replica(review=30)
    interview = await an_interview(replica, *BEGUN, answers_aloud(), is_understood(), replies())
    await fall_due(owner, "review")
    await replica.timers.take_up()
    answer = interview.latest(AnswerRecorded)
    assert [(each.id, durable, attempt) for durable, each, attempt in replica.outbox.asked_again] == [
        (answer.id, "coach", 0)
    ]
    assert await due_kinds(owner) == {"feedback", "abandonment"}
    await interview.tell(judges(0))
    assert await due_kinds(owner) == {"abandonment"}


async def test_after_the_attempts_the_turn_ends_in_a_notice(online: Replica, owner: Sql) -> None:
    interview = await an_interview(online, *BEGUN, says())
    await give_up(online, owner, "reply")
    assert (await interview.refresh()).state.current.question.text == NOTICE
    assert await due_kinds(owner) == {"feedback", "abandonment"}
    assert len(await stored(online.stream, interview.session_id, QuestionAsked)) == 2


@pytest.mark.parametrize("going", [(starts(),), (*BEGUN, says())], ids=["start", "answer"])
async def test_a_notice_is_the_outcome_of_the_request_that_waited(replica: Replica, owner: Sql, going: tuple) -> None:
    interview = Interview(replica=replica)
    request = await interview.tell(is_requested(), *going)
    await give_up(replica, owner, "reply")
    ask = OutcomeAsk(session_id=interview.session_id, user_id=interview.user_id, message_id=request.id)
    outcome = await replica.views.outcome(ask)
    assert outcome.event is not None and outcome.event.data.action == "notice"


async def test_after_the_attempts_the_answer_stays_without_feedback(replica: Replica, owner: Sql) -> None:
    interview = await an_interview(replica, *BEGUN, says(), replies())
    await give_up(replica, owner, "feedback")
    asked = ViewAsk(session_id=interview.session_id, user_id=interview.user_id, feedback=True)
    assert (await replica.views.view(asked)).feedback[0].feedback.text == NO_FEEDBACK
    assert await due_kinds(owner) == {"abandonment"}


async def test_an_ended_interview_gets_its_report_without_the_missing_feedback(replica: Replica, owner: Sql) -> None:
    interview = await an_interview(replica, *BEGUN, says(), ends())
    assert await due_kinds(owner) == {"feedback"}
    await give_up(replica, owner, "feedback")
    kinds = [type(event.data) for event in (await interview.refresh()).history[-2:]]
    assert kinds == [FeedbackRecorded, ReportDue]
    assert await due_kinds(owner) == {"report"}


async def test_after_the_attempts_the_report_ends_in_a_sentence(replica: Replica, owner: Sql) -> None:
    interview = await an_interview(replica, *BEGUN, *A_TURN, ends())
    await give_up(replica, owner, "report")
    assert (await interview.refresh()).latest(ReportRecorded).data.error == NO_REPORT
    assert await due_kinds(owner) == set()


async def test_what_came_in_time_is_not_asked_for_again(replica: Replica, owner: Sql) -> None:
    interview = await an_interview(replica, *BEGUN, says())
    await fall_due(owner, "reply")
    await interview.tell(replies())
    assert await replica.timers.take_up() == 0


async def test_an_interview_by_time_ends_when_its_time_is_over(
    replica: Replica, new_replica: OneReplica, owner: Sql
) -> None:
    interview = Interview(replica=replica)
    await interview.tell(is_requested(use_time_based_interview=True, interview_duration_minutes=1), *BEGUN)
    await fall_due(owner, "clock")
    await replica.timers.take_up()
    assert (await interview.refresh()).state.status == "active"  # a minute has not passed yet
    later = await new_replica(clock=lambda: utc_now() + timedelta(minutes=2))
    await fall_due(owner, "clock")
    await later.timers.take_up()
    assert (await interview.refresh()).state.ending == "time_up"
    assert await due_kinds(owner) == {"report"}


async def test_the_clock_is_not_due_in_a_pause(replica: Replica, owner: Sql) -> None:
    interview = Interview(replica=replica)
    await interview.tell(is_requested(use_time_based_interview=True), *BEGUN)
    assert "clock" in await due_kinds(owner)
    await interview.tell(pauses)
    assert "clock" not in await due_kinds(owner)


@pytest.mark.parametrize(("going", "kinds"), [(BEGUN, [Completed]), ((*BEGUN, *A_TURN), [Completed, ReportDue])])
async def test_an_interview_without_a_sign_of_life_counts_as_abandoned(
    replica: Replica, owner: Sql, going: tuple, kinds: list
) -> None:
    interview = await an_interview(replica, *going)
    version = interview.state.version
    await fall_due(owner, "abandonment")
    await replica.timers.take_up()
    assert [type(event.data) for event in (await interview.refresh()).history[version:]] == kinds
    assert interview.state.status == "abandoned"


@pytest.mark.parametrize("anonymous", [True, False])
async def test_an_interview_without_an_account_is_erased_once_it_was_kept_long_enough(
    new_replica: OneReplica, nats_url: str, broker_connection: Client, owner: Sql, anonymous: bool
) -> None:
    kept = replace(TIMEOUTS, retention=86_400)
    replica = await new_replica(nats_url=nats_url, js=broker_connection.jetstream(), timeouts=kept)
    interview = await an_interview(replica, *BEGUN, *A_TURN, ends(), anonymous=anonymous)
    assert ("retention" in await due_kinds(owner)) == anonymous
    await owner("UPDATE session.timers SET at = now() - interval '1 s' WHERE kind = 'retention'")
    await replica.timers.take_up()
    assert (await replica.store.erased(interview.session_id)) == anonymous
    left = await owner("SELECT FROM session.messages WHERE session_id = $1", interview.session_id)
    assert bool(left) != anonymous


async def test_a_row_that_somebody_works_on_is_not_taken_and_not_waited_for(
    replica: Replica, new_replica: OneReplica, owner: Sql
) -> None:
    other = await new_replica()
    for _ in range(2):
        await an_interview(replica, *BEGUN, says())
    await fall_due(owner, "reply")
    async with as_role(replica.database, SWEEPER_ROLE) as connection:
        await connection.fetch("SELECT FROM session.timers WHERE kind = 'reply' LIMIT 1 FOR UPDATE")
        async with asyncio.timeout(5):
            assert await other.timers.take_up() == 1


async def test_two_workers_never_take_up_the_same_row(replica: Replica, new_replica: OneReplica, owner: Sql) -> None:
    replicas = [replica, await new_replica()]
    for _ in range(30):
        await an_interview(replica, *BEGUN, says())
    await fall_due(owner, "reply")
    taken = await asyncio.gather(*(each.timers.take_up() for each in replicas * 3))
    again = [event.id for each in replicas for _, event, _ in each.outbox.asked_again]
    assert sum(taken) == 30 and len(again) == len(set(again)) == 30


async def test_a_crash_after_claiming_leaves_a_row_due_again(replica: Replica, owner: Sql) -> None:
    await an_interview(replica, *BEGUN, says())
    await fall_due(owner, "reply")
    replica.outbox.fails_with = AnswerRecorded
    assert await replica.timers.take_up() == 1
    row = (await owner("SELECT attempt, at - now() AS left FROM session.timers WHERE kind = 'reply'"))[0]
    assert row["attempt"] == 1
    assert timedelta(0) < row["left"] <= timedelta(seconds=TIMEOUTS.reply)
    await fall_due(owner, "reply")
    await replica.timers.take_up()
    assert [(durable, attempt) for durable, _, attempt in replica.outbox.asked_again] == [("interviewer", 2)]


async def test_what_fails_does_not_hold_up_the_others(replica: Replica, owner: Sql) -> None:
    for _ in range(3):
        await an_interview(replica, *BEGUN, says())
    replica.outbox.fails_with = AnswerRecorded
    await fall_due(owner, "reply")
    assert await replica.timers.take_up() == 3
    assert len(replica.outbox.asked_again) == 2


async def test_a_row_that_was_taken_up_is_not_due_at_once(replica: Replica, owner: Sql) -> None:
    await an_interview(replica, *BEGUN, says(), judges(0))
    await fall_due(owner, "reply")
    assert [await replica.timers.take_up() for _ in range(2)] == [1, 0]
