"""A bank as YAML.

Read from the parser's events, and so more narrowly than a safe loader would: everything is text, a list or a mapping.
No tag is looked at, so that `yes`, `1.0` and dates stay what was written; no alias is followed, so that a small file
cannot unfold into a large one.

Not by a subclass of `yaml.CBaseLoader`, which yields text as well: libyaml composes in C, without a limit on depth, so
that 100 kB of brackets end the process. Composing its events with PyYAML's own composer takes three times as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from gateway.problems import Problem

_DEEPEST = 10
"""A cue is six levels down."""
_LINE = 110
_TAGS = {None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"}
_ODD_BREAKS = ("\u2028", "\u2029")
"""Line breaks to some readers of YAML and not to others: they are written as escapes."""
_NULLS = {"", "~", "null", "Null", "NULL"}
# libyaml's are twenty times as fast; it is part of every usual installation.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SafeDumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_SafeDumper):  # type: ignore[misc]
    """Writes several lines as lines, and the same thing twice rather than an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, text: str) -> Any:
    style = '"' if any(each in text for each in _ODD_BREAKS) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def write_yaml(bank: dict[str, Any]) -> str:
    """Fields of a bank; those without content are left out."""
    return str(yaml.dump(_filled(bank), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_LINE))


def read_yaml(text: str) -> dict[str, Any]:
    """The fields of a bank; a list alone are its questions. Raises Problem 400."""
    try:
        document = _document(yaml.parse(text, Loader=_Loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}" if mark else ""
        raise Problem(400, f"The YAML could not be read{place}.") from None
    if isinstance(document, list):
        return {"questions": document}
    if not isinstance(document, dict):
        raise Problem(400, "The file has to hold a bank with its `questions`, as YAML or CSV.")
    return document


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner) for name, inner in value.items() if inner}
    return [_filled(inner) for inner in value] if isinstance(value, list) else value


def _document(events: Iterator[Event]) -> Any:
    documents = 0
    value: Any = None
    while not isinstance(event := next(events), StreamEndEvent):
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _refused(event, "only one document is expected")
            value = _value(events, next(events))
    return value


def _value(events: Iterator[Event], event: Event, depth: int = 0) -> Any:
    if isinstance(event, AliasEvent):
        raise _refused(event, "aliases are not allowed")
    if getattr(event, "tag", None) not in _TAGS:
        raise _refused(event, "tags are not allowed")
    if depth > _DEEPEST:
        raise _refused(event, "this is nested too deeply")
    if isinstance(event, ScalarEvent):
        # Only what is written without quotation marks can be null.
        return None if event.style in (None, "") and event.value in _NULLS else event.value
    return _list(events, depth) if isinstance(event, SequenceStartEvent) else _mapping(events, event, depth)


def _list(events: Iterator[Event], depth: int) -> list[Any]:
    found = []
    while not isinstance(event := next(events), SequenceEndEvent):
        found.append(_value(events, event, depth + 1))
    return found


def _mapping(events: Iterator[Event], start: Event, depth: int) -> dict[str, Any]:
    assert isinstance(start, MappingStartEvent)
    found: dict[str, Any] = {}
    while not isinstance(event := next(events), MappingEndEvent):
        name = _value(events, event, depth + 1)
        if not isinstance(name, str):
            raise _refused(event, "a name is expected before the colon")
        if name in found:
            raise _refused(event, "a name stands twice in the same place")
        found[name] = _value(events, next(events), depth + 1)
    return found


def _refused(event: Event, why: str) -> Problem:
    place = f", at line {event.start_mark.line + 1}" if event.start_mark else ""
    return Problem(400, f"The YAML is not accepted: {why}{place}.")
