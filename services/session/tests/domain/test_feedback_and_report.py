"""What the coach says: about answers, and about the whole."""

from __future__ import annotations

from contracts.session.events import Completed, FeedbackRecorded, ReportDue, ReportRecorded
from session.domain.decide import NO_REPORT
from session_helpers.facts import (
    answered,
    asked,
    created,
    ended,
    introduced,
    judged,
    report_came_due,
    reported,
    reset,
    started,
)
from session_helpers.intents import (
    ends,
    judges,
    nothing,
    reports,
    says,
    the_feedback_is_given_up,
    the_first_answer,
    the_first_report_due,
    the_report_is_given_up,
)
from session_helpers.story import a, given

begun = (created(), started(), introduced)
two_answers = (*begun, answered(), asked(), answered(), asked())
finished = (*begun, answered(), judged(0), ended(), report_came_due)


def test_feedback_is_recorded_while_the_reply_is_due() -> None:
    story = given(*begun, answered()).when(judges(0, score=0.4)).then(a(FeedbackRecorded, turn=0, revision=1))
    assert story.state.scores[0] == 0.4
    assert story.state.reply_pending_to == the_first_answer(story)


def test_feedback_on_an_answer_is_recorded_once() -> None:
    given(*begun, answered(), judged(0)).when(judges(0)).then_nothing()


def test_feedback_may_come_out_of_order() -> None:
    story = given(*two_answers)
    story.when(judges(1)).then(a(FeedbackRecorded, turn=1))
    story.when(judges(0)).then(a(FeedbackRecorded, turn=0))
    assert story.state.awaiting_feedback == ()


def test_feedback_on_another_answer_than_that_of_its_turn_is_ignored() -> None:
    given(*two_answers).when(judges(1, answer=the_first_answer)).then_nothing()


def test_feedback_on_a_turn_without_an_answer_is_ignored() -> None:
    given(*begun).when(judges(0, answer=nothing)).then_nothing()


def test_feedback_on_an_answer_from_before_a_reset_is_ignored() -> None:
    story = given(*begun, answered(), reset, started(), introduced, answered())
    story.when(judges(0, answer=the_first_answer)).then_nothing()


def test_feedback_that_is_given_up_is_recorded_as_no_judgement() -> None:
    story = given(*begun, answered()).when(the_feedback_is_given_up(0)).then(a(FeedbackRecorded, turn=0))
    nothing_said = story.all(FeedbackRecorded)[-1].data.feedback
    assert story.state.scores == {0: None}
    assert not nothing_said.judged and nothing_said.score is None and nothing_said.provenance.degraded


def test_feedback_that_came_meanwhile_is_not_given_up() -> None:
    given(*begun, answered(), judged(0)).when(the_feedback_is_given_up(0)).then_nothing()


def test_feedback_that_comes_after_it_was_given_up_is_ignored() -> None:
    given(*begun, answered()).when(the_feedback_is_given_up(0)).when(judges(0)).then_nothing()


def test_the_report_is_due_when_the_interview_ends_with_all_feedback_in() -> None:
    given(*begun, answered(), judged(0)).when(ends()).then(Completed, a(ReportDue, version=1))


def test_the_report_is_due_when_an_interview_without_answers_is_ended() -> None:
    given(*begun).when(ends()).then(a(Completed, ending="ended"), ReportDue)


def test_the_report_waits_for_feedback() -> None:
    story = given(*two_answers).when(ends()).then(Completed)
    story.when(judges(1)).then(FeedbackRecorded)
    story.when(judges(0)).then(FeedbackRecorded, a(ReportDue, version=1))


def test_the_report_does_not_wait_for_feedback_that_was_given_up() -> None:
    story = given(*begun, answered()).when(ends()).then(Completed)
    story.when(the_feedback_is_given_up(0)).then(FeedbackRecorded, ReportDue)


def test_feedback_does_not_make_a_report_due_before_the_end() -> None:
    given(*begun, answered()).when(judges(0)).then(FeedbackRecorded)


def test_a_cancelled_interview_gets_no_report() -> None:
    given(*begun, answered(), judged(0)).when(ends("cancelled")).then(a(Completed, ending="cancelled"))


def test_late_feedback_makes_no_report_of_a_cancelled_interview_due() -> None:
    story = given(*begun, answered()).when(ends("cancelled")).then(Completed)
    story.when(judges(0)).then(FeedbackRecorded)


def test_the_report_is_recorded() -> None:
    story = given(*finished).when(reports()).then(a(ReportRecorded, version=1, error=None))
    assert story.state.report_status == "completed" and story.state.report is not None


def test_a_second_report_is_ignored() -> None:
    given(*finished, reported).when(reports()).then_nothing()


def test_a_report_that_is_given_up_ends_in_a_sentence() -> None:
    story = given(*finished).when(the_report_is_given_up)
    story.then(a(ReportRecorded, version=1, report=None, error=NO_REPORT))
    assert story.state.report_status == "error"


def test_a_report_that_came_meanwhile_is_not_given_up() -> None:
    given(*finished, reported).when(the_report_is_given_up).then_nothing()


def test_a_report_that_comes_after_it_was_given_up_is_welcome() -> None:
    story = given(*finished).when(the_report_is_given_up).when(reports()).then(a(ReportRecorded, error=None))
    assert story.state.report_status == "completed" and story.state.report_error is None


def test_a_report_on_an_interview_from_before_a_reset_is_ignored() -> None:
    story = given(*finished, reset, started(), introduced, ended(), report_came_due)
    story.when(reports(to=the_first_report_due)).then_nothing()


def test_a_report_that_nobody_asked_for_is_ignored() -> None:
    given(*begun).when(reports(to=nothing)).then_nothing()


def test_an_answer_after_the_report_changes_nothing_in_it() -> None:
    story = given(*finished, reported).when(says())
    assert story.state.report_status == "completed"
