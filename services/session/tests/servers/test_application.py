"""Record, publish, acknowledge: whatever is interrupted or delivered again, it happened once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from contracts import decode, derived_id, encode
from contracts.session.events import AnswerRecorded, Completed, FeedbackRecorded, QuestionAsked, Refused, ReportDue
from contracts.vocabulary.question import Expectation
from nats.js.api import Header
from session.domain.intents import LeftAlone, ReplyGivenUp
from session_helpers.intents import corrects, ends, judges, replies, says, tries_again, wants_other_words
from session_helpers.replica import (
    A_TURN,
    BEGUN,
    BrokerIsAway,
    OneReplica,
    Replica,
    Sql,
    an_interview,
    stored,
)
from session_helpers.story import Intent


def ids(messages: list) -> list[str]:
    return [message.headers[Header.MSG_ID.value] for message in messages]


async def test_a_message_that_is_delivered_twice_is_recorded_once_and_published_with_the_same_ids(
    online: Replica,
) -> None:
    interview = await an_interview(online, *BEGUN)
    message = await interview.tell(says())
    version = interview.state.version
    await online.sessions.handle(message)
    assert (await interview.refresh()).state.version == version
    answer = derived_id(message.id, AnswerRecorded.TYPE)
    assert [event.id for event in online.outbox.of(AnswerRecorded)] == [answer, answer]
    assert ids(await stored(online.stream, interview.session_id, AnswerRecorded)) == [str(answer)]


async def test_a_message_that_is_delivered_to_two_replicas_at_once_is_recorded_once(
    online: Replica, new_replica: OneReplica, nats_url: str
) -> None:
    other = await new_replica(nats_url=nats_url)
    interview = await an_interview(online, *BEGUN)
    message = await interview.about(says())
    await asyncio.gather(*(each.sessions.handle(message) for each in (online, other) for _ in range(3)))
    assert len((await interview.refresh()).all(AnswerRecorded)) == 1
    assert len(await stored(online.stream, interview.session_id, AnswerRecorded)) == 1


async def test_what_was_recorded_before_a_crash_is_published_on_redelivery(online: Replica) -> None:
    interview = await an_interview(online, *BEGUN)
    message = await interview.about(says("I built a parser."))
    online.outbox.fails_with = AnswerRecorded
    with pytest.raises(BrokerIsAway):
        await online.sessions.handle(message)
    assert len((await interview.refresh()).all(AnswerRecorded)) == 1
    assert await stored(online.stream, interview.session_id, AnswerRecorded) == []
    await online.sessions.handle(message)
    assert len((await interview.refresh()).all(AnswerRecorded)) == 1
    published = decode((await stored(online.stream, interview.session_id, AnswerRecorded))[0].data or b"")
    assert published.data.text == "I built a parser." and published.data.context is not None


async def test_the_rest_of_what_was_recorded_is_published_on_redelivery(
    online: Replica, new_replica: OneReplica, nats_url: str
) -> None:
    interview = await an_interview(online, *BEGUN, says(), judges(0))
    message = await interview.about(replies("closing"))
    online.outbox.fails_with = Completed
    with pytest.raises(BrokerIsAway):
        await online.sessions.handle(message)
    assert await stored(online.stream, interview.session_id, Completed, ReportDue) == []
    successor = await new_replica(nats_url=nats_url)
    await successor.sessions.handle(message)
    kinds = (QuestionAsked, Completed, ReportDue)
    assert [len(await stored(online.stream, interview.session_id, kind)) for kind in kinds] == [2, 1, 1]


async def test_everything_is_published_in_order_with_its_version(online: Replica) -> None:
    interview = await an_interview(online, *BEGUN, *A_TURN)
    published = [decode(each.data or b"") for each in await stored(online.stream, interview.session_id)]
    assert [event.id for event in published] == [event.id for event in interview.history]
    assert [event.stream_version for event in published] == list(range(1, len(published) + 1))
    assert {event.user_id for event in published} == {interview.user_id}


async def test_reply_and_feedback_at_once_are_both_recorded(online: Replica, new_replica: OneReplica) -> None:
    other = await new_replica()
    for number in range(10):
        interview = await an_interview(online, *BEGUN, says())
        reply, feedback = await interview.about(replies()), await interview.about(judges(0))
        await other.store.load(interview.session_id, interview.user_id)
        second = (online, other)[number % 2]
        await asyncio.gather(online.sessions.handle(reply), second.sessions.handle(feedback))
        kinds = {type(event.data) for event in (await interview.refresh()).history[-2:]}
        assert kinds == {QuestionAsked, FeedbackRecorded}


async def test_what_was_refused_is_refused_when_it_is_delivered_again(online: Replica) -> None:
    interview = await an_interview(online, *BEGUN, says("First."))
    early = await interview.tell(says("Second."))
    await interview.tell(replies())
    await online.sessions.handle(early)
    await interview.refresh()
    assert [event.data.text for event in interview.all(AnswerRecorded)] == ["First."]
    assert len(interview.all(Refused)) == 1
    # The counter-proof: without the recorded refusal it would answer the question that it never saw.
    words = early.data.model_copy(update={"question_id": interview.state.current.id})
    await interview.tell(lambda _: early.model_copy(update={"id": interview.session_id, "data": words}))
    assert [event.data.text for event in interview.all(AnswerRecorded)] == ["First.", "Second."]


async def test_a_refused_message_is_published_again_as_refused(online: Replica) -> None:
    interview = await an_interview(online, *BEGUN, says())
    early = await interview.tell(says("Second."))
    await online.sessions.handle(early)
    refused = online.outbox.of(Refused)
    assert len(refused) == 2 and refused[0].id == refused[1].id
    assert refused[0].correlation_id == early.correlation_id


async def test_an_answer_travels_with_its_context_and_is_recorded_without_it(online: Replica, owner: Sql) -> None:
    interview = await an_interview(online, *BEGUN, *A_TURN, says("It was fast."))
    rows = await owner("SELECT data FROM session.events WHERE type = $1", AnswerRecorded.TYPE)
    assert [set(json.loads(row["data"])) for row in rows] == [
        {"turn", "revision", "question_id", "text", "request_hash"}
    ] * 2
    published = [decode(each.data or b"") for each in await stored(online.stream, interview.session_id, AnswerRecorded)]
    context = published[1].data.context
    assert context.transcript[-1].text == "It was fast." and context.question.text == "Why in Rust?"
    assert context.scores == (0.7,)


async def test_slim_histories_are_a_fraction_of_fat_ones(online: Replica, owner: Sql) -> None:
    """Fat ones took three times as long to load; this counts bytes, which do not depend on the weather."""
    turns = [turn for _ in range(10) for turn in (says("word " * 100), replies())]
    interview = await an_interview(online, *BEGUN, *turns)
    slim = (await owner("SELECT sum(octet_length(data::text)) AS bytes FROM session.events"))[0]["bytes"]
    fat = sum(len(encode(event)) for event in online.outbox.published)
    assert len(interview.state.answers) == 10 and fat > 3 * slim


async def test_an_earlier_answer_is_published_with_the_context_of_its_time(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN, says("One."), replies(text="Later?"), says("Two."))
    first = interview.all(AnswerRecorded)[0]
    await replica.sessions.ask_again("coach", first.id, interview.session_id, interview.user_id, attempt=1)
    _, again, _ = replica.outbox.asked_again[-1]
    context = again.data.context
    assert [each.text for each in context.transcript] == ["Welcome. Who are you?", "One."]


EXPECTS = (Expectation(point="Measures first", cues=("profiler",)),)


@pytest.mark.parametrize(("revise", "attempt"), [(corrects, 1), (tries_again, 2)])
async def test_a_revised_answer_is_published_with_what_its_question_expects(
    replica: Replica, revise: Callable[..., Intent], attempt: int
) -> None:
    going = (says("Hello."), replies(text="How?", expects=EXPECTS), says("So."), replies(text="And then?"), judges(1))
    interview = await an_interview(replica, *BEGUN, *going)
    await interview.tell(revise(1, "With a profiler."))
    context = replica.outbox.published[-1].data.context
    assert (context.question.text, context.question.expects) == ("How?", EXPECTS)
    assert (context.answer, context.attempt) == ("With a profiler.", attempt)
    assert context.transcript[-1].text == "With a profiler."


async def test_a_revised_answer_that_is_published_again_says_the_same(replica: Replica) -> None:
    going = (says("Hello."), replies(text="How?", expects=EXPECTS), says("So."), replies(text="And then?"), judges(1))
    interview = await an_interview(replica, *BEGUN, *going, corrects(1, "With a profiler."))
    published = replica.outbox.published[-1]
    await replica.sessions.ask_again("coach", published.id, interview.session_id, interview.user_id, attempt=1)
    assert replica.outbox.asked_again == [("coach", published, 1)]


async def test_a_wish_for_other_words_is_published_with_the_current_question(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN, says("Hello."), replies(text="How?", expects=EXPECTS))
    await interview.tell(wants_other_words)
    context = replica.outbox.published[-1].data.context
    assert (context.question.text, context.question.expects, context.answer) == ("How?", EXPECTS, "")


async def test_time_runs_out_once_for_all_replicas(online: Replica, new_replica: OneReplica) -> None:
    other = await new_replica()
    interview = await an_interview(online, *BEGUN, says())
    timer = ReplyGivenUp(interview.state.reply_pending_to)
    work = [each.sessions.time_out(interview.session_id, interview.user_id, timer) for each in (online, other) * 3]
    await asyncio.gather(*work)
    assert [event.data.action for event in (await interview.refresh()).all(QuestionAsked)] == [
        "new_question",
        "notice",
    ]


async def test_time_means_nothing_to_a_session_that_is_not_there(replica: Replica, owner: Sql) -> None:
    interview = await an_interview(replica)
    await replica.sessions.time_out(uuid4(), interview.user_id, LeftAlone(datetime.now(UTC)))
    assert len(await owner("SELECT FROM session.events")) == 1


async def test_what_changes_nothing_publishes_nothing(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN, ends())
    before = len(replica.outbox.published)
    await interview.tell(ends(), ends("cancelled"), replies())
    assert len(replica.outbox.published) == before
