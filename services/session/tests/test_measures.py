"""What people waited for is measured from the record."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY
from session import measures
from session.domain.state import State
from session_helpers.facts import (
    answered,
    asked,
    created,
    ended,
    introduced,
    judged,
    report_came_due,
    reported,
    started,
)
from session_helpers.intents import (
    answers_aloud,
    the_feedback_is_given_up,
    the_recording_is_given_up,
    the_reply_is_given_up,
    the_report_is_given_up,
)
from session_helpers.story import Story, given

begun = (created(), started(), introduced)


def measured(name: str, result: str) -> tuple[float, float]:
    """How often, and how many seconds together."""
    labels = {"result": result}
    count, total = (REGISTRY.get_sample_value(f"parley_{name}_seconds_{of}", labels) for of in ("count", "sum"))
    return count or 0.0, total or 0.0


def noted(story: Story, name: str, result: str) -> tuple[float, float]:
    """What measuring a whole story, in one piece, adds."""
    before = measured(name, result)
    measures.note(State(story.session_id), story.history)
    after = measured(name, result)
    return after[0] - before[0], after[1] - before[1]


def test_replies_are_measured_from_what_they_reply_to() -> None:
    story = given(*begun, every=2.0).given(answered(), every=60.0).given(asked(), every=3.0)
    assert noted(story, "reply", "ok") == (2, 5.0)  # the introduction took 2, the question 3


def test_a_notice_in_place_of_a_reply_is_one_that_was_given_up() -> None:
    story = given(*begun, answered()).when(the_reply_is_given_up, after=45.0)
    assert noted(story, "reply", "given_up") == (1, 45.0)


def test_feedback_and_reports_are_measured() -> None:
    story = given(*begun, answered(), asked()).given(judged(0), every=7.0).given(ended(), report_came_due)
    story.given(reported, every=4.0)
    assert noted(story, "feedback", "ok") == (1, 8.0)
    assert noted(story, "report", "ok") == (1, 4.0)


def test_what_is_given_up_is_told_from_what_took_long() -> None:
    story = given(*begun, answered(), asked()).when(the_feedback_is_given_up(0), after=180.0)
    assert noted(story, "feedback", "given_up") == (1, 181.0)
    story.given(ended(), report_came_due).when(the_report_is_given_up, after=105.0)
    assert noted(story, "report", "given_up") == (1, 105.0)


def test_recordings_are_measured_until_their_words_or_until_there_are_none() -> None:
    story = given(*begun).when(answers_aloud()).when(the_recording_is_given_up, after=120.0)
    assert noted(story, "transcript", "unheard") == (1, 120.0)


@pytest.mark.parametrize("name", ["reply", "feedback", "report"])
@pytest.mark.parametrize("result", measures.RESULTS)
def test_every_result_is_there_before_it_happens(name: str, result: str) -> None:
    """An alarm on a counter that appears with its first increment does not see that increment."""
    assert REGISTRY.get_sample_value(f"parley_{name}_seconds_count", {"result": result}) is not None
