"""Which changes of a contract are noticed, and which one is allowed."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from contracts import registered
from pydantic import BaseModel, Field, create_model

from tools.compatibility import SCHEMA_VERSION, compare, contract_problems, problems


def model(**fields: Any) -> type[BaseModel]:
    return create_model("Answer", **fields)


def schema(model: type[BaseModel], version: int | None = 1) -> dict[str, Any]:
    described = model.model_json_schema()
    return described if version is None else {**described, SCHEMA_VERSION: version}


def said(old: type[BaseModel], new: type[BaseModel], *, raised: bool = True) -> list[str]:
    return problems(schema(old), schema(new, 2 if raised else 1))


class Inner(BaseModel):
    depth: int


class ChangedInner(BaseModel):
    depth: str


class InnerWithMore(BaseModel):
    depth: int
    note: str = ""


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: int


class LearnedDog(BaseModel):
    kind: Literal["dog"]
    tricks: str


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Tree(BaseModel):
    label: str
    children: tuple[Tree, ...] = ()


class RelabelledTree(BaseModel):
    label: int
    children: tuple[RelabelledTree, ...] = ()


RED_OR_BLUE = Literal["red", "blue"]
PET = Annotated[Cat | Dog, Field(discriminator="kind")]
LEARNED_PET = Annotated[Cat | LearnedDog, Field(discriminator="kind")]
TEXT = model(text=(str, ...))

BREAKING = {
    "a field is removed": (model(text=(str, ...), turn=(int, ...)), TEXT, "turn: field removed"),
    "an optional field is removed": (model(text=(str, ...), turn=(int, 0)), TEXT, "turn: field removed"),
    "a field is renamed, it goes": (TEXT, model(words=(str, ...)), "text: field removed"),
    "a field is renamed, it comes": (TEXT, model(words=(str, ...)), "words: required field added"),
    "a field is retyped": (TEXT, model(text=(int, ...)), "text: type changed from string to integer"),
    "only the format changes": (
        model(at=(str, ...)),
        create_model("A", at=(Annotated[str, Field(json_schema_extra={"format": "uuid"})], ...)),
        "at: type changed from string to string uuid",
    ),
    "a required field is new": (TEXT, model(text=(str, ...), turn=(int, ...)), "turn: required field added"),
    "an optional field becomes required": (
        model(text=(str, "")),
        TEXT,
        "text: optional field became required",
    ),
    "a required field becomes optional": (
        TEXT,
        model(text=(str, "")),
        "text: required field became optional",
    ),
    "a default changes": (model(turn=(int, 0)), model(turn=(int, 1)), "turn: default changed from 0 to 1"),
    "a value is dropped": (
        model(c=(RED_OR_BLUE, ...)),
        model(c=(Literal["red"], ...)),
        "c: value 'blue' removed",
    ),
    "a value is added": (
        model(c=(Literal["red"], ...)),
        model(c=(RED_OR_BLUE, ...)),
        "c: value 'blue' added",
    ),
    "an enum gets narrower": (
        model(c=(Colour, ...)),
        model(c=(Literal["red"], ...)),
        "c: value 'blue' removed",
    ),
    "values are restricted": (model(c=(str, ...)), model(c=(RED_OR_BLUE, ...)), "c: values restricted"),
    "a constant changes": (model(c=(Literal[1], ...)), model(c=(Literal[2], ...)), "c: value 1 removed"),
    "a text gets shorter": (
        model(t=(Annotated[str, Field(max_length=9)], ...)),
        model(t=(Annotated[str, Field(max_length=8)], ...)),
        "t: maxLength tightened from 9 to 8",
    ),
    "a text gets longer, which older readers refuse": (
        model(t=(Annotated[str, Field(max_length=8)], ...)),
        model(t=(Annotated[str, Field(max_length=9)], ...)),
        "t: maxLength loosened from 8 to 9",
    ),
    "a bound appears": (
        model(n=(int, ...)),
        model(n=(Annotated[int, Field(ge=0)], ...)),
        "n: minimum tightened from None to 0",
    ),
    "a minimum grows": (
        model(n=(Annotated[int, Field(ge=0)], ...)),
        model(n=(Annotated[int, Field(ge=1)], ...)),
        "n: minimum tightened from 0 to 1",
    ),
    "a pattern appears": (
        model(t=(str, ...)),
        model(t=(Annotated[str, Field(pattern="^a")], ...)),
        "t: pattern changed from nothing to '^a'",
    ),
    "a field becomes nullable": (
        model(t=(str, ...)),
        model(t=(str | None, ...)),
        "t: alternative null added",
    ),
    "a field is no longer nullable": (
        model(t=(str | None, ...)),
        model(t=(str, ...)),
        "t: alternative null removed",
    ),
    "an alternative is retyped": (
        model(t=(str | None, None)),
        model(t=(int | None, None)),
        "t: alternative string removed",
    ),
    "all alternatives are others": (
        model(t=(str | int, ...)),
        model(t=(float | bool, ...)),
        "t: type changed from integer, string to boolean, number",
    ),
    "inside an alternative": (
        model(inner=(Inner | None, None)),
        model(inner=(ChangedInner | None, None)),
        "inner.depth: type changed from integer to string",
    ),
    "inside a nested model": (
        model(inner=(Inner, ...)),
        model(inner=(ChangedInner, ...)),
        "inner.depth: type changed from integer to string",
    ),
    "inside a list": (
        model(inner=(tuple[Inner, ...], ())),
        model(inner=(tuple[ChangedInner, ...], ())),
        "inner[].depth: type changed from integer to string",
    ),
    "inside a pair": (
        model(pair=(tuple[int, Inner], ...)),
        model(pair=(tuple[int, ChangedInner], ...)),
        "pair.prefixItems[1].depth: type changed from integer to string",
    ),
    "inside a mapping": (
        model(by=(dict[str, int], ...)),
        model(by=(dict[str, str], ...)),
        "by.additionalProperties: type changed from integer to string",
    ),
    "a mapping is closed": (
        model(by=(dict[str, Any], ...)),
        model(by=(dict[str, int], ...)),
        "by.additionalProperties: is closed or opened to other content",
    ),
    "inside a tagged alternative": (
        model(pet=(PET, ...)),
        model(pet=(LEARNED_PET, ...)),
        "pet.tricks: type changed from integer to string",
    ),
    "a tagged alternative goes": (
        model(pet=(PET, ...)),
        model(pet=(Annotated[Cat | Cat, Field()], ...)),
        "pet: alternative object kind=dog removed",
    ),
    "the tag changes": (
        model(pet=(PET, ...)),
        model(pet=(Cat | Dog, ...)),
        "pet: discriminator changed from",
    ),
    "in a model that contains itself": (Tree, RelabelledTree, "label: type changed from string to integer"),
}


@pytest.mark.parametrize(("old", "new", "expected"), BREAKING.values(), ids=BREAKING.keys())
def test_breaking_change_is_found_even_when_the_schema_version_was_raised(
    old: type[BaseModel], new: type[BaseModel], expected: str
) -> None:
    found = said(old, new)
    assert any(line.startswith(expected) and line.endswith("new major version") for line in found), found


SAME = {
    "nothing": (TEXT, TEXT),
    "the name of the class": (TEXT, create_model("Other", text=(str, ...))),
    "the order of fields": (model(a=(int, ...), b=(int, ...)), model(b=(int, ...), a=(int, ...))),
    "a description": (TEXT, model(text=(Annotated[str, Field(description="What was said.")], ...))),
    "the name of a nested class": (
        model(inner=(Inner | None, None)),
        model(inner=(create_model("Renamed", depth=(int, ...)) | None, None)),
    ),
    "an enum written as a literal": (model(c=(Colour, ...)), model(c=(RED_OR_BLUE, ...))),
    "a model that contains itself": (Tree, Tree),
}


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME.keys())
def test_what_is_not_on_the_wire_may_change_freely(old: type[BaseModel], new: type[BaseModel]) -> None:
    assert said(old, new, raised=False) == []


ADDITIONS = {
    "on top": (TEXT, model(text=(str, ...), note=(str, ""))),
    "nullable": (TEXT, model(text=(str, ...), note=(str | None, None))),
    "in a nested model": (model(inner=(Inner, ...)), model(inner=(InnerWithMore, ...))),
    "in a list": (model(inner=(tuple[Inner, ...], ())), model(inner=(tuple[InnerWithMore, ...], ()))),
    "in an alternative": (model(inner=(Inner | None, None)), model(inner=(InnerWithMore | None, None))),
    "in a model that is a default": (
        model(inner=(Inner, Inner(depth=1))),
        model(inner=(InnerWithMore, InnerWithMore(depth=1))),
    ),
}


@pytest.mark.parametrize(("old", "new"), ADDITIONS.values(), ids=ADDITIONS.keys())
def test_new_optional_field_needs_a_raised_schema_version(old: type[BaseModel], new: type[BaseModel]) -> None:
    assert said(old, new, raised=True) == []
    [problem] = said(old, new, raised=False)
    assert problem.endswith("note: optional field added; raise schema_version above 1")


def test_contracts_without_a_schema_version_take_optional_fields_freely() -> None:
    more = model(text=(str, ...), note=(str, ""))
    assert problems(schema(TEXT, None), schema(more, None)) == []
    assert problems(schema(more, None), schema(TEXT, None)) != []


def test_schema_version_never_goes_back_and_never_vanishes() -> None:
    assert problems(schema(TEXT, 3), schema(TEXT, 2)) == ["schema_version went back from 3 to 2"]
    assert problems(schema(TEXT, 3), schema(TEXT, None)) == ["schema_version appeared or vanished"]


def test_unknown_keyword_counts_as_breaking() -> None:
    [change] = compare({"type": "string"}, {"type": "string", "contentEncoding": "x"})
    assert str(change) == "contentEncoding changed from nothing to 'x'"


def test_removed_contract_is_a_problem_and_a_new_one_is_not() -> None:
    old, new = {"a.b.v1": schema(TEXT)}, {"a.b.v2": schema(TEXT)}
    [problem] = contract_problems(old, new)
    assert problem.startswith("a.b.v1: was removed")
    assert contract_problems(old, {**old, **new}) == []


def test_findings_come_in_a_stable_order_and_once_each() -> None:
    old, new = model(a=(Inner, ...), b=(Inner, ...)), model(a=(ChangedInner, ...), b=(ChangedInner, ...))
    changes = compare(schema(old), schema(new))
    assert [change.path for change in changes] == ["a.depth"]
    assert changes == compare(schema(old), schema(new))


ANNOTATIONS = {"title", "description", "$defs", "x-schema-version"}


def places(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of everything in a schema that means something, the members of lists included."""
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in members:
        named = path[-1:] in {("properties",), ("$defs",)}
        if named or key not in ANNOTATIONS:
            yield from [] if path[-1:] == ("$defs",) else [(*path, key)]
        if named or key not in ANNOTATIONS - {"$defs"}:
            yield from places(value, (*path, key))


def without(described: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    shorter = holder = dict(described)
    for step in path[:-1]:  # a copy of what is on the way; the rest is shared
        holder[step] = copy.copy(holder[step])
        holder = holder[step]
    del holder[path[-1]]
    return shorter


@pytest.mark.parametrize("name", sorted(registered()))
def test_no_word_of_a_registered_payload_can_be_lost_unnoticed(name: str) -> None:
    described = schema(registered()[name])
    for path in places(described):
        if path[-1] == "$ref" or "default" in path[:-1]:
            continue  # a node without its reference means nothing; parts of a default are one value
        assert compare(described, without(described, path)), path
