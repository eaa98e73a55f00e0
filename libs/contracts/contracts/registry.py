"""Every event type, by its full name. The one place that turns bytes into events and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, ValidationError
from pydantic_core import from_json

from contracts.envelope import Event, Payload
from contracts.text import PUBLISHED
from contracts.upcasters import upcast

T = TypeVar("T", bound=type[Payload])
_NAME = re.compile(r"[a-z]+\.[a-z_]+")
_payloads: dict[str, type[Payload]] = {}


class UnknownEvent(Exception):
    """An event type, or a schema version, that this build does not know: a newer writer is about."""


def event(name: str, *, major: int = 1, schema_version: int = 1) -> Callable[[T], T]:
    """Register a payload as `<owner>.<event>.v<major>`.

    Raises ValueError for a malformed name and for one that is taken.
    """

    def register(payload: T) -> T:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not of the form owner.event")
        full_name = f"{name}.v{major}"
        if full_name in _payloads:
            raise ValueError(f"{full_name} is registered already, by {_payloads[full_name].__name__}")
        payload.TYPE = full_name
        payload.SCHEMA_VERSION = schema_version
        _payloads[full_name] = payload
        return payload

    return register


def registered() -> Mapping[str, type[Payload]]:
    """All payload classes by full name."""
    return dict(_payloads)


def payload_class(full_name: str) -> type[Payload]:
    """The payload class of a full name. Raises UnknownEvent."""
    try:
        return _payloads[full_name]
    except KeyError:
        raise UnknownEvent(full_name) from None


def load_payload(full_name: str, schema_version: int, data: dict[str, Any]) -> Payload:
    """A payload from what was stored, upcast to the present schema version.

    One of a newer version is read without the fields that it adds, which are optional, so that the replicas of before
    go on while a newer version takes over. Raises UnknownEvent for a type that is newer than this build, and for a
    newer version that says what this build cannot; ValueError (pydantic.ValidationError is one) for bad data.
    """
    cls = payload_class(full_name)
    if schema_version > cls.SCHEMA_VERSION:
        try:
            return cls.model_validate(data, context=PUBLISHED)
        except ValidationError:
            raise UnknownEvent(f"{full_name} schema {schema_version}") from None
    if schema_version < 1:  # a very small one would keep us busy counting up from it
        raise ValueError(f"{full_name} has no schema {schema_version}: they count from 1")
    if schema_version < cls.SCHEMA_VERSION:
        data = _lifted(full_name, schema_version, cls.SCHEMA_VERSION, data)
    return cls.model_validate(data, context=PUBLISHED)


def _lifted(full_name: str, version: int, target: int, data: dict[str, Any]) -> dict[str, Any]:
    try:
        return upcast(full_name, version, target, data)
    except (LookupError, TypeError) as error:
        # Steps trust what was stored. Bad data must look like bad data, not like a fault worth a retry.
        raise ValueError(f"{full_name} schema {version} is malformed: {type(error).__name__}") from None


def encode(message: Event[Payload]) -> bytes:
    """The event as JSON bytes."""
    return message.__pydantic_serializer__.to_json(message, serialize_as_any=True)


def decode(raw: bytes) -> Event[Payload]:
    """The event in `raw` JSON bytes.

    Raises UnknownEvent, or ValueError (pydantic.ValidationError is one) when it is not an event at all.
    """
    return _from_fields(from_json(raw))


def _from_fields(fields: Any) -> Event[Payload]:
    if isinstance(fields, Event):
        return fields
    if not isinstance(fields, dict) or not isinstance(fields.get("data"), dict):
        raise ValueError("not an event: an object with an object 'data' is expected")
    name, version = fields.get("type"), fields.get("schema_version", 1)
    if not isinstance(version, int):
        raise ValueError("not an event: 'schema_version' is not a number")
    cls = payload_class(str(name))
    payload = load_payload(str(name), version, fields["data"])
    lifted = {**fields, "data": payload, "schema_version": cls.SCHEMA_VERSION}
    return Event[Payload].model_validate(lifted)


AnyEvent = Annotated[Event[Payload], BeforeValidator(_from_fields)]
"""A field that holds an event of any registered type."""
