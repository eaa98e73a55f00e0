"""What may change in a contract, and what needs a new major version.

Within a major version one change is allowed: a new optional field, with a raised schema version. All else
breaks somebody: whoever reads stored events, or an older reader of newer ones. Works on JSON Schemas as
pydantic writes them for validation; pure, so that the rules can be tested without files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Schema = Mapping[str, Any]

SCHEMA_VERSION = "x-schema-version"
"""Keyword under which a committed schema keeps the SCHEMA_VERSION of its payload; absent without one."""

_ANNOTATIONS = frozenset({"$comment", "$defs", "$id", "$schema", "deprecated", "description", "examples", "title"})
_UPPER_BOUNDS = frozenset({"exclusiveMaximum", "maxItems", "maxLength", "maxProperties", "maximum"})
_LOWER_BOUNDS = frozenset({"exclusiveMinimum", "minItems", "minLength", "minProperties", "minimum"})
_ALTERNATIVES = ("anyOf", "oneOf")
_SUBSCHEMAS = ("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else")
_SUBSCHEMA_LISTS = ("prefixItems", "allOf")
_SUBSCHEMA_MAPS = ("patternProperties", "dependentSchemas")
_HANDLED = frozenset(
    {"$ref", "properties", "required", "enum", "const", "discriminator", "type", "format"}
    | {*_ALTERNATIVES, *_SUBSCHEMAS, *_SUBSCHEMA_LISTS, *_SUBSCHEMA_MAPS}
    | _UPPER_BOUNDS
    | _LOWER_BOUNDS
)
_ABSENT = object()


@dataclass(frozen=True)
class Change:
    """One difference. `kind` "addition" is the allowed one: an optional field that is new."""

    path: str
    what: str
    kind: Literal["breaking", "addition"] = "breaking"

    def __str__(self) -> str:
        return f"{self.path}: {self.what}" if self.path else self.what


def compare(old: Schema, new: Schema) -> tuple[Change, ...]:
    """Every difference that somebody on the wire could notice, in a stable order."""
    changes = dict.fromkeys(_Comparison(old, new).changes())
    return tuple(sorted(changes, key=lambda change: (change.path, change.what)))


def problems(old: Schema, new: Schema) -> list[str]:
    """Why `new` cannot take the place of `old` within one major version; empty when it can."""
    changes = compare(old, new)
    found = [f"{change}; that needs a new major version" for change in changes if change.kind == "breaking"]
    before, after = old.get(SCHEMA_VERSION), new.get(SCHEMA_VERSION)
    if before is None or after is None:
        return found if before == after else [*found, "schema_version appeared or vanished"]
    if after < before:
        found.append(f"schema_version went back from {before} to {after}")
    additions = [change for change in changes if change.kind == "addition"]
    if additions and after <= before:
        found += [f"{change}; raise schema_version above {before}" for change in additions]
    return found


def contract_problems(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> list[str]:
    """The problems of a whole set of contracts by name, one line each. A contract that is new is none."""
    found = []
    for name, schema in sorted(old.items()):
        if name not in new:
            found.append(f"{name}: was removed; what was stored under that name still has to be read")
        else:
            found += [f"{name}: {problem}" for problem in problems(schema, new[name])]
    return found


class _Comparison:
    """A walk through two documents at once."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old_root, self._new_root = old, new
        self._seen: set[tuple[str, str]] = set()

    def changes(self) -> Iterator[Change]:
        return self._node(self._old_root, self._new_root, "")

    def _node(self, old: Any, new: Any, path: str) -> Iterator[Change]:
        if isinstance(old, bool) or isinstance(new, bool):  # `additionalProperties: true`
            if old != new:
                yield Change(path, "is closed or opened to other content")
            return
        if "$ref" in old and "$ref" in new:
            yield from _other_keywords(old, new, path)
            if self._been_here(old["$ref"], new["$ref"]):
                return
        old, new = _resolve(old, self._old_root), _resolve(new, self._new_root)
        if _is_choice(old) or _is_choice(new):
            yield from self._choices(old, new, path)
            yield from _other_keywords(old, new, path)
            return
        yield from _type(old, new, path)
        yield from _values(old, new, path)
        yield from _bounds(old, new, path)
        yield from _other_keywords(old, new, path)
        yield from self._properties(old, new, path)
        yield from self._parts(old, new, path)

    def _been_here(self, old: str, new: str) -> bool:
        """Models may contain themselves; and one that is used in ten places is reported in the first."""
        if (old, new) in self._seen:
            return True
        self._seen.add((old, new))
        return False

    def _properties(self, old: Schema, new: Schema, path: str) -> Iterator[Change]:
        before, after = old.get("properties", {}), new.get("properties", {})
        needed_before, needed_after = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(before.keys() - after.keys()):
            yield Change(_join(path, name), "field removed")
        for name in sorted(after.keys() - before.keys()):
            if name in needed_after:
                yield Change(_join(path, name), "required field added")
            else:
                yield Change(_join(path, name), "optional field added", "addition")
        for name in sorted(before.keys() & after.keys()):
            where = _join(path, name)
            if name in needed_after - needed_before:
                yield Change(where, "optional field became required")
            if name in needed_before - needed_after:
                yield Change(where, "required field became optional")
            yield from self._node(before[name], after[name], where)

    def _parts(self, old: Schema, new: Schema, path: str) -> Iterator[Change]:
        for keyword in _SUBSCHEMAS:
            where = f"{path}[]" if keyword == "items" else _join(path, keyword)
            yield from self._pair(old.get(keyword, _ABSENT), new.get(keyword, _ABSENT), where)
        for keyword in _SUBSCHEMA_LISTS:
            before, after = old.get(keyword, ()), new.get(keyword, ())
            for number in range(max(len(before), len(after))):
                where = f"{_join(path, keyword)}[{number}]"
                yield from self._pair(_at(before, number), _at(after, number), where)
        for keyword in _SUBSCHEMA_MAPS:
            before, after = old.get(keyword, {}), new.get(keyword, {})
            for name in sorted(before.keys() | after.keys()):
                where = f"{_join(path, keyword)}[{name}]"
                yield from self._pair(before.get(name, _ABSENT), after.get(name, _ABSENT), where)

    def _pair(self, old: Any, new: Any, path: str) -> Iterator[Change]:
        if old is _ABSENT and new is _ABSENT:
            return
        if old is _ABSENT or new is _ABSENT:
            yield Change(path, "constraint added" if old is _ABSENT else "constraint removed")
            return
        yield from self._node(old, new, path)

    def _choices(self, old: Schema, new: Schema, path: str) -> Iterator[Change]:
        """`anyOf` and `oneOf`; a schema that is no choice counts as a choice of one."""
        before, after = _labelled(old, self._old_root), _labelled(new, self._new_root)
        if not before.keys() & after.keys():
            yield Change(path, f"type changed from {_list(before)} to {_list(after)}")
            return
        for label in sorted(before.keys() - after.keys()):
            yield Change(path, f"alternative {label} removed")
        for label in sorted(after.keys() - before.keys()):
            yield Change(path, f"alternative {label} added")
        for label in sorted(before.keys() & after.keys()):
            yield from self._node(before[label], after[label], path)
        before_tag, after_tag = (each.get("discriminator", {}).get("propertyName") for each in (old, new))
        if before_tag != after_tag:
            yield Change(path, f"discriminator changed from {before_tag} to {after_tag}")


def _type(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    before = " ".join(filter(None, (_text(old.get("type")), old.get("format"))))
    after = " ".join(filter(None, (_text(new.get("type")), new.get("format"))))
    if before != after:
        yield Change(path, f"type changed from {before or 'anything'} to {after or 'anything'}")


def _values(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    """`enum` and `const` alike: a literal with one value is written as a constant."""
    before, after = _allowed(old), _allowed(new)
    if before is None or after is None:
        if before != after:
            yield Change(path, "values restricted" if before is None else "values no longer restricted")
        return
    for value in sorted(before.keys() - after.keys()):
        yield Change(path, f"value {value} removed")
    for value in sorted(after.keys() - before.keys()):
        yield Change(path, f"value {value} added")


def _bounds(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    for bound in sorted(_UPPER_BOUNDS | _LOWER_BOUNDS):
        before, after = old.get(bound), new.get(bound)
        if before == after:
            continue
        if before is None or after is None:
            tighter = before is None
        else:
            tighter = after < before if bound in _UPPER_BOUNDS else after > before
        # Looser breaks as well: an older reader refuses what a newer writer may then say.
        yield Change(path, f"{bound} {'tightened' if tighter else 'loosened'} from {before} to {after}")


def _other_keywords(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    """A keyword that these rules do not know counts as breaking, rather than as nothing."""
    for keyword in sorted((old.keys() | new.keys()) - _HANDLED - _ANNOTATIONS):
        before, after = old.get(keyword, _ABSENT), new.get(keyword, _ABSENT)
        if keyword.startswith("x-") or before == after:
            continue
        if keyword == "default" and _grew(before, after):
            continue
        yield Change(path, f"{keyword} changed from {_shown(before)} to {_shown(after)}")


def _grew(before: Any, after: Any) -> bool:
    """A default that is an object gets the optional fields that its class got."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return bool(before == after)
    return all(name in after and _grew(value, after[name]) for name, value in before.items())


def _resolve(schema: Schema, root: Schema) -> Schema:
    """The schema that a reference stands for, with what is written beside it (a default, mostly)."""
    while "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _is_choice(schema: Schema) -> bool:
    return any(keyword in schema for keyword in _ALTERNATIVES)


def _alternatives(schema: Schema) -> list[Schema]:
    if not _is_choice(schema):
        return [{key: value for key, value in schema.items() if key != "default"}]
    return [each for keyword in _ALTERNATIVES for each in schema.get(keyword, ())]


def _labelled(schema: Schema, root: Schema) -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for each in _alternatives(schema):
        label = _label(each, root)
        alike = sum(1 for known in found if known.split("#")[0] == label)
        found[f"{label}#{alike + 1}" if alike else label] = each
    return found


def _label(schema: Schema, root: Schema) -> str:
    """How to recognise an alternative: by its tag, else by its type. Names of classes are not on the wire."""
    full = _resolve(schema, root)
    if _is_choice(full):
        return "one of " + _list(_label(each, root) for each in _alternatives(full))
    tags = sorted(
        f"{name}={value['const']}"
        for name, value in full.get("properties", {}).items()
        if isinstance(value, Mapping) and "const" in value
    )
    return " ".join(filter(None, (_text(full.get("type")), full.get("format"), *tags))) or "anything"


def _allowed(schema: Schema) -> dict[str, None] | None:
    if "const" in schema:
        return {repr(schema["const"]): None}
    return {repr(value): None for value in schema["enum"]} if "enum" in schema else None


def _at(items: Sequence[Any], number: int) -> Any:
    return items[number] if number < len(items) else _ABSENT


def _text(value: Any) -> str:
    return " or ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _shown(value: Any) -> str:
    return "nothing" if value is _ABSENT else repr(value)


def _list(labels: Iterable[str]) -> str:
    return ", ".join(sorted(labels))


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
