"""Keeps `docs/openapi.json`, the description of the HTTP API, true and compatible.

Every operation has to describe itself (`tools.operations`). The committed document is compared with the routes, and the
routes with the document at the commit that this work started from. What would break a client is an incompatible change:
until the first release it needs a line in `docs/api-changes.md` that names the operation; once there is a tag `v*` it
fails.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.app import make_routes

from tools.base import at_base, releases
from tools.compatibility import Change, compare
from tools.generated import arguments, as_json, report, shown, staleness, write
from tools.operations import findings
from tools.paths import ROOT
from tools.statuses import Code

WRITE = "python -m tools.openapi --write"
DOCUMENT = ROOT / "docs/openapi.json"
CHANGES = ROOT / "docs/api-changes.md"
_JSON = "application/json"
_NEW_IN_AN_ANSWER = "required field added"
"""Clients ignore fields that they do not know, so that answers may grow."""
Document = Mapping[str, Any]


def present() -> Document:
    """The document of the routes as they are."""
    return make_routes().openapi()


def operations(document: Document) -> dict[str, Any]:
    """Every operation by `METHOD /path`."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def incompatibilities(old: Document, new: Document) -> list[tuple[str, str]]:
    """Each operation whose change would break a client, and why, in a stable order."""
    old, new = _comparable(old), _comparable(new)
    before, after = operations(old), operations(new)
    found: list[tuple[str, str]] = []
    for name, operation in sorted(before.items()):
        if name not in after:
            found.append((name, "was removed"))
        else:
            found += [(name, why) for why in _broken(operation, after[name], old, new)]
    return list(dict.fromkeys(found))


def _broken(old: Mapping[str, Any], new: Mapping[str, Any], before: Document, after: Document) -> Iterator[str]:
    yield from _parameters(old, new, before, after)
    yield from _body(old, new, before, after)
    for status, response in old["responses"].items():
        if status >= "400":
            continue
        if status not in new["responses"]:
            yield f"answers {status} no more"
            continue
        pair = _schema(response, before), _schema(new["responses"][status], after)
        yield from (f"answer: {change}" for change in _compared(*pair) if change.what != _NEW_IN_AN_ANSWER)


def _parameters(old: Mapping[str, Any], new: Mapping[str, Any], before: Document, after: Document) -> Iterator[str]:
    known, present_now = _by_name(old), _by_name(new)
    for name in sorted(known.keys() - present_now.keys()):
        yield f"{name} was removed"
    for name, parameter in sorted(present_now.items()):
        if name not in known and parameter.get("required"):
            yield f"{name} is required now"
        elif name in known:
            pair = _rooted(known[name]["schema"], before), _rooted(parameter["schema"], after)
            yield from (f"{name}: {change}" for change in _compared(*pair) if not _is_looser(change))


def _by_name(operation: Mapping[str, Any]) -> dict[str, Any]:
    # What stands in a path goes by its place, not by its name.
    return {f"{each['in']} {each['name']}": each for each in operation.get("parameters", ()) if each["in"] != "path"}


def _body(old: Mapping[str, Any], new: Mapping[str, Any], before: Document, after: Document) -> Iterator[str]:
    was, now = old.get("requestBody", {}), new.get("requestBody", {})
    if now.get("required") and not was.get("required"):
        yield "the body is required now"
    for media_type, content in was.get("content", {}).items():
        if media_type not in now.get("content", {}):
            yield f"{media_type} is not taken any more"
            continue
        pair = _rooted(content["schema"], before), _rooted(now["content"][media_type]["schema"], after)
        yield from (f"body: {change}" for change in _compared(*pair) if not _is_looser(change))


def _is_looser(change: Change) -> bool:
    """Whether more is taken than before."""
    looser = ("loosened", " became optional", "constraint removed", "no longer restricted")
    return any(word in change.what for word in looser) or (
        change.what.startswith(("alternative ", "value ")) and change.what.endswith(" added")
    )


def _compared(old: Document, new: Document) -> list[Change]:
    return [change for change in compare(old, new) if change.kind == "breaking"]


def _schema(response: Mapping[str, Any], document: Document) -> Document:
    return _rooted(response.get("content", {}).get(_JSON, {}).get("schema", {}), document)


def _rooted(schema: Mapping[str, Any], document: Document) -> Document:
    """A schema with the models beside it that it refers to."""
    return {**schema, "$defs": document.get("$defs", {})} if schema else {}


def _comparable(document: Document) -> Document:
    """The document with its models where `compare` looks for them."""
    moved: Document = json.loads(json.dumps(document).replace("#/components/schemas/", "#/$defs/"))
    return {**moved, "$defs": moved["components"]["schemas"]}


def unannounced(broken: Sequence[tuple[str, str]], lines: Sequence[str]) -> list[str]:
    """The incompatible changes of operations that none of these lines names."""
    return [f"{name}: {why}" for name, why in broken if not any(f"`{name}`" in line for line in lines)]


def check(root: Path = ROOT) -> list[str]:
    """All findings, one line each."""
    app = make_routes()
    new = app.openapi()
    found = findings(app.routes, new, Code(ROOT / "services/gateway")) + staleness(DOCUMENT, as_json(new), WRITE)
    base = at_base(root, DOCUMENT)
    if base is None:
        return found
    broken = incompatibilities(json.loads(base), new)
    if released := releases(root):
        return found + [f"{name}: {why}; there is a release ({released[0]})" for name, why in broken]
    before = set((at_base(root, CHANGES) or "").splitlines())
    lines = [line for line in CHANGES.read_text(encoding="utf-8").splitlines() if line not in before]
    missing = unannounced(broken, lines)
    return found + [f"{each}; if that is meant, {shown(CHANGES)} needs a new line about it" for each in missing]


def main() -> int:
    """The exit code: 1 when there are findings."""
    if not arguments(__doc__).check:
        write(DOCUMENT, as_json(present()))
    return report(check())


if __name__ == "__main__":
    sys.exit(main())
