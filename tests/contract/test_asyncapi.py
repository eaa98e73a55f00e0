"""The committed AsyncAPI document says what runs, and holds together."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from contracts import registered
from contracts.subjects import owner_of
from contracts.topology import CONSUMERS, HANDLERS, STREAMS

Tool = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def document(root: Path) -> dict[str, Any]:
    return dict(json.loads((root / "docs/asyncapi/parley.json").read_text(encoding="utf-8")))


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolved(document: dict[str, Any], reference: str) -> Any:
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def test_document_is_current(tool: Tool) -> None:
    done = tool("asyncapi", "--check")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(references(document))
    assert found
    for reference in found:
        assert reference.startswith("#/")
        assert isinstance(resolved(document, reference), dict)


def test_document_has_the_parts_of_asyncapi_3(document: dict[str, Any]) -> None:
    assert document["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= document["info"].keys()
    for server in document["servers"].values():
        assert {"host", "protocol"} <= server.keys()
    keys = [key for part in document["components"].values() for key in part]
    assert all(re.fullmatch(r"[\w.\-]+", key) for key in keys)


def test_operations_stand_on_channels_that_know_their_messages(document: dict[str, Any]) -> None:
    for operation in document["operations"].values():
        assert operation["action"] in {"send", "receive"}
        for side in [operation, operation["reply"]] if "reply" in operation else [operation]:
            channel = side["channel"]["$ref"]
            assert channel.startswith("#/channels/")
            assert all(each["$ref"].startswith(f"{channel}/messages/") for each in side["messages"])


def test_parameters_are_those_of_the_address(document: dict[str, Any]) -> None:
    for channel in document["channels"].values():
        assert set(re.findall(r"{(\w+)}", channel["address"] or "")) == set(channel.get("parameters", {}))


def test_every_registered_type_is_sent_by_its_owner_and_by_nobody_else(document: dict[str, Any]) -> None:
    senders: dict[str, set[str]] = {}
    for operation in document["operations"].values():
        if operation["action"] == "send":
            for message in operation["messages"]:
                senders.setdefault(message["$ref"].rsplit("/", 1)[-1], set()).add(operation["tags"][0]["name"])
    for name in registered():
        assert senders[name] == {owner_of(name)}


@pytest.mark.parametrize("name", sorted(registered()))
def test_message_carries_its_own_payload(document: dict[str, Any], name: str) -> None:
    message = document["components"]["messages"][name]
    [envelope, told] = message["payload"]["allOf"]
    assert "subject_id" in resolved(document, envelope["$ref"])["properties"]
    payload = resolved(document, told["properties"]["data"]["$ref"])
    assert set(payload["properties"]) == set(registered()[name].model_fields)
    assert message["x-schema-version"] == registered()[name].SCHEMA_VERSION


def test_every_durable_is_bound_by_the_service_of_its_name(document: dict[str, Any]) -> None:
    bound = {
        operation["x-jetstream-consumer"]
        for name, operation in document["operations"].items()
        if "x-jetstream-consumer" in operation
    }
    installed = {entry.name for entry in entry_points(group="parley.services")}
    assert {each.durable for each in HANDLERS if each.durable in installed} <= bound


def test_topology_is_published_beside_it(document: dict[str, Any]) -> None:
    assert set(document["x-jetstream"]["streams"]) == {stream.name for stream in STREAMS}
    assert set(document["x-jetstream"]["consumers"]) == {each.durable for each in CONSUMERS}


def test_every_question_of_the_session_has_an_answer(document: dict[str, Any]) -> None:
    answered = {
        name.rsplit(".", 1)[-1]: operation["reply"]["messages"][0]["$ref"].rsplit("/", 1)[-1]
        for name, operation in document["operations"].items()
        if "reply" in operation
    }
    assert answered["outcome"] == "Outcome"
    assert answered["transcript"] == "Transcript"
