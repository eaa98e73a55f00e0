"""What is sent on sockets and event streams is what `docs/asyncapi/clients.json` describes, and nothing private is."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from contracts import Event, Payload
from contracts.vocabulary.provenance import Provenance
from gateway.dialects.live_chat.shapes import messages
from gateway.dialects.ours.public_events import PUBLIC, public_event, type_of
from gateway.usecases.live_turn import Acknowledged, AskedAgain, Bridged, Drafted, Ended, Failed, Notice, StateChanged

from tools.samples import sample_events
from tools.streams import STREAMS

PRIVATE = ("request_hash", "expects", "reference_answer", "resume_text", "expected_points")
SCRIPTED = Provenance(engine="scripted")
NOTICES: tuple[Notice, ...] = (
    AskedAgain("Why?"), Acknowledged("I see."), Acknowledged("I see.", SCRIPTED), Bridged("One moment.", "scripted"),
    Drafted("So"), StateChanged("processing_answer", "Analyzing."), Failed("No."), Ended("Thank you."),
)  # fmt: skip


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(STREAMS.read_text(encoding="utf-8"))


def validate(document: Any, name: str, said: Any) -> None:
    message = document["components"]["messages"][name]
    schema = {**message["payload"], "components": document["components"]}
    jsonschema_rs.Draft202012Validator(schema).validate(said)


def test_the_description_is_current(tool: Any) -> None:
    done = tool("streams", "--check")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("kind", PUBLIC, ids=lambda kind: type_of(kind))
def test_every_public_event_is_described(document: Any, kind: type[Payload]) -> None:
    event: Event[Payload] = sample_events()[kind.TYPE]
    validate(document, type_of(kind), json.loads(public_event(event).model_dump_json()))


def test_every_field_that_an_event_shows_is_in_its_description(document: Any) -> None:
    for kind in PUBLIC:
        [_, shape] = document["components"]["messages"][type_of(kind)]["payload"]["allOf"]
        described = set(shape["properties"]["data"].get("properties", {}))
        assert set(public_event(sample_events()[kind.TYPE]).data) <= described, kind


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: type(notice).__name__)
def test_every_message_of_the_chat_is_described(document: Any, notice: Notice) -> None:
    for message in messages(notice):
        validate(document, type(message).__name__, json.loads(message.model_dump_json(exclude_none=True)))


def test_another_shape_is_not_described(document: Any) -> None:
    with pytest.raises(jsonschema_rs.ValidationError):
        validate(document, "ChatError", {"type": "error", "payload": ["No."]})


def test_nothing_private_is_described(document: Any) -> None:
    text = json.dumps(document)
    assert [name for name in PRIVATE if f'"{name}":' in text] == []
