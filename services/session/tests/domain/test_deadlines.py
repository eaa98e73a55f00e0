"""What is due follows from the state alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from session.domain.deadlines import Key, Timeouts, deadlines
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
    reset,
    resumed,
    started,
)
from session_helpers.intents import says, starts
from session_helpers.story import Story, given

TIMEOUTS = Timeouts(reply=15, feedback=60, report=45, clock_grace=120, abandonment=3600)
begun = (created(), started(), introduced)
timed = (created(use_time_based_interview=True, interview_duration_minutes=10), started(), introduced)


def kinds(story: Story) -> set[str]:
    return {key.kind for key in deadlines(story.state, TIMEOUTS)}


def seconds(story: Story, key: Key) -> float:
    """Until it counts as late."""
    return (deadlines(story.state, TIMEOUTS)[key] - story.now).total_seconds()


def test_nothing_is_due_of_a_session_that_does_not_exist() -> None:
    assert deadlines(given().state, TIMEOUTS) == {}


def test_a_session_that_is_never_started_will_count_as_abandoned() -> None:
    story = given(created())
    assert kinds(story) == {"abandonment"} and seconds(story, Key("abandonment")) == 3600


def test_an_introduction_is_due_after_the_start() -> None:
    story = given(created()).when(starts())
    assert seconds(story, Key("reply", str(story.outcome[0].id))) == 15


def test_a_reply_and_feedback_are_due_after_an_answer() -> None:
    story = given(*begun).when(says())
    answer = str(story.outcome[0].id)
    assert seconds(story, Key("reply", answer)) == 15
    assert seconds(story, Key("feedback", answer)) == 60


def test_a_reply_is_no_longer_due_when_it_came() -> None:
    assert kinds(given(*begun, answered(), asked())) == {"feedback", "abandonment"}


def test_feedback_is_no_longer_due_when_it_came() -> None:
    assert kinds(given(*begun, answered(), judged(0))) == {"reply", "abandonment"}


def test_feedback_on_each_answer_is_due_by_itself() -> None:
    story = given(*begun, answered(), asked(), answered(), asked())
    assert len([key for key in deadlines(story.state, TIMEOUTS) if key.kind == "feedback"]) == 2


def test_a_reply_stays_due_in_a_pause_and_its_time_does_not_move() -> None:
    story = given(*begun, answered())
    before = deadlines(story.state, TIMEOUTS)
    after = deadlines(story.given(paused).state, TIMEOUTS)
    reply = next(key for key in before if key.kind == "reply")
    assert after[reply] == before[reply]


def test_no_reply_is_due_after_the_end_but_feedback_is() -> None:
    assert kinds(given(*begun, answered(), ended())) == {"feedback"}


def test_the_report_is_due_until_it_came() -> None:
    over = (*begun, answered(), judged(0), ended())
    story = given(*over, report_came_due)
    assert seconds(story, Key("report", str(story.state.report_due_id))) == 45
    assert kinds(given(*over, report_came_due, reported)) == set()


def test_the_clock_runs_with_its_grace_in_an_interview_by_time() -> None:
    story = given(*timed)
    assert seconds(story, Key("clock")) == 10 * 60 + 120 - 1


def test_the_clock_is_not_due_in_a_pause_and_later_by_it_afterwards() -> None:
    story = given(*timed)
    before = deadlines(story.state, TIMEOUTS)[Key("clock")]
    assert "clock" not in kinds(story.given(paused))
    assert deadlines(story.given(resumed(300)).state, TIMEOUTS)[Key("clock")] == before + timedelta(seconds=300)


def test_abandonment_moves_with_each_sign_of_life() -> None:
    story = given(*begun)
    before = deadlines(story.state, TIMEOUTS)[Key("abandonment")]
    story.when(says(), after=100)
    assert deadlines(story.state, TIMEOUTS)[Key("abandonment")] > before + timedelta(seconds=100)


def test_what_only_the_services_say_is_no_sign_of_life() -> None:
    story = given(*begun, answered())
    before = deadlines(story.state, TIMEOUTS)[Key("abandonment")]
    assert deadlines(story.given(asked(), judged(0)).state, TIMEOUTS)[Key("abandonment")] == before


def test_a_reset_leaves_nothing_due_of_before() -> None:
    assert kinds(given(*timed, answered(), reset)) == {"abandonment"}


@pytest.mark.parametrize(("retention", "anonymous", "kept"), [(600, True, False), (600, False, True), (0, True, True)])
def test_an_interview_without_an_account_is_erased_some_time_after_its_end(
    retention: float, anonymous: bool, kept: bool
) -> None:
    story = Story(user_id=None) if anonymous else Story()
    timeouts = replace(TIMEOUTS, retention=retention)
    assert Key("retention") not in deadlines(story.given(*begun, answered(), asked()).state, timeouts)
    story.given(ended())
    assert story.state.ended_at is not None
    due = deadlines(story.state, timeouts).get(Key("retention"))
    assert due == (None if kept else story.state.ended_at + timedelta(seconds=retention))
