"""Subjects, matched as NATS matches them."""

from __future__ import annotations

from uuid import UUID

import pytest
from contracts import registered, subjects
from contracts.subjects import matches
from contracts.topology import STREAMS

SESSION = UUID("6f1f7a5e-3c0b-4c9e-9a53-0f6f6f0c9d21")
OTHER = UUID("7d1c2c52-0a0f-4d0c-9c39-3d5a5f6e2b10")
ANSWER = "session.answer_recorded.v1"


def test_wildcards_match_as_the_broker_does_it() -> None:
    assert matches("a.*.c", "a.b.c")
    assert matches("a.>", "a.b.c")
    assert not matches("a.>", "a")
    assert not matches("a.*", "a.b.c")
    assert not matches("a.b", "a.c")
    assert not matches("a.b.>", "a.c.d")
    assert matches("*.b.>", "a.b.c.d")
    assert not matches("*", "a.b")


def test_event_subject_names_owner_event_version_and_id() -> None:
    assert subjects.event_subject(ANSWER, SESSION) == f"evt.session.answer_recorded.v1.{SESSION}"


@pytest.mark.parametrize("name", sorted(registered()))
def test_subject_of_every_type_is_made_of_five_plain_tokens(name: str) -> None:
    tokens = subjects.event_subject(name, SESSION).split(".")
    assert len(tokens) == 5
    assert all(token and not set(token) & set("*> \t\r\n") for token in tokens)


@pytest.mark.parametrize("name", sorted(registered()))
def test_filters_take_what_they_name_and_nothing_else(name: str) -> None:
    subject = subjects.event_subject(name, SESSION)
    owner = subjects.owner_of(name)
    assert matches(subjects.events_of_type(name), subject)
    assert matches(subjects.events_of_owner(owner), subject)
    assert matches(subjects.events_of_subject(SESSION), subject)
    assert matches(subjects.events_of_subject(SESSION, owner), subject)
    assert not matches(subjects.events_of_subject(OTHER), subject)
    assert not matches(subjects.events_of_subject(SESSION, "nobody"), subject)
    assert not matches(subjects.events_of_owner("nobody"), subject)
    others = [each for each in registered() if each != name]
    assert not any(matches(subjects.events_of_type(each), subject) for each in others)


def test_replay_reaches_its_durable_only() -> None:
    subject = subjects.retry_subject("session", SESSION)
    assert matches(subjects.retries_of("session"), subject)
    assert matches(subjects.retries_of_subject(SESSION), subject)
    assert not matches(subjects.retries_of("coach"), subject)
    assert not matches(subjects.retries_of_subject(OTHER), subject)
    assert not matches(subjects.events_of_owner("session"), subject)
    assert not matches(subjects.events_of_subject(SESSION), subject)


def test_dead_letters_are_found_by_what_they_are_about() -> None:
    subject = subjects.dead_subject("coach", SESSION)
    assert matches(subjects.dead_of_subject(SESSION), subject)
    assert not matches(subjects.dead_of_subject(OTHER), subject)
    assert matches(subjects.dead_subject("*", "*"), subject)


def test_advisory_of_a_consumer_is_one_of_all_advisories() -> None:
    advisory = subjects.max_deliveries_advisory("EVENTS", "coach")
    assert matches(subjects.max_deliveries_advisories(), advisory)


def test_last_token_is_the_id() -> None:
    assert subjects.subject_id_of(subjects.event_subject(ANSWER, SESSION)) == str(SESSION)
    assert subjects.subject_id_of(subjects.retry_subject("coach", SESSION)) == str(SESSION)
    assert subjects.subject_id_of(subjects.dead_subject("coach", SESSION)) == str(SESSION)


def test_asks_and_live_messages_are_in_no_stream() -> None:
    for subject in (subjects.ask_subject("session", "view"), subjects.live_subject(SESSION, "reply")):
        assert not any(matches(pattern, subject) for stream in STREAMS for pattern in stream.subjects)


@pytest.mark.parametrize(
    ("subject", "stream"),
    [
        (subjects.event_subject(ANSWER, SESSION), "EVENTS"),
        (subjects.retry_subject("coach", SESSION), "EVENTS"),
        (subjects.dead_subject("coach", SESSION), "DEAD"),
        (subjects.max_deliveries_advisory("EVENTS", "coach"), "ADVISORIES"),
    ],
)
def test_durable_subject_is_in_exactly_one_stream(subject: str, stream: str) -> None:
    found = [each.name for each in STREAMS if any(matches(pattern, subject) for pattern in each.subjects)]
    assert found == [stream]
