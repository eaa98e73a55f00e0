"""What the service answers to the asks of others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts import Contract
from contracts.session.asks import (
    History,
    HistoryAsk,
    ListAsk,
    Message,
    OutcomeAsk,
    SessionList,
    Transcript,
    TranscriptAsk,
    View,
    ViewAsk,
)
from contracts.session.events import AnswerRepeated, Completed, Created, Paused, QuestionAsked, Refused, Reset, Resumed
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.limits import MAX_JOB_DESCRIPTION, MAX_RESUME
from contracts.vocabulary.turn import TranscriptTurn
from faststream.nats import NatsBroker
from runtime.broker import ask
from session import shapes, views
from session.domain.state import fold
from session.subscribers import NAME
from session.views import HISTORY_LIMIT, PART_BYTES
from session_helpers.facts import answered, asked, created, introduced, judged, report, started
from session_helpers.intents import (
    ends,
    is_requested,
    judges,
    pauses,
    replies,
    reports,
    resets,
    resumes,
    says,
    starts,
)
from session_helpers.replica import (
    A_TURN,
    A_WHOLE_INTERVIEW,
    BEGUN,
    Interview,
    Replica,
    Sql,
    an_interview,
    utc_now,
)
from session_helpers.story import Fact, Intent, Story, given

NATS_LIMIT = 1024 * 1024


def who(story: Story, user_id: UUID | None = None) -> dict[str, Any]:
    return {"session_id": story.session_id, "user_id": user_id or story.user_id}


async def a_recorded_interview(replica: Replica, *facts: Fact) -> Story:
    """These events, in one append."""
    story = given(created(), started(), introduced, *facts)
    await replica.store.append(fold(story.session_id, []), story.history)
    return story


async def outcome_of(replica: Replica, story: Story, message_id: UUID | None = None):
    return await replica.views.outcome(OutcomeAsk(**who(story), message_id=message_id))


# Outcome


async def test_a_session_that_does_not_exist_has_no_standing(replica: Replica) -> None:
    outcome = await outcome_of(replica, Story(), uuid4())
    assert outcome.session is None and not outcome.known and outcome.event is None


async def test_a_session_of_another_user_has_no_standing(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN)
    message = await interview.tell(says())
    for user_id in (uuid4(), None):
        ask = OutcomeAsk(session_id=interview.session_id, user_id=user_id, message_id=message.id)
        assert (await replica.views.outcome(ask)).session is None


async def test_the_standing_tells_the_question_and_whether_its_reply_is_due(replica: Replica) -> None:
    interview = await an_interview(replica)
    assert (await outcome_of(replica, interview)).session.status == "created"
    await interview.tell(starts())
    session = (await outcome_of(replica, interview)).session
    assert (session.status, session.question_id, session.reply_pending) == ("active", None, True)
    await interview.tell(replies("introduction"))
    session = (await outcome_of(replica, interview)).session
    assert (session.question_id, session.reply_pending) == (interview.state.current.id, False)
    assert session.version == interview.state.version
    await interview.tell(says())
    assert (await outcome_of(replica, interview)).session.reply_pending


async def test_a_message_that_never_came_is_not_known(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN)
    outcome = await outcome_of(replica, interview, uuid4())
    assert outcome.session is not None and not outcome.known and outcome.event is None


async def test_an_answer_is_known_and_open_until_the_reply_is_there(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN)
    message = await interview.tell(says())
    outcome = await outcome_of(replica, interview, message.id)
    assert outcome.known and outcome.event is None and outcome.request_hash == "h"
    await interview.tell(judges(0))
    assert (await outcome_of(replica, interview, message.id)).event is None  # feedback is no reply
    await interview.tell(replies())
    assert (await outcome_of(replica, interview, message.id)).event == interview.history[-1]


async def test_a_start_is_open_until_the_introduction_is_there(replica: Replica) -> None:
    interview = await an_interview(replica)
    message = await interview.tell(starts())
    assert (await outcome_of(replica, interview, message.id)).event is None
    await interview.tell(replies("introduction"))
    assert isinstance((await outcome_of(replica, interview, message.id)).event.data, QuestionAsked)


@pytest.mark.parametrize(
    ("going", "intent", "kind"),
    [
        ((), is_requested(), None),
        ((), says(), Refused),
        (BEGUN, pauses, Paused),
        ((*BEGUN, pauses), resumes, Resumed),
        ((*BEGUN, *A_TURN), ends(), Completed),
        (BEGUN, resets, Reset),
        ((*BEGUN, ends()), ends(), None),
    ],
)
async def test_every_request_has_its_outcome(replica: Replica, going: tuple, intent: Intent, kind: type | None) -> None:
    interview = await an_interview(replica, *going)
    message = await interview.tell(intent)
    outcome = await outcome_of(replica, interview, message.id)
    assert outcome.known == (kind is not None)
    assert (type(outcome.event.data) if outcome.event else None) == kind


async def test_creating_a_session_has_its_outcome(replica: Replica) -> None:
    interview = Interview(replica=replica)
    message = await interview.tell(is_requested())
    assert isinstance((await outcome_of(replica, interview, message.id)).event.data, Created)


async def test_the_outcome_of_ending_stays_the_end_when_the_report_is_there(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN, *A_TURN)
    message = await interview.tell(ends())
    await interview.tell(reports())
    assert isinstance((await outcome_of(replica, interview, message.id)).event.data, Completed)


async def test_the_outcome_of_the_last_answer_is_the_closing(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN)
    message = await interview.tell(says())
    await interview.tell(replies("closing", text="Goodbye."))
    outcome = await outcome_of(replica, interview, message.id)
    assert outcome.event.data.question.text == "Goodbye." and outcome.session.status == "completed"


async def test_the_outcome_of_a_repeat_is_that_of_the_first(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN)
    await interview.tell(says("Yes.", keyed=False))
    repeat = await interview.tell(says("Yes.", keyed=False))
    outcome = await outcome_of(replica, interview, repeat.id)
    assert outcome.known and outcome.event is None and len(interview.state.answers) == 1
    await interview.tell(replies("closing", text="Goodbye."))
    late = await interview.tell(says("Yes.", keyed=False))
    for message in (repeat, late):
        assert (await outcome_of(replica, interview, message.id)).event.data.question.text == "Goodbye."
    assert [each.data.turn for each in interview.all(AnswerRepeated)] == [0, 0]


async def test_a_repeat_that_is_delivered_again_later_is_still_one(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN)
    await interview.tell(says("Yes.", keyed=False))
    repeat = await interview.tell(says("Yes.", keyed=False))
    await interview.tell(replies(), says("I built a parser."), replies())
    await replica.sessions.handle(repeat)
    await interview.refresh()
    assert len(interview.all(AnswerRepeated)) == 1 and len(interview.state.answers) == 2


async def test_a_reset_is_the_outcome_of_an_answer_that_it_overtook(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN)
    message = await interview.tell(says())
    await interview.tell(resets)
    assert isinstance((await outcome_of(replica, interview, message.id)).event.data, Reset)


# History


async def test_the_history_comes_in_parts_of_a_bounded_number(replica: Replica) -> None:
    exchange = [fact for _ in range(HISTORY_LIMIT) for fact in (answered("Yes."), asked())]
    story = await a_recorded_interview(replica, *exchange)
    seen, more = [], True
    while more:
        part = await replica.views.history(HistoryAsk(**who(story), after=len(seen)))
        assert part.found and 0 < len(part.events) <= HISTORY_LIMIT
        seen += part.events
        more = part.more
    assert seen == story.history and len(seen) == 403


async def test_the_history_comes_in_parts_of_a_bounded_size(replica: Replica) -> None:
    story = await a_recorded_interview(replica, *long_exchange("😀"))
    parts: list[History] = []
    while not parts or parts[-1].more:
        after = sum(len(part.events) for part in parts)
        parts.append(await replica.views.history(HistoryAsk(**who(story), after=after)))
    assert [event for part in parts for event in part.events] == story.history
    assert len(parts) > 2 and all(0 < size(part) < NATS_LIMIT for part in parts)


async def test_the_end_of_the_history_is_empty_and_found(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN)
    part = await replica.views.history(HistoryAsk(**who(interview), after=3))
    assert part.found and part.events == () and not part.more


async def test_the_history_of_another_user_is_not_found(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN)
    part = await replica.views.history(HistoryAsk(**who(interview, uuid4())))
    assert not part.found and part.events == ()


# Transcript


def long_exchange(letter: str) -> list[Fact]:
    """Some two megabytes, with letters of any width."""
    length = 16_000
    turns = 2_000_000 // (length * len(letter.encode()))
    return [fact for _ in range(turns) for fact in (answered(letter * length), asked())]


def size(part: Contract) -> int:
    return len(part.model_dump_json().encode())


async def all_turns(replica: Replica, story: Story) -> tuple[list[TranscriptTurn], list[Transcript]]:
    parts = [await replica.views.transcript(TranscriptAsk(**who(story)))]
    while (turn := parts[-1].next_turn) is not None:
        parts.append(await replica.views.transcript(TranscriptAsk(**who(story), from_turn=turn)))
    return [turn for part in parts for turn in part.turns], parts


@pytest.mark.parametrize("letter", ["a", "語", "😀", "\n"])
async def test_a_long_transcript_comes_in_parts_that_the_broker_carries(replica: Replica, letter: str) -> None:
    story = await a_recorded_interview(replica, *long_exchange(letter))
    turns, parts = await all_turns(replica, story)
    assert [turn.turn for turn in turns] == list(range(len(story.state.asked)))
    assert {turn.answer for turn in turns[:-1]} == {letter * 16_000} and turns[-1].answer is None
    assert len(parts) > 2 and max(map(size, parts)) < PART_BYTES + 100_000 < NATS_LIMIT


async def test_a_short_transcript_comes_whole(replica: Replica) -> None:
    story = await a_recorded_interview(replica, answered("Yes."), judged(0), asked(text="Why?"))
    part = await replica.views.transcript(TranscriptAsk(**who(story)))
    assert part.found and part.next_turn is None and part.config == story.state.config
    first, second = part.turns
    assert (first.question.text, first.answer, first.feedback.score) == ("Welcome. Who are you?", "Yes.", 0.7)
    assert (second.question.text, second.answer, second.feedback) == ("Why?", None, None)
    assert first.question_id == story.state.asked[0].id and first.answered_at > first.asked_at


async def test_the_transcript_of_another_user_is_not_found(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN)
    assert not (await replica.views.transcript(TranscriptAsk(**who(interview, uuid4())))).found


async def test_the_transcript_begins_anew_with_a_reset(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN, says(), resets, *BEGUN)
    turns, _ = await all_turns(replica, interview)
    assert [turn.answer for turn in turns] == [None]


# View and list


async def view(replica: Replica, story: Story, **wanted: Any) -> View:
    return await replica.views.view(ViewAsk(**who(story), **wanted))


async def test_the_view_tells_a_whole_interview(replica: Replica) -> None:
    interview = await an_interview(replica, *A_WHOLE_INTERVIEW)
    seen = await view(replica, interview, messages=True, feedback=True)
    session = seen.session
    assert (session.status, session.ending, session.version) == ("completed", "budget", interview.state.version)
    assert (session.questions_asked, session.answers, session.utterances) == (1, 2, 3)
    assert (session.report_status, session.report) == ("completed", interview.state.report)
    assert (session.total_tokens, session.api_calls) == (30, 6)
    assert [(message.role, message.content) for message in seen.messages] == [
        ("assistant", "Welcome. Who are you?"),
        ("user", "I built a parser."),
        ("assistant", "Why in Rust?"),
        ("user", "It was fast."),
        ("assistant", "Goodbye."),
    ]
    assert [message.response_type for message in seen.messages] == [
        "introduction",
        None,
        "question",
        None,
        "closing",
    ]
    assert [(item.question, item.answer, item.feedback.score) for item in seen.feedback] == [
        ("Welcome. Who are you?", "I built a parser.", 0.7),
        ("Why in Rust?", "It was fast.", None),
    ]


async def test_the_view_does_not_tell_what_a_good_answer_shows(replica: Replica) -> None:
    expects = ({"point": "Names a trade-off"},)
    interview = await an_interview(replica, *BEGUN, says(), replies(expects=expects))
    assert "trade-off" in interview.state.current.question.model_dump_json()
    assert "trade-off" not in (await view(replica, interview, messages=True, feedback=True)).model_dump_json()


async def test_feedback_that_is_due_is_not_there_yet(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN, says())
    assert [item.feedback for item in (await view(replica, interview, feedback=True)).feedback] == [None]


async def test_the_view_shows_what_is_wanted(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN, *A_TURN)
    bare = await view(replica, interview)
    assert bare.session is not None and bare.messages == () and bare.feedback == ()
    assert [message.seq for message in (await view(replica, interview, messages=True, from_seq=4)).messages] == [4, 5]


@pytest.mark.parametrize("letter", ["a", "語", "\x01"])
async def test_many_messages_come_in_parts_that_the_broker_carries(replica: Replica, letter: str) -> None:
    story = await a_recorded_interview(replica, *long_exchange(letter))
    parts, seen = [], list[Message]()
    from_seq: int | None = 0
    while from_seq is not None:
        parts.append(await view(replica, story, messages=True, from_seq=from_seq))
        seen += parts[-1].messages
        from_seq = parts[-1].next_seq
    assert [message.seq for message in seen] == list(range(3, len(story.history) + 1))
    assert len(parts) > 2 and max(map(size, parts)) < NATS_LIMIT


async def test_the_view_of_another_user_is_empty(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN)
    seen = await replica.views.view(ViewAsk(**who(interview, uuid4()), messages=True, feedback=True))
    assert seen == View()


async def test_the_elapsed_time_stands_in_a_pause_and_after_the_end(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN)
    running = (await view(replica, interview)).session.elapsed
    await interview.tell(pauses)
    stood = [(await view(replica, interview)).session.elapsed for _ in range(2)]
    assert stood[0] == stood[1] > running
    await interview.tell(resumes, ends())
    over = [(await view(replica, interview)).session.elapsed for _ in range(2)]
    assert over[0] == over[1] == pytest.approx(interview.state.elapsed_at_end, abs=0.001)


async def test_a_user_sees_their_sessions_newest_first(replica: Replica, owner: Sql) -> None:
    user_id = uuid4()
    sessions = []
    for age in (3, 1, 2):
        interview = Interview(replica=replica, user_id=user_id)
        await interview.tell(is_requested())
        at = utc_now() - timedelta(days=age)
        await owner("UPDATE session.sessions SET created_at = $1 WHERE session_id = $2", at, interview.session_id)
        sessions.append(interview.session_id)
    await an_interview(replica)
    await an_interview(replica, anonymous=True)
    oldest, newest, between = sessions
    listed = await replica.views.list(ListAsk(user_id=user_id))
    assert [session.session_id for session in listed.sessions] == [newest, between, oldest]
    page = await replica.views.list(ListAsk(user_id=user_id, limit=1, offset=1))
    assert [session.session_id for session in page.sessions] == [between]
    assert (await replica.views.list(ListAsk(user_id=uuid4()))).sessions == ()


async def test_a_list_of_sessions_with_long_texts_fits_into_messages(online: Replica, listening: NatsBroker) -> None:
    user_id, sessions = uuid4(), []
    bank = [{"id": f"q-{n}", "text": f"What did you build {n}? " + "x" * 500} for n in range(100)]
    long = {"resume_content": "😀" * MAX_RESUME, "job_description": "😀" * MAX_JOB_DESCRIPTION, "questions": bank}
    for _ in range(20):
        interview = Interview(replica=online, user_id=user_id)
        await interview.tell(is_requested(job_role="Baker", **long))
        sessions.append(interview.session_id)
    await interview.tell(*BEGUN, *A_TURN, ends(), reports(report("x" * 50_000)))
    listed = await ask(listening, NAME, "list", ListAsk(user_id=user_id), SessionList)
    assert [each.session_id for each in listed.sessions] == sessions[::-1] and listed.next_offset is None
    assert {each.config for each in listed.sessions} == {SessionConfig(job_role="Baker")}
    assert listed.sessions[0].report is None and listed.sessions[0].report_status == "completed"


async def test_a_long_list_of_sessions_comes_in_parts(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    user_id = uuid4()
    for _ in range(5):
        await Interview(replica=replica, user_id=user_id).tell(is_requested())
    whole = (await replica.views.list(ListAsk(user_id=user_id))).sessions
    room = size(whole[0]) * 2 + 100
    monkeypatch.setattr(views, "fitting", lambda items: shapes.fitting(items, room))
    parts = [SessionList(next_offset=0)]
    while parts[-1].next_offset is not None:
        parts.append(await replica.views.list(ListAsk(user_id=user_id, limit=4, offset=parts[-1].next_offset)))
    assert [len(part.sessions) for part in parts] == [0, 2, 2, 1]
    assert tuple(each for part in parts for each in part.sessions) == whole


async def test_the_list_tells_what_a_report_came_to(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN, *A_TURN, ends())
    await interview.tell(reports(report().model_copy(update={"overall_score": 0.75})))
    [listed] = (await replica.views.list(ListAsk(user_id=interview.user_id))).sessions
    assert listed.overall_score == (await view(replica, interview)).session.overall_score == 0.75


async def test_the_conversation_is_there_in_one_row_for_other_tools(replica: Replica, owner: Sql) -> None:
    interview = await an_interview(replica, *BEGUN, *A_TURN, ends("cancelled"))
    row = (
        await owner(
            "SELECT user_id, status, conversation_history -> 1 ->> 'content' AS said,"
            " jsonb_array_length(conversation_history) AS messages,"
            " (per_turn_feedback_log -> 0 -> 'feedback' ->> 'score')::float AS score FROM agent_api.interview_sessions"
        )
    )[0]
    assert tuple(row) == (interview.user_id, "abandoned", "I built a parser.", 3, 0.7)
