"""What every HTTP operation has to say about itself, and where one does not.

An answer in JSON has a model and an example; what is no JSON has its media type; every status that the code can answer
is described, and none that it cannot; there is a summary, and the tag of one dialect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fastapi.dependencies.models import Dependant
from gateway.edge.operations import ANY_REQUEST, Error, operations, statuses_of
from starlette.routing import BaseRoute

from tools.statuses import Code

_JSON = "application/json"


def findings(routes: list[BaseRoute], document: Mapping[str, Any], code: Code) -> list[str]:
    """One line for each thing that an operation leaves out, or says and does not do."""
    return list(_findings(routes, document, code))


def _findings(routes: list[BaseRoute], document: Mapping[str, Any], code: Code) -> Iterator[str]:
    dependencies: dict[str, Callable[..., Any]] = {}
    for each in operations(routes):
        for method in sorted(each.methods):
            name = f"{method} {each.path_format}"
            described = document["paths"][each.path_format][method.lower()]
            if not (each.original_route.endpoint.__doc__ or "").strip():
                yield f"{name}: has no summary: its handler needs a docstring"
            yield from (f"{name}: {what}" for what in _undescribed(described))
            yield from (f"{name}: {what}" for what in _statuses(each, code))
        dependencies |= {_name(call): call for call in _calls(each.dependant)}
    for name, call in sorted(dependencies.items()):
        for status in sorted(code.statuses(name) - set(getattr(call, "refuses", ())) - set(ANY_REQUEST)):
            yield f"{name}: refuses with {status}, which its `refuses` does not say"


def _undescribed(operation: Mapping[str, Any]) -> Iterator[str]:
    if len(operation.get("tags", ())) != 1:
        yield "needs the tag of one dialect"
    for status, response in operation["responses"].items():
        if status >= "300":
            continue
        content = response.get("content", {})
        if not content:
            yield f"answers {status} with nothing that is described"
        if _JSON in content and not _is_typed(content[_JSON].get("schema", {})):
            yield f"answers {status} with JSON that has no model"
        elif _JSON in content and "example" not in content[_JSON]:
            yield f"has no example of its answer {status}: add it to tools/examples.py"


def _is_typed(schema: Mapping[str, Any]) -> bool:
    return "$ref" in schema or (schema.get("type") == "array" and "$ref" in schema.get("items", {}))


def _statuses(operation: Any, code: Code) -> Iterator[str]:
    possible = code.statuses(_name(operation.original_route.endpoint))
    declared = {int(status) for status, each in operation.responses.items() if each.get("model") is Error}
    for status in sorted(possible - statuses_of(operation)):
        yield f"can answer {status}, which it does not declare"
    for status in sorted(declared - possible):
        yield f"declares {status}, which it cannot answer"


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for each in dependant.dependencies:
        if each.call is not None and each.call.__module__.partition(".")[0] == "gateway":
            yield each.call
        yield from _calls(each)


def _name(call: Callable[..., Any]) -> str:
    return f"{call.__module__}:{call.__qualname__}"
