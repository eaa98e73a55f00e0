"""Answers, replies, what counts, and notices."""

from __future__ import annotations

from uuid import uuid4

import pytest
from contracts.session.events import AnswerRecorded, Completed, QuestionAsked, Refused, ReportDue
from session.domain.decide import NOTICE
from session_helpers.facts import answered, asked, created, ended, introduced, judged, paused, reset, started
from session_helpers.intents import (
    ends,
    replies,
    resumes,
    says,
    the_first_answer,
    the_first_question,
    the_reply_is_given_up,
)
from session_helpers.story import a, given

begun = (created(), started(), introduced)


def test_an_answer_is_recorded_with_the_question_that_it_answers() -> None:
    story = given(*begun).when(says("I built a parser."))
    story.then(a(AnswerRecorded, turn=0, revision=1, text="I built a parser.", request_hash="h", context=None))
    assert story.outcome[0].data.question_id == story.state.current.id
    assert story.state.reply_pending_to == story.outcome[0].id


def test_an_answer_that_names_no_question_answers_the_one_that_stands() -> None:
    given(*begun).when(says(to=lambda _: None)).then(a(AnswerRecorded, turn=0))


def test_an_answer_before_the_start_is_refused() -> None:
    given(created()).when(says()).then(a(Refused, request="answer", reason="not_started", request_hash="h"))


def test_an_answer_before_the_introduction_is_refused() -> None:
    given(created(), started()).when(says()).then(a(Refused, reason="reply_pending"))


def test_an_answer_to_a_closed_question_is_refused() -> None:
    story = given(*begun, answered(), asked())
    story.when(says(to=the_first_question)).then(a(Refused, reason="question_closed"))


def test_an_answer_to_a_question_that_nobody_asked_is_refused() -> None:
    given(*begun).when(says(to=lambda _: uuid4())).then(a(Refused, reason="question_closed"))


def test_an_answer_while_a_reply_is_due_is_refused() -> None:
    given(*begun, answered()).when(says("And another thing.")).then(a(Refused, reason="reply_pending"))


def test_an_answer_while_the_interview_is_paused_is_refused() -> None:
    given(*begun, paused).when(says()).then(a(Refused, reason="paused"))


def test_an_answer_after_the_end_is_refused() -> None:
    given(*begun, ended()).when(says()).then(a(Refused, reason="ended"))


@pytest.mark.parametrize(
    ("facts", "intent"),
    [
        ([], says()),
        ([started()], says()),
        ([started(), introduced], says(to=lambda _: uuid4())),
        ([started(), introduced, paused], says()),
        ([started(), introduced, ended()], says()),
        ([], resumes),
    ],
)
def test_every_refusal_says_why_in_a_sentence(facts, intent) -> None:
    story = given(created(), *facts).when(intent).then(Refused)
    detail = story.outcome[0].data.detail
    assert detail.endswith(".") and detail[0].isupper() and " " in detail


def test_a_refusal_changes_nothing_but_the_version() -> None:
    story = given(*begun, answered())
    before = story.state
    story.when(says("More.")).then(Refused)
    assert (story.state.asked, story.state.answers) == (before.asked, before.answers)
    assert story.state.version == before.version + 1


def test_the_reply_becomes_the_next_question() -> None:
    story = given(*begun, answered()).when(replies(text="Why Rust?"))
    story.then(a(QuestionAsked, turn=1, number=1))
    assert story.state.current.question.text == "Why Rust?"


def test_the_same_answer_gets_one_reply() -> None:
    story = given(*begun, answered()).when(replies()).then(QuestionAsked)
    story.when(replies(to=the_first_answer)).then_nothing()


def test_a_reply_to_an_earlier_answer_is_ignored() -> None:
    story = given(*begun, answered(), asked(), answered())
    story.when(replies(to=the_first_answer)).then_nothing()


def test_a_reply_to_an_answer_from_before_a_reset_is_ignored() -> None:
    story = given(*begun, answered(), reset, started(), introduced, answered())
    story.when(replies(to=the_first_answer)).then_nothing()


def test_a_reply_after_the_end_is_ignored() -> None:
    story = given(*begun, answered()).when(ends())
    story.when(replies(to=the_first_answer)).then_nothing()


def test_a_reply_arrives_while_the_interview_is_paused() -> None:
    given(*begun, answered(), paused).when(replies()).then(a(QuestionAsked, turn=1))


def test_the_closing_words_complete_the_interview() -> None:
    story = given(*begun, answered(), judged(0)).when(replies("closing", text="Goodbye."))
    story.then(a(QuestionAsked, turn=1, number=0), a(Completed, ending="budget"), a(ReportDue, version=1))
    assert story.state.over


def test_the_closing_words_complete_the_interview_while_feedback_is_missing() -> None:
    given(*begun, answered()).when(replies("closing")).then(QuestionAsked, Completed)


@pytest.mark.parametrize("kind", ["question", "follow_up"])
def test_questions_and_follow_ups_count(kind) -> None:
    given(*begun, answered(), asked(), answered()).when(replies(kind)).then(a(QuestionAsked, turn=2, number=2))


@pytest.mark.parametrize("kind", ["introduction", "clarification", "closing", "notice"])
def test_what_stands_in_the_place_of_a_question_does_not_count(kind) -> None:
    story = given(*begun, answered(), asked(), answered()).when(replies(kind))
    assert story.outcome[0].data.number == 1 == story.state.questions_asked


def test_tokens_add_up() -> None:
    story = given(created(), started()).when(replies("introduction")).when(says()).when(replies())
    assert story.state.tokens == 20


def test_without_a_reply_in_time_the_turn_ends_in_a_notice() -> None:
    story = given(*begun, answered(), asked(), answered()).when(the_reply_is_given_up)
    story.then(a(QuestionAsked, turn=2, number=1, action="notice"))
    notice = story.outcome[0].data
    assert notice.question.text == NOTICE and notice.question.kind == "notice"
    assert notice.response_type == "status" and notice.question.phase == "technical"


def test_the_notice_comes_while_the_interview_is_paused_too() -> None:
    given(*begun, answered(), paused).when(the_reply_is_given_up).then(a(QuestionAsked, action="notice"))


def test_the_next_message_answers_the_notice() -> None:
    story = given(*begun, answered()).when(the_reply_is_given_up)
    story.when(says("Go on.")).then(a(AnswerRecorded, turn=1, text="Go on."))
    story.when(replies()).then(a(QuestionAsked, turn=2, number=1))


def test_a_reply_that_comes_after_the_notice_is_ignored() -> None:
    story = given(*begun, answered()).when(the_reply_is_given_up)
    story.when(replies(to=the_first_answer)).then_nothing()


def test_a_reply_is_not_given_up_when_it_came_meanwhile() -> None:
    story = given(*begun, answered())
    too_late = the_reply_is_given_up(story)
    story.when(replies()).when(lambda _: too_late).then_nothing()
