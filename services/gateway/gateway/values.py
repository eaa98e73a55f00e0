"""What clients send, before it means anything: whether it is there, can be stored, and fits a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Protocol, TypeVar
from urllib.parse import parse_qsl

from contracts.text import storable
from pydantic import BaseModel, StringConstraints, ValidationError

from gateway.problems import Problem

Model = TypeVar("Model", bound=BaseModel)
Words = Annotated[str, StringConstraints(strip_whitespace=True)]
_NAME_SHOWN = 100
_NOTHING = frozenset({"", "null", "undefined"})


class Invalid(Protocol):
    """An error of validation: pydantic's own or FastAPI's."""

    def errors(self) -> Sequence[Any]:
        """What is wrong, in order."""


def code_of(language: str) -> str:
    """A tag of a language without its region."""
    return language.replace("_", "-").split("-", 1)[0].lower()


def present(value: str | None) -> str | None:
    """A header's or query's value; front ends also write `null`, `undefined` or nothing for none."""
    stripped = (value or "").strip()
    return None if stripped.lower() in _NOTHING else stripped


def unstorable(fields: Any) -> str | None:
    """A sentence about the first text that cannot be stored, however deep in `fields`, names of fields too; None where
    all can be."""
    left = [("", fields)]
    while left:
        name, value = left.pop()
        if isinstance(value, str) and not storable(value):
            return f"{name[:_NAME_SHOWN]}: the text contains characters that cannot be stored."
        if isinstance(value, dict):
            if not all(storable(key) for key in value):
                return f"{name[:_NAME_SHOWN] or 'The body'}: the name of a field cannot be stored."
            left.extend((f"{name}.{key}" if name else key, inner) for key, inner in value.items())
        elif isinstance(value, list):
            left.extend((f"{name}.{number}", inner) for number, inner in enumerate(value))
    return None


def must_be_storable(fields: Any) -> None:
    """Look at the fields of a body or a form. Raises Problem 400 that names the one."""
    found = unstorable(fields)
    if found is not None:
        raise Problem(400, found)


def address_must_be_storable(path: str, query: bytes) -> None:
    """The same for the path and the query. Raises Problem 400."""
    if not storable(path):
        raise Problem(400, "The address contains characters that cannot be stored.")
    if b"%00" in query or b"\x00" in query:
        must_be_storable(dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)))


def parse(model: type[Model], fields: dict[str, Any]) -> Model:
    """The fields as a model. Raises Problem 400 with a sentence about the first thing that is wrong."""
    try:
        parsed = model.model_validate(fields)
    except ValidationError as error:
        raise Problem(400, sentence(error)) from None
    must_be_storable(dict(parsed))
    return parsed


def sentence(error: Invalid) -> str:
    """The first thing that is wrong with the input, in words, without the input itself."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path", "header"))
    field = field.replace("session_token", "token")  # only of a session that is missing do errors say the word
    message = first["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    return f"{field}: {message}." if field else f"The request is not valid: {message}."
