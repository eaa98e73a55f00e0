"""The clock, pauses, the end, abandonment and reset."""

from __future__ import annotations

import pytest
from contracts.session.events import AnswerRecorded, Completed, Paused, Refused, ReportDue, Reset, Resumed
from session.domain.intents import LeftAlone
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
    resumed,
    started,
)
from session_helpers.intents import (
    ends,
    nobody_is_heard_of,
    pauses,
    resets,
    resumes,
    the_clock_runs_out,
)
from session_helpers.story import Story, a, given

MINUTE = 60.0
begun = (created(), started(), introduced)
timed = (created(use_time_based_interview=True, interview_duration_minutes=10), started(), introduced)


def started_at(story: Story) -> float:
    return (story.now - story.state.started_at).total_seconds()


def test_a_pause_stops_the_clock() -> None:
    story = given(*begun).when(pauses).then(a(Paused, request_hash="h"))
    stood = story.state.elapsed(story.now)
    story.when(resumes, after=5 * MINUTE).then(a(Resumed, paused_for=5 * MINUTE, request_hash="h"))
    assert story.state.elapsed(story.now) == stood


def test_the_clock_stands_during_a_pause() -> None:
    story = given(*begun, paused)
    stood = story.state.elapsed(story.now)
    story.when(pauses, after=MINUTE)
    assert story.state.elapsed(story.now) == stood


def test_pauses_add_up() -> None:
    story = given(*begun, paused, resumed(1.0), paused, resumed(1.0))
    assert story.state.paused_for == 2.0
    assert story.state.elapsed(story.now) == started_at(story) - 2.0


def test_an_ended_interview_has_the_length_that_it_had() -> None:
    story = given(*begun).when(pauses).when(resumes, after=MINUTE).when(ends(), after=MINUTE)
    assert story.outcome[0].data.elapsed == MINUTE + 2.0
    assert story.state.elapsed(story.now.replace(year=2030)) == MINUTE + 2.0


def test_an_interview_that_ends_in_a_pause_does_not_count_it() -> None:
    story = given(*begun).when(pauses).when(ends(), after=MINUTE)
    story.then(a(Completed, elapsed=2.0), ReportDue)


def test_pausing_twice_changes_nothing() -> None:
    given(*begun, paused).when(pauses).then_nothing()


def test_resuming_what_is_not_paused_changes_nothing() -> None:
    given(*begun).when(resumes).then_nothing()


@pytest.mark.parametrize("facts", [[], [started(), introduced, ended()]])
def test_only_a_running_interview_can_be_paused_or_resumed(facts) -> None:
    given(created(), *facts).when(pauses).then(a(Refused, request="pause", reason="not_possible"))
    given(created(), *facts).when(resumes).then(a(Refused, request="resume", reason="not_possible"))


def test_an_interview_that_ended_in_a_pause_cannot_be_resumed() -> None:
    given(*begun, paused, ended()).when(resumes).then(a(Refused, reason="not_possible"))


def test_the_candidate_ends_the_interview() -> None:
    story = given(*begun, answered(), judged(0)).when(ends())
    story.then(a(Completed, ending="ended", request_hash="h"), ReportDue)
    assert story.state.status == "completed"


def test_an_interview_that_has_not_begun_can_be_ended() -> None:
    given(created()).when(ends()).then(a(Completed, elapsed=0.0), ReportDue)


@pytest.mark.parametrize("ending", ["ended", "cancelled"])
def test_ending_twice_changes_nothing(ending) -> None:
    given(*begun, ended(ending)).when(ends()).then_nothing()
    given(*begun, ended(ending)).when(ends("cancelled")).then_nothing()


def test_a_cancelled_interview_has_a_status_of_its_own() -> None:
    assert given(*begun).when(ends("cancelled")).state.status == "cancelled"


def test_the_time_runs_out() -> None:
    story = given(*timed).when(the_clock_runs_out, after=12 * MINUTE)
    story.then(a(Completed, ending="time_up"), ReportDue)
    assert story.state.status == "completed"


def test_the_time_does_not_run_out_early() -> None:
    given(*timed).when(the_clock_runs_out, after=9 * MINUTE).then_nothing()


def test_pauses_are_not_part_of_the_time() -> None:
    story = given(*timed).when(pauses).when(resumes, after=5 * MINUTE)
    story.when(the_clock_runs_out, after=6 * MINUTE).then_nothing()
    story.when(the_clock_runs_out, after=4 * MINUTE).then(a(Completed, ending="time_up"), ReportDue)


def test_the_time_does_not_run_out_in_a_pause() -> None:
    given(*timed, paused).when(the_clock_runs_out, after=20 * MINUTE).then_nothing()


def test_only_an_interview_by_time_runs_out_of_it() -> None:
    given(*begun).when(the_clock_runs_out, after=200 * MINUTE).then_nothing()


def test_an_abandoned_interview_with_answers_gets_a_report() -> None:
    story = given(*begun, answered(), judged(0), asked()).when(nobody_is_heard_of)
    story.then(a(Completed, ending="abandoned"), ReportDue)
    assert story.state.status == "abandoned"


@pytest.mark.parametrize("facts", [[], [started(), introduced], [started(), introduced, paused]])
def test_an_abandoned_interview_without_answers_gets_none(facts) -> None:
    given(created(), *facts).when(nobody_is_heard_of).then(a(Completed, ending="abandoned"))


@pytest.mark.parametrize("facts", [[started()], [*begun, answered()]])
def test_a_candidate_who_waits_for_us_is_not_silent(facts) -> None:
    given(created(), *facts).when(nobody_is_heard_of).then_nothing()


def test_a_candidate_who_came_back_meanwhile_is_not_silent() -> None:
    story = given(*begun)
    before = LeftAlone(story.state.created_at)
    story.when(lambda _: before).then_nothing()


@pytest.mark.parametrize("ending", ["ended", "cancelled", "budget"])
def test_an_interview_that_is_over_is_not_abandoned(ending) -> None:
    given(*begun, ended(ending)).when(nobody_is_heard_of).then_nothing()


def test_a_reset_begins_anew_with_the_same_configuration() -> None:
    story = given(created(job_role="Baker"), started(), introduced, answered(), judged(0)).when(resets)
    story.then(a(Reset, request_hash="h"))
    state = story.state
    assert state.status == "created" and state.config.job_role == "Baker" and state.exists
    assert (state.asked, state.answers, state.scores, state.tokens) == ((), {}, {}, 0)
    assert state.user_id == story.user_id and state.created_at == story.history[0].occurred_at


def test_a_reset_keeps_the_history() -> None:
    story = given(*begun, answered()).when(resets)
    assert story.all(AnswerRecorded) and story.state.version == 5
    assert {event.causation_id for event in story.history} == set(story.state.causes)


def test_an_interview_that_is_over_can_be_reset() -> None:
    story = given(*begun, answered(), judged(0), ended(), report_came_due, reported).when(resets).then(Reset)
    assert story.state.report is None and story.state.report_status == "none"
