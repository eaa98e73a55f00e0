"""Text that people write: what can be stored of it, and the base of whatever holds some."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ValidationInfo, field_validator

from contracts.envelope import Contract

UNSTORABLE = "the text contains characters that cannot be stored."
PUBLISHED: Final = {"published": True}
"""The context in which events are read."""


def storable(text: str) -> bool:
    """Whether Postgres can keep it and NATS carry it: no NUL, and no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


class Written(Contract):
    """Base of contracts whose texts come from people. Refuses, at any depth, what cannot be stored.

    What was published already is read as it is: whoever reads it can then say why it is refused.
    """

    @field_validator("*", mode="before")
    @classmethod
    def _can_be_stored(cls, value: Any, info: ValidationInfo) -> Any:
        if info.context is not PUBLISHED and not _all_storable(value):
            raise ValueError(UNSTORABLE)
        return value


def _all_storable(value: Any) -> bool:
    # Not by recursion: clients nest as deeply as they like. A contract among the values was checked when it was made.
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, str):
            if not storable(each):
                return False
        elif isinstance(each, dict):
            left += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple):
            left += each
    return True
