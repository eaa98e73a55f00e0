"""Describes every message of the running system as AsyncAPI 3.0.

What is subscribed to comes from FastStream's own description of the wired services, what is said from the
registry of contracts, streams and consumers from the topology. Nothing is connected.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, get_args, get_type_hints
from uuid import UUID

from contracts import OWNERS, Contract, Event, Payload, registered
from contracts.documents.live import DocumentProgress
from contracts.interviewer.live import ReplyDelta
from contracts.speech.live import StreamHeard
from contracts.subjects import (
    ASKS,
    DEAD,
    EVENTS,
    RETRY,
    dead_subject,
    event_subject,
    events_of_subject,
    live_subject,
    matches,
    owner_of,
    retries_of,
    subject_id_of,
)
from contracts.topology import CONSUMERS, STREAMS, SWEEPER_SUFFIX, Consumer, consumer
from faststream.specification import AsyncAPI
from pydantic.json_schema import models_json_schema
from runtime.service import Service

from tools.generated import arguments, as_json, report, staleness, write
from tools.messages import ask_models
from tools.paths import ASYNCAPI
from tools.services import build, installed_services

WRITE = "python -m tools.asyncapi --write"
Document = dict[str, Any]

LIVE = {
    "reply": ("interviewer", ("gateway",), ReplyDelta),
    "progress": ("documents", ("gateway",), DocumentProgress),
    "heard": ("speech", ("gateway",), StreamHeard),
}
"""Live messages by kind: who sends them, who shows them, and what they are. Core NATS knows no such list."""

WATCHED = {"gateway": ("session", "documents")}
"""Whose events a service shows to its clients while they are there: core subscriptions that come and go."""

_ANY = UUID(int=0)
_ADVISORY = "MaxDeliveriesAdvisory"
_ID = "subject_id"
_PARAMETERS = {
    _ID: {"description": "The session, or the document, that the message is about (a UUID)."},
    "session_id": {"description": "The session, or the document, that is watched (a UUID)."},
}


def describe(services: Sequence[Service]) -> Document:
    """The whole document. Raises LookupError when what runs and what the topology says differ."""
    document = _Document()
    for service in services:
        for subscription in _subscriptions(service):
            document.receive(service, *subscription)
        _require_all_bound(service, document)
    for name in registered():
        document.send(owner_of(name), _event_address(name), [name])
    for reader, owners in WATCHED.items():
        for owner in owners:
            document.watch(reader, owner)
    for kind, (sender, readers, model) in LIVE.items():
        address = live_subject(_ANY, kind).replace(str(_ANY), "{session_id}")
        document.send(sender, address, [model.__name__])
        for reader in readers:
            document.operation(reader, "receive", address, [model.__name__])
    return document.finished(services)


def _subscriptions(service: Service) -> Iterator[tuple[str, str, Document]]:
    """Address, name of the payload and FastStream's channel of each subscriber of a service."""
    spec = json.loads(AsyncAPI(service.broker, title=service.name).to_specification().to_json())
    for operation in spec["operations"].values():
        channel = _follow(spec, operation["channel"])
        [message] = channel["messages"].values()
        payload = _follow(spec, message)["payload"]
        yield channel["address"], payload.get("$ref", "").rsplit("/", 1)[-1], channel


def _follow(spec: Document, reference: Mapping[str, str]) -> Document:
    found: Any = spec
    for step in reference["$ref"].removeprefix("#/").split("/"):
        found = found[step.replace("%3E", ">").replace("%2A", "*").replace("~1", "/")]
    return dict(found)


def _require_all_bound(service: Service, document: _Document) -> None:
    bound = document.bound.get(service.name, set())
    for durable in service.durables:
        if missing := set(consumer(durable).filters) - bound:
            raise LookupError(f"{service.name} waits for {durable} and does not bind {sorted(missing)}")


class _Document:
    """Channels, operations and messages, collected one by one."""

    def __init__(self) -> None:
        self.channels: dict[str, Document] = {}
        self.operations: dict[str, Document] = {}
        self.messages: dict[str, Document] = {}
        self.bound: dict[str, set[str]] = {}
        """Addresses that each service subscribes to."""
        self._schemas = _Schemas()

    def receive(self, service: Service, address: str, payload: str, found: Document) -> None:
        """A subscriber of a running service."""
        self.bound.setdefault(service.name, set()).add(address)
        durable = _durable(service, address)
        if address.startswith(f"{ASKS}."):
            self._answer(service, address, payload, found)
            return
        if durable is None:
            raise LookupError(f"{service.name} listens to {address}, which no consumer of the topology does")
        extra = {"x-jetstream-consumer": durable.durable, "description": found.get("description")}
        self.operation(service.name, "receive", _with_parameter(address), _messages_of(durable, address), extra)

    def send(self, owner: str, address: str, messages: Sequence[str]) -> None:
        """What a service says."""
        self.operation(owner, "send", address, messages)

    def watch(self, reader: str, owner: str) -> None:
        """Events of one owner, about what the clients of a service look at."""
        names = [name for name in sorted(registered()) if owner_of(name) == owner]
        address = events_of_subject(_ANY, owner).replace(str(_ANY), f"{{{_ID}}}")
        extra = {"description": "Short-lived and without a consumer: what is missed is asked for."}
        self.operation(reader, "receive", address, names, extra)

    def operation(
        self,
        service: str,
        action: str,
        address: str,
        messages: Sequence[str],
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """One operation of one service on one address."""
        channel = self._channel(address, messages)
        given = {key: value for key, value in (extra or {}).items() if value}
        self.operations[f"{service}.{action}.{channel}"] = {
            "action": action,
            "channel": _ref("channels", channel),
            "messages": [_ref("channels", channel, "messages", name) for name in messages],
            "tags": [{"name": service}],
            **given,
        }

    def _answer(self, service: Service, address: str, request: str, found: Document) -> None:
        response = _response(service, address)
        reply_channel = self._channel(f"{address}.reply", [response.__name__], address=None)
        queue = found.get("bindings", {}).get("nats", {}).get("queue")
        extra = {
            "bindings": {"nats": {"queue": queue}},
            "reply": {
                "address": {"location": "$message.header#/reply-to", "description": "The asker's inbox."},
                "channel": _ref("channels", reply_channel),
                "messages": [_ref("channels", reply_channel, "messages", response.__name__)],
            },
        }
        self.operation(service.name, "receive", address, [request], extra)

    def _channel(self, name: str, messages: Iterable[str], **given: Any) -> str:
        """The channel of that name, with these messages added. A name is its address unless one is given."""
        key = _key(name)
        channel = self.channels.setdefault(key, {"address": given.get("address", name), "messages": {}})
        used = {each: _PARAMETERS[each] for each in _PARAMETERS if f"{{{each}}}" in name}
        if used:
            channel["parameters"] = used
        for message in messages:
            channel["messages"][message] = _ref("components", "messages", message)
            self.messages.setdefault(message, self._schemas.message(message))
        return key

    def finished(self, services: Sequence[Service]) -> Document:
        """The document itself."""
        return {
            "asyncapi": "3.0.0",
            "info": _info(),
            "defaultContentType": "application/json",
            "servers": _servers(services),
            "channels": self.channels,
            "operations": self.operations,
            "components": {"messages": self.messages, "schemas": self._schemas.definitions},
            "x-jetstream": {
                "streams": {each.name: asdict(each) for each in STREAMS},
                "consumers": {each.durable: asdict(each) for each in CONSUMERS},
            },
        }


class _Schemas:
    """Schemas of payloads, asks and the envelope, with one name each, and messages made of them."""

    def __init__(self) -> None:
        models: list[type[Contract]] = [*registered().values(), *ask_models(), Event[Payload]]
        refs, definitions = models_json_schema(
            [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
        )
        self._refs = {model: reference for (model, _), reference in refs.items()}
        self.definitions: dict[str, Any] = {**definitions["$defs"], _ADVISORY: _advisory_schema()}

    def message(self, name: str) -> Document:
        """An event in its envelope, an ask or its answer, or the broker's advisory."""
        if name == _ADVISORY:
            return {"name": name, "payload": _ref("components", "schemas", name)}
        payload = registered().get(name)
        if payload is None:
            model = next(each for each in ask_models() if each.__name__ == name)
            return {"name": name, "summary": _summary(model), "payload": self._refs[model]}
        told = {"type": {"const": name}, "data": self._refs[payload]}
        return {
            "name": name,
            "summary": _summary(payload),
            "headers": {"type": "object", "properties": _event_headers(name)},
            "payload": {"allOf": [self._refs[Event[Payload]], {"type": "object", "properties": told}]},
            "x-schema-version": payload.SCHEMA_VERSION,
        }


def _response(service: Service, address: str) -> type[Contract]:
    """What the handler behind an ask gives back: by its annotation, as it is wired."""
    for subscriber in service.broker.subscribers:
        if address not in {channel.address for channel in subscriber.schema().values()}:
            continue
        for call in subscriber.calls:
            reply = inspect.unwrap(getattr(call.handler, "_original_call", call.handler))
            handler = inspect.getclosurevars(reply).nonlocals.get("handler")
            answer = get_type_hints(handler).get("return") if handler else None
            for each in get_args(answer) or (answer,):  # one that may keep silent answers with something or nothing
                if isinstance(each, type) and issubclass(each, Contract):
                    return each
    raise LookupError(f"cannot tell what {address} is answered with")


def _durable(service: Service, address: str) -> Consumer | None:
    """The consumer of the topology that a service listens to an address through."""
    mine = [consumer(durable) for durable in service.durables]
    return next((each for each in mine if address in each.filters), None)


def _messages_of(durable: Consumer, address: str) -> list[str]:
    """What arrives there: events that the filter lets through, or replays of any that the consumer gets."""
    if durable.durable.endswith(SWEEPER_SUFFIX):
        return [_ADVISORY]
    filters = durable.filters if address == retries_of(durable.durable) else (address,)
    return [
        name for name in sorted(registered()) if any(matches(pattern, event_subject(name, _ANY)) for pattern in filters)
    ]


def _event_address(name: str) -> str:
    return event_subject(name, _ANY).replace(str(_ANY), f"{{{_ID}}}")


def _with_parameter(address: str) -> str:
    """A filter for all ids of one kind is a channel with a parameter."""
    root = address.split(".", 1)[0]
    if root in {EVENTS, RETRY, DEAD} and subject_id_of(address) == "*":
        return address.removesuffix("*") + f"{{{_ID}}}"
    return address


def _event_headers(name: str) -> Document:
    return {
        "Nats-Msg-Id": {"type": "string", "description": "The event's id; the broker drops doubles."},
        "Parley-Type": {"const": name},
    }


def _advisory_schema() -> Document:
    return {
        "title": _ADVISORY,
        "type": "object",
        "description": "The server's report that a message used up its deliveries. Dead letters are kept on "
        + dead_subject("<durable>", "<id>")
        + ".",
        "properties": {
            "stream": {"type": "string"},
            "consumer": {"type": "string"},
            "stream_seq": {"type": "integer"},
            "deliveries": {"type": "integer"},
        },
        "required": ["stream", "consumer", "stream_seq", "deliveries"],
    }


def _info() -> Document:
    owners = ", ".join(sorted(OWNERS))
    return {
        "title": "Parley",
        "version": "1",
        "description": "Every message between Parley's services. `evt` are facts, kept by JetStream; `ask` "
        f"are questions with an immediate answer; `live` matters only now. Owners of facts: {owners}.",
        "license": {"name": "Apache-2.0"},
    }


def _servers(services: Sequence[Service]) -> Document:
    [server] = {
        as_json(each): each
        for service in services
        for each in json.loads(AsyncAPI(service.broker).to_specification().to_json())["servers"].values()
    }.values()
    return {"development": {"host": server["host"], "protocol": server["protocol"]}}


def _summary(model: type[Contract]) -> str:
    return (inspect.getdoc(model) or "").split("\n\n", 1)[0].replace("\n", " ")


def _key(name: str) -> str:
    """A name that AsyncAPI takes as a key: no wildcard, no brace."""
    plain = name.replace("$JS", "js").replace(">", "all").replace("*", "any")
    return plain.replace("{", "").replace("}", "")


def _ref(*steps: str) -> Document:
    return {"$ref": "#/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)}


def generate() -> str:
    """The document as text."""
    text = as_json(describe([build(entry) for entry in installed_services()]))
    return re.sub(r"listen-[0-9a-f]{12}", "listen-worker", text)  # each replica has a name of its own


def main() -> int:
    """The exit code: 1 when the committed document is not what runs."""
    options = arguments(__doc__)
    text = generate()
    if options.write:
        write(ASYNCAPI, text)
        return 0
    return report(staleness(ASYNCAPI, text, WRITE))


if __name__ == "__main__":
    sys.exit(main())
