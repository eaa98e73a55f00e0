"""Going on while the reply is due, other words, a corrected record, another attempt, a new report."""

from __future__ import annotations

import pytest
from contracts.session.events import (
    AnswerRecorded,
    Completed,
    Corrected,
    FeedbackRecorded,
    QuestionAsked,
    Refused,
    Rephrased,
    ReportDue,
    ReportRecorded,
    Retried,
)
from contracts.vocabulary.limits import MAX_ANSWER
from session.domain.context import standing_context, turn_context
from session.domain.revise import MAX_ATTEMPTS, MAX_REPHRASINGS
from session_helpers.facts import (
    answered,
    asked,
    created,
    ended,
    introduced,
    judged,
    paused,
    report_came_due,
    reported,
    started,
)
from session_helpers.intents import (
    corrects,
    ends,
    goes_on,
    judges,
    replies,
    reports,
    resets,
    says,
    the_first_answer,
    the_first_question,
    the_first_report_due,
    the_reply_is_given_up,
    the_report_is_given_up,
    tries_again,
    wants_a_report,
    wants_other_words,
)
from session_helpers.story import Intent, Story, a, given

begun = (created(), started(), introduced)
finished = (*begun, answered(), judged(0), ended(), report_came_due, reported)


# Going on


def test_words_that_follow_while_the_reply_is_due_are_added_to_the_answer() -> None:
    story = given(*begun, answered("I built a parser.")).when(goes_on("In Rust."))
    story.then(a(AnswerRecorded, turn=0, revision=2, text="I built a parser. In Rust."))
    assert story.state.reply_pending_to == story.latest(AnswerRecorded).id


def test_a_reply_to_half_of_the_answer_is_overtaken() -> None:
    story = given(*begun, answered()).when(goes_on())
    story.when(replies(to=the_first_answer)).then_nothing()
    story.when(replies()).then(QuestionAsked)


def test_feedback_on_half_of_the_answer_is_overtaken() -> None:
    story = given(*begun, answered()).when(goes_on())
    story.when(judges(0, answer=the_first_answer)).then_nothing()
    story.when(judges(0)).then(FeedbackRecorded)


def test_words_that_follow_after_the_reply_do_not_spill_into_the_next_question() -> None:
    story = given(*begun, answered(), asked()).when(goes_on(to=the_first_question))
    story.then(a(Refused, reason="question_closed"))


def test_going_on_is_an_answer_where_none_was_given() -> None:
    given(*begun).when(goes_on("I built it.")).then(a(AnswerRecorded, revision=1, text="I built it."))


def test_an_answer_does_not_grow_without_bounds() -> None:
    story = given(*begun, answered("a" * MAX_ANSWER)).when(goes_on())
    story.then(a(Refused, reason="not_possible"))
    assert "as long as" in story.outcome[0].data.detail


def test_without_saying_so_nobody_goes_on() -> None:
    given(*begun, answered()).when(says("And more.")).then(a(Refused, reason="reply_pending"))


# Other words


def test_the_question_is_put_in_other_words() -> None:
    story = given(*begun).when(wants_other_words).then(a(Rephrased, turn=0))
    assert story.state.reply_pending_to == story.latest(Rephrased).id
    story.when(replies("clarification", action="rephrase")).then(a(QuestionAsked, turn=1, number=0))
    story.when(says()).then(a(AnswerRecorded, turn=1))


def test_answering_waits_for_the_other_words() -> None:
    given(*begun).when(wants_other_words).when(says()).then(a(Refused, reason="reply_pending"))


def test_other_words_can_be_had_a_few_times() -> None:
    story = given(*begun)
    for _ in range(MAX_REPHRASINGS):
        story.when(wants_other_words).when(replies("clarification", action="rephrase")).then(QuestionAsked)
    story.when(wants_other_words).then(a(Refused, reason="not_possible"))


def test_the_question_stands_as_it_was_when_no_other_words_come() -> None:
    story = given(*begun).when(wants_other_words).when(the_reply_is_given_up).then(a(QuestionAsked, action="notice"))
    question = story.latest(QuestionAsked).data.question
    assert question.kind == "clarification" and question.text == story.state.asked[0].question.text


@pytest.mark.parametrize(
    ("story", "reason"),
    [
        (given(created()), "not_started"),
        (given(*begun, answered()), "reply_pending"),
        (given(*begun, paused), "paused"),
        (given(*finished), "ended"),
        (given(*begun, answered(), asked("notice")), "not_possible"),
    ],
)
def test_other_words_are_for_a_current_question(story: Story, reason: str) -> None:
    story.when(wants_other_words).then(a(Refused, reason=reason))


def test_ending_is_possible_while_other_words_are_due() -> None:
    story = given(*begun, answered(), judged(0), asked()).when(wants_other_words).when(ends())
    story.then(Completed, ReportDue)
    assert story.state.reply_pending_to is None
    story.when(replies("clarification", action="rephrase")).then_nothing()


# A corrected record


def test_a_corrected_answer_is_judged_anew() -> None:
    story = given(*begun, answered("I bill compilers."), judged(0), asked()).when(corrects(0, "I build compilers."))
    story.then(a(Corrected, turn=0, revision=2, text="I build compilers."))
    assert story.state.answers[0].text == "I build compilers." and 0 not in story.state.scores
    story.when(judges(0, score=0.9)).then(a(FeedbackRecorded, turn=0))
    assert story.state.scores[0] == 0.9 and not story.state.attempts


def test_a_correction_asks_for_no_reply() -> None:
    story = given(*begun, answered(), judged(0), asked()).when(corrects())
    assert story.state.reply_pending_to is None
    story.when(says()).then(a(AnswerRecorded, turn=1))


def test_feedback_on_what_was_not_said_is_dropped() -> None:
    story = given(*begun, answered(), asked()).when(corrects())
    story.when(judges(0, answer=the_first_answer)).then_nothing()


def test_a_correction_after_the_end_brings_a_new_report() -> None:
    story = given(*finished).when(corrects()).then(Corrected).when(judges(0, score=0.9))
    story.then(FeedbackRecorded, a(ReportDue, version=2))
    story.when(reports()).then(a(ReportRecorded, version=2))
    assert story.state.reported_version == 2


def test_a_report_that_is_being_written_when_a_correction_comes_is_overtaken() -> None:
    story = given(*begun, answered(), judged(0), ended(), report_came_due).when(corrects()).when(judges(0))
    story.then(FeedbackRecorded, a(ReportDue, version=2))
    story.when(reports(to=the_first_report_due)).then_nothing()
    story.when(reports()).then(a(ReportRecorded, version=2))


@pytest.mark.parametrize(
    ("story", "intent"),
    [
        (given(*begun), corrects(0)),
        (given(*begun, answered()), corrects(0)),
        (given(*begun, answered("The same.")).given(asked()), corrects(0, "The same.")),
        (given(*begun, answered(), judged(0), asked()), corrects(1)),
        (given(*begun, answered(), judged(0), ended("cancelled")), corrects(0)),
    ],
)
def test_only_what_was_said_can_be_corrected(story: Story, intent: Intent) -> None:
    story.when(intent).then(a(Refused, reason="not_possible"))


# Another attempt


def test_another_attempt_is_judged_and_the_earlier_score_kept() -> None:
    story = given(*begun, answered(), judged(0, score=0.4), asked()).when(tries_again(0, "Better."))
    story.then(a(Retried, turn=0, revision=2, text="Better."))
    story.when(judges(0, score=0.8)).then(FeedbackRecorded)
    assert (story.state.attempts[0], story.state.scores[0]) == ((0.4,), 0.8)


def test_an_attempt_says_which_it_is() -> None:
    story = given(*begun, answered(), judged(0), asked()).when(tries_again()).when(judges()).when(tries_again())
    assert turn_context(story.state, story.state.answers[0]).attempt == 3


def test_another_attempt_waits_for_the_feedback_on_the_one_before() -> None:
    given(*begun, answered(), asked()).when(tries_again()).then(a(Refused, reason="not_possible"))


def test_a_realistic_interview_allows_another_attempt_only_afterwards() -> None:
    realistic = (created(mode="realistic"), started(mode="realistic"), introduced)
    story = given(*realistic, answered(), judged(0), asked())
    story.when(tries_again()).then(a(Refused, reason="not_possible"))
    story.when(ends()).when(tries_again()).then(Retried)


def test_attempts_end_somewhere() -> None:
    story = given(*begun, answered(), judged(0), asked())
    for number in range(MAX_ATTEMPTS - 1):
        story.when(tries_again(0, f"Attempt {number}.")).then(Retried).when(judges())
    story.when(tries_again()).then(a(Refused, reason="not_possible"))


# A new report


def test_a_report_is_written_anew_on_purpose() -> None:
    story = given(*finished).when(wants_a_report).then(a(ReportDue, version=2))
    assert story.state.report is not None and story.state.reported_version == 1
    story.when(reports()).then(a(ReportRecorded, version=2))


def test_a_report_that_failed_can_be_had_after_all() -> None:
    story = given(*begun, answered(), judged(0), ended(), report_came_due).when(the_report_is_given_up)
    story.when(wants_a_report).when(reports())
    assert story.state.report_status == "completed" and story.state.report_error is None


@pytest.mark.parametrize("story", [given(*begun), given(*finished[:-1]), given(*begun, answered(), ended("cancelled"))])
def test_a_report_is_not_written_before_its_time(story: Story) -> None:
    story.when(wants_a_report).then(a(Refused, reason="not_possible"))


# What an engine is told


def test_the_candidates_own_wish_does_not_use_up_the_clarification() -> None:
    story = given(*begun).when(wants_other_words).when(replies("clarification", action="rephrase"))
    assert not standing_context(story.state, story.now).clarified
    story.when(says("Hm.")).when(replies("clarification", action="clarify"))
    story.when(wants_other_words).when(replies("clarification", action="rephrase"))
    assert standing_context(story.state, story.now).clarified


def test_questions_are_counted_by_phase_and_follow_ups_are_not() -> None:
    story = given(*begun, answered(), asked(), answered(), asked("follow_up"), answered(), asked())
    assert standing_context(story.state, story.now).covered == {"technical": 2}


def test_a_reset_forgets_attempts_and_plans() -> None:
    story = given(*begun, answered(), judged(0), asked()).when(tries_again()).when(resets)
    assert not story.state.attempts and story.state.plan is None
