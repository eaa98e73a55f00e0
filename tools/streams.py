"""Describes the gateway's sockets and event streams as AsyncAPI 3.0: `docs/asyncapi/clients.json`.

The messages are the models that the dialects write and read. Of an event's own fields, those are shown that clients may
see (`public_events.PUBLIC`).
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from typing import Any, Literal, get_args

from contracts import Payload
from contracts.documents.live import DocumentProgress
from contracts.interviewer.live import ReplyDelta
from gateway.dialects.live_chat.shapes import Chunk, Control, Final, ServerMessage
from gateway.dialects.ours.document_shapes import ListedDocument
from gateway.dialects.ours.public_events import PUBLIC, Fields, PublicEvent, type_of
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tools.generated import arguments, as_json, report, staleness, write
from tools.paths import ROOT

WRITE = "python -m tools.streams --write"
STREAMS = ROOT / "docs/asyncapi/clients.json"
Document = dict[str, Any]
Mode = Literal["validation", "serialization"]
CHAT = "/api/v1/interview/{interview_id}/chat"
SESSION_EVENTS = "/api/v1/sessions/{session_id}/events"
DOCUMENT_EVENTS = "/api/v1/documents/{document_id}/events"
FROM_CLIENT: tuple[type[BaseModel], ...] = (Chunk, Final, Control)
TO_CLIENT: tuple[type[BaseModel], ...] = get_args(ServerMessage)
_SCHEMAS = "#/components/schemas/{model}"


def describe() -> Document:
    """The whole document."""
    plain: tuple[type[BaseModel], ...] = (*TO_CLIENT, ReplyDelta, DocumentProgress, ListedDocument, PublicEvent)
    used: list[tuple[type[BaseModel], Mode]] = [(model, "validation") for model in FROM_CLIENT]
    used += [(model, "serialization") for model in plain]
    events: list[tuple[type[BaseModel], Mode]] = [(model, "serialization") for model in PUBLIC]
    refs, definitions = models_json_schema([*used, *events], ref_template=_SCHEMAS)
    schemas = definitions["$defs"]
    messages = {each[0].__name__: _message(each[0].__name__, inspect.getdoc(each[0]), refs[each]) for each in used}
    for payload, fields in PUBLIC.items():
        messages[type_of(payload)] = _event(payload, _shown(refs[payload, "serialization"], fields, schemas))
    channels = {
        "chat": _channel(CHAT, (*FROM_CLIENT, *TO_CLIENT)),
        "session_events": _channel(SESSION_EVENTS, (*PUBLIC, ReplyDelta)),
        "document_events": _channel(DOCUMENT_EVENTS, (DocumentProgress, ListedDocument)),
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Parley for clients: sockets and event streams",
            "version": "1",
            "description": "The chat is a WebSocket. The other two are server-sent events: the name of a message is its"
            " `event`, except that `ReplyDelta` is `reply_delta`, `DocumentProgress` is `progress` and the last of a"
            " document is called by its status. An `error` with a `detail` ends a stream that cannot go on.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": {
            "take": _operation("receive", "chat", FROM_CLIENT),
            "say": _operation("send", "chat", TO_CLIENT),
            "tell_of_session": _operation("send", "session_events", (*PUBLIC, ReplyDelta)),
            "tell_of_document": _operation("send", "document_events", (DocumentProgress, ListedDocument)),
        },
        "components": {"messages": messages, "schemas": _used(messages, schemas)},
    }


def _name(model: type[BaseModel]) -> str:
    return type_of(model) if issubclass(model, Payload) else model.__name__


def _message(name: str, words: str | None, payload: Mapping[str, Any]) -> Document:
    return {"name": name, "summary": " ".join((words or "").split("\n\n")[0].split()), "payload": payload}


def _event(payload: type[Payload], data: Document) -> Document:
    shape = {"type": "object", "properties": {"type": {"const": type_of(payload)}, "data": data}}
    both = {"allOf": [{"$ref": _SCHEMAS.format(model="PublicEvent")}, shape]}
    return _message(type_of(payload), inspect.getdoc(payload), both)


def _shown(schema: Mapping[str, Any], fields: Fields, schemas: Mapping[str, Any]) -> Document:
    """Of an object's schema what the fields let through; with `__all__`, of each item of a list."""
    if "$ref" in schema:
        return _shown(schemas[schema["$ref"].rpartition("/")[2]], fields, schemas)
    if "anyOf" in schema:
        return {
            "anyOf": [each if each == {"type": "null"} else _shown(each, fields, schemas) for each in schema["anyOf"]]
        }
    if "__all__" in fields:
        return {"type": "array", "items": _shown(schema["items"], fields["__all__"], schemas)}
    known = schema.get("properties", {})
    shown = {
        name: known[name] if inner is True else _shown(known[name], inner, schemas)
        for name, inner in fields.items()
        if name in known
    }
    return {"type": "object", "properties": shown}


def _channel(address: str, models: tuple[type[BaseModel], ...]) -> Document:
    parameter = address.partition("{")[2].partition("}")[0]
    return {
        "address": address,
        "parameters": {parameter: {"description": "A UUID."}},
        "messages": {_name(each): {"$ref": f"#/components/messages/{_name(each)}"} for each in models},
    }


def _operation(action: str, channel: str, models: tuple[type[BaseModel], ...]) -> Document:
    messages = [{"$ref": f"#/channels/{channel}/messages/{_name(each)}"} for each in models]
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "messages": messages}


def _used(messages: Document, schemas: Mapping[str, Any]) -> Document:
    """The schemas that messages refer to, and those that these refer to: what is private is in none of them."""
    found: Document = {}
    left = [as_json(messages)]
    while left:
        text = left.pop()
        for name in schemas:
            if name not in found and f'"{_SCHEMAS.format(model=name)}"' in text:
                found[name] = schemas[name]
                left.append(as_json(schemas[name]))
    return found


def main() -> int:
    """The exit code: 1 when the committed document is stale."""
    text = as_json(describe())
    if not arguments(__doc__).check:
        write(STREAMS, text)
    return report(staleness(STREAMS, text, WRITE))


if __name__ == "__main__":
    sys.exit(main())
