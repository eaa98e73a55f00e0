"""The registry, upcasters, and what bytes become."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from contracts import Payload, UnknownEvent, decode, registered, registry, upcasters
from contracts.registry import event, load_payload
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_payloads", dict(registry._payloads))
    monkeypatch.setattr(upcasters, "_steps", dict(upcasters._steps))


class Waved(Payload):
    """An event that nobody knows."""


def sample(name: str = "session.paused.v1", **changes: Any) -> bytes:
    fields = json.loads((SAMPLES / f"{name}.json").read_bytes())
    return json.dumps({**fields, **changes}).encode()


def test_registering_sets_name_and_schema_version() -> None:
    event("session.waved", major=3, schema_version=2)(Waved)
    assert (Waved.TYPE, Waved.SCHEMA_VERSION) == ("session.waved.v3", 2)
    assert registered()["session.waved.v3"] is Waved


def test_name_that_is_taken_is_refused() -> None:
    with pytest.raises(ValueError, match=r"session\.paused\.v1 is registered already, by Paused"):
        event("session.paused")(Waved)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "paused",
        "session.",
        ".paused",
        "session.Paused",
        "session.paused.v1",
        "a b.c",
        "session.pau-sed",
        "s.>",
        "session.paused\n",
    ],
)
def test_name_that_makes_no_subject_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"not of the form owner\.event"):
        event(name)(Waved)


def test_list_of_types_cannot_be_changed_from_outside() -> None:
    listed = dict(registered())
    listed.clear()
    assert registered()


def test_a_stored_event_of_an_earlier_version_is_upcast() -> None:
    class Nodded(Payload):
        """An event that has got a second field since."""

        times: int
        why: str

    event("session.nodded", schema_version=2)(Nodded)
    upcasters.upcaster("session.nodded.v1", from_version=1)(lambda data: {**data, "why": "politeness"})
    stored = sample(type="session.nodded.v1", schema_version=1, data={"times": 3})
    assert decode(stored).data == Nodded(times=3, why="politeness")
    assert decode(stored).schema_version == 2
    assert load_payload("session.nodded.v1", 1, {"times": 2}) == Nodded(times=2, why="politeness")


def test_steps_run_in_order_and_only_those_that_are_needed() -> None:
    @upcasters.upcaster("a.b.v1", from_version=1)
    def _one(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "trail": [*data.get("trail", []), 1]}

    @upcasters.upcaster("a.b.v1", from_version=3)
    def _three(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "trail": [*data.get("trail", []), 3]}

    assert upcasters.upcast("a.b.v1", 1, 4, {}) == {"trail": [1, 3]}
    assert upcasters.upcast("a.b.v1", 2, 4, {}) == {"trail": [3]}
    assert upcasters.upcast("a.b.v1", 4, 4, {}) == {}


def test_second_step_from_one_version_is_refused() -> None:
    upcasters.upcaster("session.refused.v1", from_version=1)(dict)
    with pytest.raises(ValueError, match="has an upcaster from version 1 already"):
        upcasters.upcaster("session.refused.v1", from_version=1)(dict)


def test_every_step_starts_below_the_present_version_and_has_a_stored_example() -> None:
    for (name, version), step in upcasters.steps().items():
        assert version < registered()[name].SCHEMA_VERSION
        stored = json.loads((SAMPLES / "old" / f"{name}.schema{version}.json").read_bytes())
        before = json.dumps(stored["data"])
        step(stored["data"])
        assert json.dumps(stored["data"]) == before, "a step is pure"


def test_type_of_a_newer_writer_is_unknown() -> None:
    with pytest.raises(UnknownEvent, match=r"session\.waved\.v1"):
        decode(sample(type="session.waved.v1"))


def test_a_newer_schema_version_is_read_without_what_it_adds() -> None:
    """Replicas of before go on while those of a newer version take over."""
    known = decode(sample())
    fields = json.loads(sample(schema_version=known.schema_version + 1))
    fields["data"]["weather"] = "fine"
    assert decode(json.dumps(fields).encode()) == known


def test_a_newer_schema_version_that_says_what_nobody_here_can_is_unknown() -> None:
    fields = json.loads(sample(schema_version=99))
    fields["data"]["by"] = "somebody new"
    with pytest.raises(UnknownEvent, match=r"session\.paused\.v1 schema 99"):
        decode(json.dumps(fields).encode())


def test_field_of_a_newer_writer_is_ignored() -> None:
    fields = json.loads(sample("session.resumed.v1"))
    fields["weather"] = "fine"
    fields["data"]["mood"] = {"deep": [1]}
    assert decode(json.dumps(fields).encode()) == decode(sample("session.resumed.v1"))


def test_event_without_schema_version_is_one_of_the_first() -> None:
    fields = json.loads(sample())
    del fields["schema_version"]
    assert decode(json.dumps(fields).encode()) == decode(sample())


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"type": "session.paused.v1"}',
        b'{"type": "session.paused.v1", "data": []}',
        sample(schema_version=None),
        sample(schema_version="2"),
        sample(schema_version=0),
        sample(schema_version=-(10**15)),
        sample(schema_version=1.5),
        sample(schema_version=float("inf")),
        sample(id="not an id"),
        sample(occurred_at="yesterday"),
        sample("session.refused.v1", schema_version=1, data={"request": "x"}),
        sample("session.refused.v1", schema_version=1, data={"request": "x", "reason": ["unhashable"]}),
    ],
)
def test_what_is_no_event_is_a_value_error_so_that_nobody_tries_it_again(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        decode(raw)


def test_bad_data_is_a_validation_error() -> None:
    with pytest.raises(ValidationError):
        decode(sample("session.resumed.v1", data={}))


def json_values() -> st.SearchStrategy[Any]:
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    return st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@given(
    st.dictionaries(st.sampled_from(["id", "schema_version", "occurred_at", "data", "user_id"]), json_values()),
    st.sampled_from(["session.refused.v1", "session.question_asked.v1", "gateway.user_message.v1", "x"]),
)
def test_no_json_makes_decoding_fail_in_another_way(changes: dict[str, Any], kind: str) -> None:
    fields = {**json.loads(sample()), "type": kind, **changes}
    try:
        decode(json.dumps(fields).encode())
    except (UnknownEvent, ValueError):
        return
