"""Streams and consumers fit together, and every event has a reader."""

from __future__ import annotations

from itertools import combinations
from uuid import UUID

import pytest
from contracts import OWNERS, registered
from contracts.subjects import EVENTS, RETRY, event_subject, matches, owner_of, retries_of
from contracts.topology import (
    ADVISORY_STREAM,
    CONSUMERS,
    HANDLERS,
    STREAMS,
    SWEEPER_SUFFIX,
    Consumer,
    consumer,
)

SESSION = UUID("6f1f7a5e-3c0b-4c9e-9a53-0f6f6f0c9d21")

READ_LIVE_ONLY = {
    "documents.failed.v1",
    "documents.processed.v1",
    "session.answer_repeated.v1",
    "session.answer_unheard.v1",
    "session.completed.v1",
    "session.created.v1",
    "session.erased.v1",
    "session.feedback_recorded.v1",
    "session.paused.v1",
    "session.question_asked.v1",
    "session.reconfigured.v1",
    "session.refused.v1",
    "session.report_recorded.v1",
    "session.reset.v1",
    "session.resumed.v1",
}
"""No service works on these: the gateway shows them to clients that listen, and asks for what it missed."""


def readers(name: str) -> set[str]:
    subject = event_subject(name, SESSION)
    return {each.durable for each in HANDLERS if any(matches(pattern, subject) for pattern in each.filters)}


def test_durables_and_streams_have_names_of_their_own() -> None:
    assert len({each.durable for each in CONSUMERS}) == len(CONSUMERS)
    assert len({each.name for each in STREAMS}) == len(STREAMS)


def test_every_registered_type_is_read_or_known_not_to_be() -> None:
    assert {name for name in registered() if not readers(name)} == READ_LIVE_ONLY


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("session.started.v1", {"interviewer"}),
        ("session.answer_recorded.v1", {"interviewer", "coach"}),
        ("session.report_due.v1", {"coach"}),
        ("interviewer.replied.v1", {"session"}),
        ("coach.feedback_given.v1", {"session"}),
        ("gateway.user_message.v1", {"session"}),
        ("gateway.document_uploaded.v1", {"session", "documents"}),
    ],
)
def test_who_reads_what(name: str, expected: set[str]) -> None:
    assert readers(name) == expected


def test_nobody_reads_its_own_events() -> None:
    assert [name for name in registered() if owner_of(name) in readers(name)] == []


@pytest.mark.parametrize("each", HANDLERS, ids=lambda each: each.durable)
def test_filters_name_owners_and_types_that_exist(each: Consumer) -> None:
    for pattern in each.filters:
        root, owner, *rest = pattern.split(".")
        if root == RETRY:
            assert pattern == retries_of(each.durable)
            continue
        assert root == EVENTS
        assert owner in OWNERS
        assert rest == [">"] or f"{owner}.{rest[0]}.{rest[1]}" in registered()


def test_every_registered_type_belongs_to_the_module_that_is_named_for_its_owner() -> None:
    for name, payload in registered().items():
        assert payload.__module__ == OWNERS[owner_of(name)].__name__


@pytest.mark.parametrize("each", HANDLERS, ids=lambda each: each.durable)
def test_handler_hears_its_own_replays_once(each: Consumer) -> None:
    assert each.filters.count(retries_of(each.durable)) == 1


@pytest.mark.parametrize("each", CONSUMERS, ids=lambda each: each.durable)
def test_filters_of_one_consumer_do_not_overlap(each: Consumer) -> None:
    # JetStream refuses a consumer whose filters do.
    assert not [pair for pair in combinations(each.filters, 2) if overlap(*pair)]


def overlap(one: str, other: str) -> bool:
    """Whether some subject matches both patterns."""
    for left, right in zip(one.split("."), other.split("."), strict=False):
        if ">" in (left, right):
            return True
        if left != right and "*" not in (left, right):
            return False
    return one.count(".") == other.count(".")


@pytest.mark.parametrize("each", CONSUMERS, ids=lambda each: each.durable)
def test_times_and_limits_make_sense(each: Consumer) -> None:
    assert each.ack_wait > 0
    assert each.hard_timeout > 0
    assert each.max_deliver == -1 or each.max_deliver >= 4, "deployments count as deliveries"
    assert each.max_ack_pending >= 64
    assert each.filters


@pytest.mark.parametrize("each", CONSUMERS, ids=lambda each: each.durable)
def test_consumer_listens_within_its_stream(each: Consumer) -> None:
    [stream] = [stream for stream in STREAMS if stream.name == each.stream]
    for pattern in each.filters:
        example = pattern.replace("*", "x").replace(">", "x")
        assert any(matches(subject, example) for subject in stream.subjects)


def test_every_handler_has_a_sweeper_that_is_never_given_up_itself() -> None:
    for handler in HANDLERS:
        found = consumer(handler.durable + SWEEPER_SUFFIX)
        assert (found.stream, found.max_deliver) == (ADVISORY_STREAM, -1)


def test_unknown_durable_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        consumer("nobody")


def test_events_are_kept_for_a_week() -> None:
    assert {stream.name: stream.max_age for stream in STREAMS}["EVENTS"] == 7 * 24 * 3600
