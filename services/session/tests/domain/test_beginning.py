"""Creating a session and starting the interview."""

from __future__ import annotations

import pytest
from contracts.session.events import Created, QuestionAsked, Reconfigured, Refused, Started
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.disclosure import BUILT_IN, Disclosure
from session.domain.decide import BEGUN
from session_helpers.facts import created, ended, introduced, reset, started
from session_helpers.intents import (
    is_requested,
    pauses,
    reconfigures,
    replies,
    resets,
    says,
    starts,
    the_reply_is_given_up,
)
from session_helpers.story import a, given


def test_a_session_is_created_with_the_configuration_that_was_asked_for() -> None:
    config = SessionConfig(job_role="Baker")
    given().when(is_requested(job_role="Baker")).then(a(Created, config=config, request_hash="h"))


def test_a_session_is_created_once() -> None:
    given(created()).when(is_requested(job_role="Baker")).then_nothing()


def test_a_session_belongs_to_who_asked_for_it() -> None:
    story = given().when(is_requested())
    assert story.state.user_id == story.user_id is not None


@pytest.mark.parametrize("intent", [starts(), says(), pauses, replies()])
def test_nothing_comes_of_messages_about_a_session_that_does_not_exist(intent) -> None:
    given().when(intent).then_nothing()


def test_the_interview_starts_with_the_configuration_of_the_session() -> None:
    config = SessionConfig(job_role="Baker")
    given(created(job_role="Baker")).when(starts()).then(a(Started, config=config, request_hash="h"))


def test_a_configuration_given_at_the_start_replaces_that_of_the_session() -> None:
    story = given(created(job_role="Baker")).when(starts(job_role="Cook"))
    story.then(a(Started, config=SessionConfig(job_role="Cook")))
    assert story.state.config.job_role == "Cook"


def test_an_introduction_is_due_after_the_start() -> None:
    story = given(created()).when(starts())
    assert story.state.reply_pending_to == story.outcome[0].id


@pytest.mark.parametrize("facts", [[started()], [started(), introduced]])
def test_a_second_start_changes_nothing(facts) -> None:
    given(created(), *facts).when(starts(job_role="Cook")).then_nothing()


def test_an_interview_that_is_over_cannot_be_started() -> None:
    story = given(created(), started(), introduced, ended()).when(starts())
    story.then(a(Refused, request="start", reason="ended", request_hash="h"))


def test_an_interview_can_be_started_again_after_a_reset() -> None:
    given(created(), started(), introduced, reset).when(starts()).then(Started)


def test_another_configuration_replaces_that_of_a_session_that_has_not_begun() -> None:
    story = given(created(job_role="Baker")).when(reconfigures(job_role="Cook"))
    story.then(a(Reconfigured, config=SessionConfig(job_role="Cook"), request_hash="h"))
    assert story.state.config.job_role == "Cook" and story.state.status == "created"
    story.when(starts()).then(a(Started, config=SessionConfig(job_role="Cook")))


def test_an_interview_that_has_begun_stays_as_it_is() -> None:
    story = given(created(job_role="Baker"), started()).when(reconfigures(job_role="Cook"))
    story.then(a(Refused, request="reconfigure", reason="not_possible", detail=BEGUN))
    assert story.state.config.job_role == "Baker"


def test_an_interview_that_is_over_is_not_configured_anew() -> None:
    given(created(), started(), ended()).when(reconfigures()).then(a(Refused, reason="ended"))


def test_after_a_reset_it_is_configured_and_still_of_the_api_that_made_it() -> None:
    story = given().when(is_requested(dialect="turns")).when(starts()).when(resets).when(reconfigures(job_role="Cook"))
    story.then(Reconfigured)
    assert story.state.dialect == "turns"


def test_the_introduction_is_asked() -> None:
    story = given(created(), started()).when(replies("introduction", text="Welcome."))
    story.then(a(QuestionAsked, turn=0, number=0, tokens=10))
    assert story.state.current.question.text == "Welcome."
    assert story.state.reply_pending_to is None


def test_without_an_introduction_in_time_a_plain_one_is_asked() -> None:
    story = given(created(), started()).when(the_reply_is_given_up)
    story.then(a(QuestionAsked, turn=0, number=0, action="notice"))
    asked = story.outcome[0].data
    assert asked.question.kind == "introduction" and asked.question.phase == "intro"
    assert asked.provenance.engine == "none" and asked.provenance.degraded
    assert "AI" in asked.disclosed.text and asked.disclosed.text in asked.question.text
    assert asked.disclosed.interviewer is asked.disclosed.coach is None


def test_what_was_disclosed_is_recorded_with_the_introduction() -> None:
    said = Disclosure(text="I am an AI.", interviewer=BUILT_IN)
    asked = given(created(), started()).when(replies("introduction", disclosed=said)).outcome[0].data
    assert asked.disclosed == said
    assert asked.public_metadata()["disclosed"] == {"text": "I am an AI.", "interviewer": {"models": []}, "coach": None}


def test_an_introduction_that_comes_after_the_plain_one_is_ignored() -> None:
    story = given(created(), started()).when(the_reply_is_given_up)
    late = replies("introduction", to=lambda story: story.latest(Started).id)
    story.when(late).then_nothing()
