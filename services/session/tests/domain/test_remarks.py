"""The interview waits for somebody who needs it, and is held as they need it."""

from __future__ import annotations

from datetime import timedelta

from contracts import Event, Payload
from contracts.session.events import AnswerRecorded, Completed, Paused, QuestionAsked, Refused, Resumed
from contracts.vocabulary.listening import Adjustment
from session.domain.context import turn_context
from session.domain.deadlines import Key, Timeouts, deadlines
from session.domain.state import EXTRA_TIME
from session.models import MessageRow
from session.shapes import feedback_items, turns
from session_helpers.facts import answered, asked, created, introduced, paused, started
from session_helpers.intents import replies, says, wants_other_words
from session_helpers.story import Story, a, given

begun = (created(), started(), introduced, answered(), asked(text="Why?"), answered("I cannot do this."))


def waiting() -> Story:
    return given(*begun).when(replies("clarification", action="clarify", heard="distress", pauses=True))


def test_the_clock_stops_when_the_interviewer_says_so() -> None:
    waiting().then(a(QuestionAsked, heard="distress"), a(Paused, by="interviewer"))


def test_an_answer_ends_such_a_pause_and_none_of_it_is_on_the_clock() -> None:
    story = waiting()
    before = story.state.elapsed(story.now)
    story.when(says("I am back."), after=3600).then(a(Resumed, paused_for=3600.0), AnswerRecorded)
    assert story.state.status == "active" and story.state.elapsed(story.now) == before


def test_the_candidates_own_pause_is_ended_by_nobody_else() -> None:
    given(*begun[:-1], paused).when(says()).then(a(Refused, reason="paused"))
    waiting().when(wants_other_words).then(a(Refused, reason="paused"))


def test_a_reply_that_would_pause_adds_no_pause_to_one_that_is() -> None:
    story = given(*begun, paused).when(replies("clarification", action="clarify", heard="distress", pauses=True))
    story.then(QuestionAsked)
    story.when(says()).then(a(Refused, reason="paused"))


def test_who_wants_to_stop_in_a_pause_is_let_go() -> None:
    story = waiting().when(says("stop")).when(replies("closing", action="conclude", heard="wants_to_stop"))
    assert isinstance(story.outcome[1].data, Completed)


def test_remarks_travel_with_the_answer_and_are_no_clarifications() -> None:
    story = waiting().when(says("An answer."))
    seen = turn_context(story.state, story.state.answers[2])
    assert seen.remarks == ("distress",) and not seen.clarified
    story.when(replies("question")).when(says("Another."))
    assert turn_context(story.state, story.state.answers[3]).remarks == ()


def test_what_somebody_needs_is_kept_for_the_rest_of_the_interview() -> None:
    story = given(created(use_time_based_interview=True, interview_duration_minutes=10), *begun[1:])
    before = deadlines(story.state, Timeouts())[Key("clock")]
    needs = Adjustment(accommodations=("extra_time", "text"))
    story.when(replies("clarification", heard="accommodation", adjusts=needs)).when(says("An answer."))
    story.when(replies("question", adjusts=Adjustment(accommodations=("text", "captions")))).when(says("Another."))
    seen = turn_context(story.state, story.state.answers[3])
    assert seen.accommodations == ("extra_time", "text", "captions")
    assert seen.budget.duration == 600 * EXTRA_TIME
    assert deadlines(story.state, Timeouts())[Key("clock")] == before + timedelta(minutes=5)


def test_another_language_is_that_of_all_that_follows() -> None:
    german = replies("clarification", heard="asks_for_language", adjusts=Adjustment(language="de"))
    story = given(*begun).when(german).when(says("Gern."))
    assert turn_context(story.state, story.state.answers[2]).config.language == "de"


def test_an_answer_is_kept_with_the_question_that_stood_and_without_the_words_to_a_remark() -> None:
    said = "I do not know what it pays. Why?"
    story = given(*begun[:-1], answered("What does it pay?"), asked("clarification", said), answered("Since it broke."))
    answers = turns(story.history)[1:]
    assert [(each.question.text, each.answer) for each in answers] == [
        ("Why?", "What does it pay?"),
        ("Why?", "Since it broke."),
    ]
    rows = [row for event in story.history for row in _rows(event)]
    assert [each.question for each in feedback_items(rows, {})][1:] == ["Why?", "Why?"]


def _rows(event: Event[Payload]) -> list[MessageRow]:
    data = event.data
    common = {"session_id": event.subject_id, "seq": event.stream_version, "event_id": event.id}
    if isinstance(data, QuestionAsked):
        about = {"role": "assistant", "content": data.question.text, "response_type": data.response_type}
        return [MessageRow(**common, turn=data.turn, **about, message_metadata=data.public_metadata())]
    if isinstance(data, AnswerRecorded):
        return [MessageRow(**common, turn=data.turn, role="user", content=data.text)]
    return []
