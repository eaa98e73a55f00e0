"""Golden samples, and payloads made up by hypothesis, survive being read and written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from contracts import Event, Payload, decode, derived_id, encode, follow_up, registered
from contracts.coach.events import FeedbackGiven
from contracts.gateway.events import SessionRequested, UserMessage
from contracts.interviewer.events import Replied
from contracts.session.asks import Outcome, SessionStatus
from contracts.session.events import AnswerRecorded, Refused, Resumed
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import Criteria, Feedback
from contracts.vocabulary.provenance import Usage
from contracts.vocabulary.turn import Budget, TurnContext
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

SAMPLES = Path(__file__).parent.parent / "samples"
CURRENT = sorted(SAMPLES.glob("*.json"))
MADE_UP = (UserMessage, SessionRequested, AnswerRecorded, Refused, FeedbackGiven, Replied)


def name_of(path: Path) -> str:
    return path.stem


def test_every_type_has_a_golden_sample_and_every_sample_a_type() -> None:
    assert {path.stem for path in CURRENT} == set(registered())


@pytest.mark.parametrize("path", CURRENT, ids=name_of)
def test_golden_sample_is_written_as_it_was_read(path: Path) -> None:
    raw = path.read_bytes().rstrip(b"\n")
    event = decode(raw)
    assert encode(event) == raw
    assert type(event.data) is registered()[path.stem]


@pytest.mark.parametrize("path", CURRENT, ids=name_of)
def test_a_frozen_event_cannot_be_changed(path: Path) -> None:
    event = decode(path.read_bytes())
    with pytest.raises(ValueError, match="frozen"):
        event.type = "x"


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)
"""Text that can be stored: nobody may write any other."""
FINITE = st.floats(allow_nan=False, allow_infinity=False)
"""JSON has no other numbers."""
st.register_type_strategy(float, FINITE)
TIMES = st.datetimes(timezones=st.just(UTC), min_value=datetime(2026, 1, 1), max_value=datetime(2126, 1, 1))
SHARES = st.none() | st.floats(0, 1)

st.register_type_strategy(
    SessionConfig,
    # pydantic strips what Unicode calls white space, such as U+0085; Python's `strip` takes all that and a bit more.
    st.builds(SessionConfig, job_role=TEXT.filter(str.strip), resume_content=TEXT),
)
st.register_type_strategy(Criteria, st.builds(Criteria, relevance=SHARES, depth=SHARES))
st.register_type_strategy(
    Feedback,
    st.builds(Feedback, score=SHARES, technical_accuracy=SHARES, completeness=SHARES, clarity=SHARES),
)
st.register_type_strategy(Budget, st.builds(Budget, elapsed=FINITE, duration=FINITE))
st.register_type_strategy(
    TurnContext,
    st.builds(
        TurnContext,
        scores=st.lists(SHARES).map(tuple),
        coverage=st.dictionaries(TEXT, st.integers(0, 9), max_size=3),
    ),
)
st.register_type_strategy(UserMessage, st.builds(UserMessage, text=TEXT, request_hash=st.none() | TEXT))
st.register_type_strategy(SessionRequested, st.builds(SessionRequested, request_hash=st.none() | TEXT))
PAYLOADS = st.one_of(*map(st.from_type, MADE_UP), st.builds(Resumed, paused_for=FINITE))


def event_of(payload: Payload, at: datetime, session: UUID) -> Event[Payload]:
    return Event(
        id=derived_id(session, payload.TYPE),
        type=payload.TYPE,
        schema_version=payload.SCHEMA_VERSION,
        subject_id=session,
        correlation_id=session,
        occurred_at=at,
        stream_version=1,
        data=payload,
    )


@given(PAYLOADS, TIMES, st.uuids())
def test_event_comes_back_as_it_was_sent(payload: Payload, at: datetime, session: UUID) -> None:
    event = event_of(payload, at, session)
    read = decode(encode(event))
    assert read == event
    assert type(read.data) is type(payload)
    assert encode(read) == encode(event)


@given(PAYLOADS, TIMES, st.uuids())
def test_event_inside_an_answer_keeps_its_type(payload: Payload, at: datetime, session: UUID) -> None:
    outcome = Outcome(
        session=SessionStatus(status="active", version=3), known=True, event=event_of(payload, at, session)
    )
    assert Outcome.model_validate_json(outcome.model_dump_json()) == outcome


@pytest.mark.parametrize("blank", [chr(code) for code in range(0x110000) if chr(code).isspace()], ids=ascii)
def test_a_role_is_never_blank_and_is_stripped_once_for_all(blank: str) -> None:
    """What is white space to pydantic is white space to Python; four separators are so to Python alone."""
    if "\x1c" <= blank <= "\x1f":
        assert SessionConfig(job_role=blank).job_role == blank
    else:
        with pytest.raises(ValidationError, match="at least 1 character"):
            SessionConfig(job_role=blank)
    once = SessionConfig(job_role=f"{blank}Nurse{blank}")
    assert once.job_role.strip() == "Nurse"
    assert SessionConfig.model_validate_json(once.model_dump_json()) == once


@pytest.mark.parametrize("cost", [float("inf"), float("-inf"), float("nan")])
def test_a_number_that_json_does_not_have_is_refused_where_it_is_made(cost: float) -> None:
    with pytest.raises(ValidationError, match="finite"):
        Usage(cost=cost)


def test_what_follows_from_a_cause_has_the_same_id_each_time() -> None:
    cause = decode((SAMPLES / "gateway.user_message.v1.json").read_bytes())
    first = follow_up(cause, Resumed(paused_for=1), datetime(2026, 1, 1, tzinfo=UTC))
    again = follow_up(cause, Resumed(paused_for=2), datetime(2026, 1, 2, tzinfo=UTC))
    second = follow_up(cause, Resumed(paused_for=1), datetime(2026, 1, 1, tzinfo=UTC), ordinal=1)
    assert first.id == again.id != second.id
    assert (first.causation_id, first.correlation_id) == (cause.id, cause.correlation_id)
    assert (first.subject_id, first.user_id) == (cause.subject_id, cause.user_id)


def test_texts_of_one_message_fit_under_the_limit_of_the_broker() -> None:
    wide: dict[str, Any] = json.loads((SAMPLES / "session.answer_recorded.v1.json").read_bytes())
    config = wide["data"]["context"]["config"]
    config |= {"resume_content": "\U0001f600" * 40_000, "job_description": "\U0001f600" * 20_000}
    wide["data"]["text"] = wide["data"]["context"]["answer"] = "\U0001f600" * 16_000
    wide["data"]["context"]["transcript"] = [{"role": "candidate", "turn": 1, "text": "\U0001f600" * (64 * 1024 // 4)}]
    assert len(encode(decode(json.dumps(wide).encode()))) < 900_000
