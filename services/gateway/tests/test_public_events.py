"""What clients are shown of events: what is named, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import contracts
import pytest
from contracts import Event, Payload, decode, registered
from contracts.session.events import Recorded
from gateway.dialects.ours.public_events import PUBLIC, public_event

SAMPLES = sorted((Path(contracts.__file__).parents[1] / "samples").glob("session.*.json"))
RECORDED = {name: kind for name, kind in registered().items() if name.startswith("session.")}
PRIVATE = {
    "expects", "cues", "point", "bank_id", "follow_ups", "reference_answer", "context", "transcript", "asked_ids",
    "request_hash", "correlation_id", "causation_id", "user_id",
}  # fmt: skip
"""What a good answer holds, what the services tell one another, and what tells requests apart."""


def event(data: Payload) -> Event[Payload]:
    return Event[Payload].model_construct(
        id=uuid4(),
        type="session.made_up.v1",
        schema_version=1,
        subject_id=uuid4(),
        user_id=None,
        correlation_id=uuid4(),
        occurred_at=datetime.now(UTC),
        stream_version=1,
        data=data,
    )


def names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner)


def test_each_event_of_a_session_has_a_sample_and_is_decided_on() -> None:
    assert {path.stem for path in SAMPLES} == set(RECORDED)
    assert set(PUBLIC) == set(RECORDED.values())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_sample_shows_what_is_private(path: Path) -> None:
    shown = public_event(decode(path.read_bytes()))
    assert not PRIVATE & set(names(shown.data))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_what_is_named_is_there(path: Path) -> None:
    """A field that a contract renames would otherwise be gone without a word."""
    kind = RECORDED[path.stem]
    assert set(PUBLIC[kind]) <= set(kind.model_fields)


def test_private_is_what_remains_when_names_are_left_out() -> None:
    """The names above are those that the samples hold: a sample without them would prove nothing."""
    found = {name for path in SAMPLES for name in names(decode(path.read_bytes()).data.model_dump(mode="json"))}
    assert PRIVATE - {"correlation_id", "causation_id", "user_id"} <= found


def test_the_report_shows_its_numbers_question_by_question() -> None:
    [path] = [path for path in SAMPLES if "report_recorded" in path.stem]
    recorded = decode(path.read_bytes())
    shown = public_event(recorded).data["report"]["statistics"]["questions"]
    assert shown == recorded.data.report.statistics.model_dump(mode="json")["questions"] != []  # type: ignore[attr-defined]


def test_a_new_type_is_private() -> None:
    class Whispered(Recorded):
        secret: str = "a secret"

    assert public_event(event(Whispered())).data == {}


def test_a_new_field_is_private() -> None:
    [kind] = [kind for kind in PUBLIC if kind.TYPE == "session.paused.v1"]

    class PausedBecause(kind):  # type: ignore[misc, valid-type]
        because: str = "a secret"

    assert public_event(event(PausedBecause())).data == {}
    [resumed] = [kind for kind in PUBLIC if kind.TYPE == "session.resumed.v1"]
    richer = resumed.model_construct(paused_for=3.0)
    object.__setattr__(richer, "because", "a secret")
    assert public_event(event(richer)).data == {"paused_for": 3.0}
