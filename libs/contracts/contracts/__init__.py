"""Typed, versioned messages that the services exchange. Depends on pydantic only."""

from contracts.envelope import Contract, Event, Payload, derived_id, follow_up
from contracts.owners import OWNERS
from contracts.registry import UnknownEvent, decode, encode, registered

__all__ = [
    "OWNERS",
    "Contract",
    "Event",
    "Payload",
    "UnknownEvent",
    "decode",
    "derived_id",
    "encode",
    "follow_up",
    "registered",
]
