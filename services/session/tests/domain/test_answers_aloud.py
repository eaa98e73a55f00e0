"""Answers that come as recordings: the turn is taken at once, and the words come later, or never."""

from __future__ import annotations

import pytest
from contracts.session.events import (
    AnswerRecorded,
    AnswerRepeated,
    AnswerUnheard,
    AudioReceived,
    Completed,
    Corrected,
    FeedbackRecorded,
    QuestionAsked,
    Refused,
    ReportDue,
)
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.hearing import HeardWord, Span, Timing
from session.domain.context import turn_context
from session.domain.deadlines import Key, Timeouts, deadlines
from session.domain.hearing import terms_of, timing, unsure
from session_helpers.facts import asked, created, introduced, paused, started
from session_helpers.intents import (
    answers_aloud,
    corrects,
    ends,
    is_not_understood,
    is_understood,
    judges,
    replies,
    resets,
    says,
    the_recording_is_given_up,
    tries_again,
    wants_other_words,
)
from session_helpers.story import Story, a, given

RUNNING = (created(language="de", job_description="You run PostgreSQL."), started(language="de"), introduced)


def heard_story() -> Story:
    return given(*RUNNING).when(answers_aloud())


def test_a_recording_takes_the_turn_and_is_given_to_speech_with_what_it_needs() -> None:
    story = heard_story()
    story.then(a(AudioReceived, turn=0, question_id=story.state.asked[0].id, language="de", request_hash="h"))
    assert story.state.awaited and story.state.reply_pending_to is None
    story.when(says()).then(a(Refused, reason="reply_pending"))
    story.when(answers_aloud("two")).then(a(Refused, reason="reply_pending"))
    story.when(wants_other_words).then(a(Refused, reason="reply_pending"))


def test_what_is_understood_is_the_answer_and_is_replied_to() -> None:
    story = heard_story()
    received = story.outcome[0]
    words = [("Ich", 0.5, 0.7, 0.9), ("baute", 0.7, 1.0, 0.3), ("Parser.", 2.5, 3.0, 0.4)]
    story.when(is_understood(" Ich baute Parser. ", *words))
    story.then(a(AnswerRecorded, turn=0, revision=1, text="Ich baute Parser.", request_hash="h"))
    spoken = story.outcome[0].data.spoken
    assert spoken.recording == received.data.recording.key and spoken.unsure == (Span(start=4, end=17),)
    assert spoken.timing == Timing(speaking=1.0, pauses=1, longest_pause=1.5)
    assert story.outcome[0].correlation_id == received.correlation_id, "the client waits for what comes of its request"
    assert story.state.unheard is None and story.state.reply_pending_to == story.outcome[0].id
    story.when(replies()).then(QuestionAsked)


@pytest.mark.parametrize("reason", ["silent", "wordless", "unreadable", "busy"])
def test_where_nothing_is_understood_the_question_stands(reason) -> None:
    story = heard_story().when(is_not_understood(reason))
    story.then(a(AnswerUnheard, turn=0, reason=reason, message="There is no sound.", request_hash="h"))
    assert not story.state.awaited and not story.state.answers
    story.when(says()).then(AnswerRecorded)


def test_words_that_are_none_are_not_an_answer() -> None:
    heard_story().when(is_understood("  \n")).then(a(AnswerUnheard, reason="wordless"))


def test_what_is_understood_late_or_twice_changes_nothing() -> None:
    story = heard_story()
    first = story.outcome[0].id
    story.when(the_recording_is_given_up).then(a(AnswerUnheard, reason="unavailable"))
    story.when(is_understood(of=lambda _: first)).then_nothing()
    story.when(answers_aloud("two")).when(is_understood(of=lambda _: first)).then_nothing()
    story.when(is_not_understood(of=lambda _: first)).then_nothing()
    story.when(is_understood("I am a baker.")).then(a(AnswerRecorded, text="I am a baker."))


def test_the_same_recording_sent_again_without_a_key_counts_once() -> None:
    story = given(*RUNNING).when(answers_aloud(keyed=False))
    request = story.outcome[0].correlation_id
    story.when(answers_aloud(keyed=False)).then(a(AnswerRepeated, turn=0, request_id=request))
    story.when(is_understood()).when(replies())
    story.when(answers_aloud(keyed=False)).then(a(AnswerRepeated, turn=0, request_id=request))
    story.when(answers_aloud("two", keyed=False)).then(AudioReceived)
    story.when(is_not_understood()).when(answers_aloud("two", keyed=False)).then(AudioReceived)


def test_a_recording_for_a_question_that_is_closed_is_refused() -> None:
    story = given(*RUNNING, asked())
    story.when(answers_aloud(to=lambda each: each.state.asked[0].id)).then(a(Refused, reason="question_closed"))
    given(created()).when(answers_aloud()).then(a(Refused, reason="not_started"))
    given(*RUNNING, paused).when(answers_aloud()).then(a(Refused, reason="paused"))


def test_the_end_waits_for_what_is_being_understood() -> None:
    story = heard_story().when(ends()).then(Completed)
    story.when(is_understood()).then(a(AnswerRecorded, turn=0))
    assert story.state.reply_pending_to is None, "nobody asks on after the end"
    story.when(judges()).then(FeedbackRecorded, a(ReportDue, version=1))
    story = heard_story().when(ends())
    story.when(the_recording_is_given_up).then(AnswerUnheard, a(ReportDue, version=1))


def test_feedback_on_another_answer_does_not_call_for_a_report_that_would_lack_one() -> None:
    story = given(*RUNNING).when(says()).when(replies()).when(answers_aloud()).when(ends()).then(Completed)
    story.when(judges(0)).then(FeedbackRecorded)
    story.when(is_understood()).when(judges(1)).then(FeedbackRecorded, ReportDue)


def test_a_reset_forgets_what_is_being_understood() -> None:
    story = heard_story()
    received = story.outcome[0].id
    story.when(resets)
    assert not story.state.awaited
    story.when(is_understood(of=lambda _: received)).then_nothing()


def test_a_correction_lifts_the_marks_and_another_attempt_was_not_heard() -> None:
    story = heard_story().when(is_understood("So was", ("So", 0, 1, 0.1), ("was", 1, 2, 0.9))).when(replies())
    marks = story.state.answers[0].spoken.unsure
    told = turn_context(story.state, story.state.answers[0]).transcript[-1]
    assert marks and (told.text, told.unsure) == ("So was", marks)
    story.when(corrects(0, "Sowas")).then(Corrected)
    assert story.state.answers[0].spoken.unsure == () and story.state.answers[0].spoken.duration == 4.0
    assert story.state.answers[0].spoken.confidence == 1
    story.when(judges(0)).when(tries_again(0))
    assert story.state.answers[0].spoken is None


def test_the_same_words_confirm_what_was_hardly_understood_and_nothing_else() -> None:
    story = heard_story().when(is_understood("So was", ("So", 0, 1, 0.1), ("was", 1, 2, 0.9))).when(replies())
    story.when(corrects(0, "So was")).then(a(Corrected, revision=2))
    assert story.state.answers[0].spoken.unsure == ()
    story.when(corrects(0, "So was")).then(a(Refused, reason="not_possible"))


def test_what_was_understood_may_be_corrected_before_it_is_judged() -> None:
    story = heard_story().when(is_understood("So was"), review=30).when(replies())
    answer = story.latest(AnswerRecorded)
    due = deadlines(story.state, Timeouts(feedback=60))
    waits = {
        key.kind: (at - answer.occurred_at).total_seconds() for key, at in due.items() if key.ref == str(answer.id)
    }
    assert waits == {"review": 30, "feedback": 90}
    assert turn_context(story.state, story.state.answers[0]).spoken.review_until == due[Key("review", str(answer.id))]
    story.when(corrects(0, "So was")).then(a(Corrected, revision=2))
    assert "review" not in {key.kind for key in deadlines(story.state, Timeouts())}, "confirmed, and judged at once"


def test_what_was_judged_is_not_under_review_any_more() -> None:
    story = heard_story().when(is_understood("So was"), review=30).when(replies())
    story.when(corrects(0, "So was"), after=31).then(a(Refused, reason="not_possible"))
    story.when(judges(0))
    assert not {key.kind for key in deadlines(story.state, Timeouts())} & {"review", "feedback"}


def test_a_recording_is_waited_for_and_no_longer() -> None:
    story = heard_story()
    received = story.outcome[0]
    due = deadlines(story.state, Timeouts(hearing=70))
    assert (due[Key("hearing", str(received.id))] - received.occurred_at).total_seconds() == 70
    story.when(is_understood())
    assert not [key for key in deadlines(story.state, Timeouts()) if key.kind == "hearing"]


def test_words_that_are_written_otherwise_mark_nothing() -> None:
    words = [HeardWord(text=text, start=0, end=1, confidence=0.1) for text in ("forty", "two", "x")]
    assert unsure("42 two", words) == (Span(start=3, end=6),)
    assert timing([]) is None and timing(words[:1]) == Timing(speaking=1.0)
    assert timing([HeardWord(text="a", start=1, end=1)]) is None


def test_terms_are_words_that_no_dictionary_writes_so_and_names() -> None:
    config = SessionConfig(
        job_role="Dev", job_description="We use PostgreSQL, k8s and C++ with Redis. You like CI/CD. Kafka too, Redis."
    )
    found = terms_of(config)
    assert found[0] == "Redis" and {"PostgreSQL", "k8s", "C++", "CI/CD"} < set(found) and "We" not in found
    assert len(terms_of(SessionConfig(job_description=" ".join(f"x{n}y" for n in range(200))))) == 50
