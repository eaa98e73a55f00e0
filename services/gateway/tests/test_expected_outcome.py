"""What ends the wait for a request."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts import Event, Payload
from contracts.session.asks import Outcome, SessionStatus
from contracts.session.events import Completed, Created, Erased, Paused, QuestionAsked, Refused, Reset, Resumed
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Question
from gateway.bus.commands import ExpectedOutcome
from gateway.bus.idempotency import request_hash
from gateway.usecases.interviews import GONE

MINE, ANOTHERS = uuid4(), uuid4()
ASKED = QuestionAsked(
    turn=0,
    question=Question(kind="question", text="Why?", phase="technical"),
    number=1,
    action="new_question",
    reasoning="It is time.",
    provenance=Provenance(engine="scripted"),
)
COMPLETED = Completed(ending="ended", elapsed=1)
REFUSED = Refused(request="answer", reason="paused")
REPLY = ExpectedOutcome((QuestionAsked,))
START = ExpectedOutcome((QuestionAsked,), whoever=(QuestionAsked,), begin=True)
PAUSE = ExpectedOutcome((Paused,), reached=frozenset({"paused"}))
RESET = ExpectedOutcome((Reset,), final=(Erased,), over=frozenset())
ERASE = GONE


def event(data: Payload, request: UUID) -> Event[Payload]:
    """That this happened because of a request."""
    return Event[Payload](
        id=uuid4(),
        type=data.TYPE,
        schema_version=data.SCHEMA_VERSION,
        subject_id=uuid4(),
        correlation_id=request,
        occurred_at=datetime.now(UTC),
        data=data,
    )


def outcome(status: Any, question_id: UUID | None = None) -> Outcome:
    return Outcome(session=SessionStatus(status=status, version=3, question_id=question_id))


@pytest.mark.parametrize(
    ("awaited", "data"), [(REPLY, ASKED), (REPLY, REFUSED), (START, ASKED), (PAUSE, Paused()), (RESET, Reset())]
)
def test_the_outcome_of_the_request_ends_the_wait(awaited: ExpectedOutcome, data: Payload) -> None:
    assert awaited.is_met(event(data, MINE), MINE)
    assert data.TYPE in awaited.types


@pytest.mark.parametrize(
    ("awaited", "data"), [(REPLY, ASKED), (REPLY, REFUSED), (PAUSE, Paused()), (PAUSE, REFUSED), (RESET, REFUSED)]
)
def test_that_of_anothers_request_does_not(awaited: ExpectedOutcome, data: Payload) -> None:
    assert not awaited.is_met(event(data, ANOTHERS), MINE)


def test_an_introduction_is_everybodys() -> None:
    assert START.is_met(event(ASKED, ANOTHERS), MINE)


@pytest.mark.parametrize("data", [COMPLETED, Reset(), Erased()])
@pytest.mark.parametrize("awaited", [REPLY, START, PAUSE])
def test_an_end_ends_every_wait_whoever_asked_for_it(awaited: ExpectedOutcome, data: Payload) -> None:
    assert awaited.is_met(event(data, ANOTHERS), MINE)
    assert data.TYPE in awaited.types


@pytest.mark.parametrize(("data", "met"), [(COMPLETED, False), (Reset(), False), (Erased(), True)])
def test_but_a_reset_waits_for_itself(data: Payload, met: bool) -> None:
    assert RESET.is_met(event(data, ANOTHERS), MINE) is met


@pytest.mark.parametrize("data", [Created(config=SessionConfig()), Resumed(paused_for=1), Paused()])
def test_other_events_of_the_request_do_not(data: Payload) -> None:
    assert not REPLY.is_met(event(data, MINE), MINE)


@pytest.mark.parametrize("status", ["completed", "abandoned", "cancelled"])
def test_nothing_more_comes_of_an_answer_once_it_is_over(status: str) -> None:
    assert REPLY.is_settled(outcome(status)) and PAUSE.is_settled(outcome(status))
    assert not RESET.is_settled(outcome(status))


@pytest.mark.parametrize("status", ["created", "active", "paused"])
def test_but_while_it_is_not(status: str) -> None:
    assert not REPLY.is_settled(outcome(status, uuid4()))


def test_a_pause_is_settled_by_a_pause() -> None:
    assert PAUSE.is_settled(outcome("paused")) and not PAUSE.is_settled(outcome("active"))


def test_a_start_is_settled_by_a_current_question() -> None:
    assert START.is_settled(outcome("active", uuid4())) and not START.is_settled(outcome("active"))


def test_only_an_erasure_is_settled_by_a_session_that_is_gone() -> None:
    assert ERASE.is_settled(Outcome()) and not REPLY.is_settled(Outcome())


def test_the_hash_of_a_body_is_that_of_its_content() -> None:
    assert request_hash({"a": 1, "b": [2]}) == request_hash({"b": [2], "a": 1})
    assert request_hash({"a": 1}) != request_hash({"a": 2}) != request_hash(None)


@pytest.mark.parametrize("status", ["created", "active", "paused", "completed", "abandoned", "cancelled"])
def test_an_erasure_is_done_when_the_session_is_gone_and_not_before(status: str) -> None:
    assert not ERASE.is_settled(outcome(status)) and ERASE.is_settled(Outcome(session=None))
    assert not any(ERASE.is_met(event(data, ANOTHERS), MINE) for data in (COMPLETED, Reset(), ASKED))
    assert ERASE.is_met(event(Erased(), ANOTHERS), MINE)
