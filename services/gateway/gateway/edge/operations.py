"""How an operation is declared: its summary from the docstring, its model, and every status that it can answer.

What whole classes of operations answer is added to the description in one place: what the edge refuses, what reading a
body refuses, and what the dependencies of a route refuse (`refuses`). A route names the rest (`errors`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import cleandoc
from typing import Any, TypeVar

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, APIRouter, iter_route_contexts
from pydantic import BaseModel
from starlette.routing import BaseRoute

Function = TypeVar("Function", bound=Callable[..., Any])
ANY_REQUEST = (400, 429, 500, 503)
"""Characters that cannot be stored, the rate limit, a fault of ours, something behind us that is away."""
ANY_BODY = (408, 413)
"""Too slow, too large."""
IDEMPOTENCY_KEY = "idempotency-key"
_BODIES = frozenset({"POST", "PUT", "PATCH"})
_JSON = "application/json"
_ERROR = {"$ref": "#/components/schemas/Error"}
_WORDS = {
    400: "What was sent is missing something or cannot be taken.",
    401: "There is no login, or it is not valid any more.",
    403: "Your role does not allow this.",
    404: "It is not there, or belongs to somebody else.",
    408: "The request took too long to arrive.",
    409: "The interview or an earlier request does not allow this now.",
    413: "More was sent than is taken.",
    416: "The part that is asked for begins behind the end.",
    429: "Too many requests; `Retry-After` says in how many seconds to come back.",
    500: "Something went wrong on our side.",
    503: "Not available just now; try again in a moment.",
    504: "The outcome is not known yet. The sentence says what was kept.",
}


class Error(BaseModel):
    """Every error: one sentence for a person."""

    detail: str


def refuses(*statuses: int) -> Callable[[Function], Function]:
    """Marks a dependency with the statuses that it may end a request in."""

    def marked(function: Function) -> Function:
        function.refuses = statuses  # type: ignore[attr-defined]
        return function

    return marked


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may end in these statuses, beside those of its class."""
    return {status: {"model": Error, "description": _WORDS[status]} for status in statuses}


class Operation(APIRoute):
    """A route with the first sentence of its docstring as its summary, and the rest as its description."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        summary, description = _parted(cleandoc(endpoint.__doc__ or ""))
        options["summary"] = options.get("summary") or summary
        options["description"] = options.get("description") or description
        super().__init__(path, endpoint, **options)


def _parted(docstring: str) -> tuple[str, str]:
    """The first sentence, and what comes after it."""
    first, _, rest = docstring.partition("\n\n")
    sentence, _, further = " ".join(first.split()).partition(". ")
    return sentence.removesuffix("."), "\n\n".join(filter(None, (further, rest)))


def dialect_router(*, prefix: str = "", tag: str) -> APIRouter:
    """A router whose routes are operations of one dialect."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=Operation)


def operations(routes: Sequence[BaseRoute]) -> Iterator[Any]:
    """Each documented route with its whole path, also of routers that are included."""
    for each in iter_route_contexts(routes):
        if isinstance(each.original_route, APIRoute) and each.include_in_schema:
            yield each


def statuses_of(operation: Any) -> set[int]:
    """All statuses of errors that an operation is described with."""
    declared = {int(status) for status in operation.responses}
    declared.add(operation.status_code or 200)
    return {status for status in declared if status >= 400} | class_statuses(operation)


def class_statuses(operation: Any) -> set[int]:
    """Those that it answers because of what it takes and depends on."""
    found = set(ANY_REQUEST)
    if operation.methods & _BODIES:
        found.update(ANY_BODY)
    for call in _calls(operation.dependant):
        found.update(getattr(call, "refuses", ()))
    return found


def _calls(dependant: Dependant) -> Iterator[Any]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)


def describe(app: FastAPI, examples: Mapping[str, Any]) -> dict[str, Any]:
    """The OpenAPI document of an application; `examples` are by `METHOD /path`."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
    )
    schemas = document["components"]["schemas"]
    schemas["Error"] = Error.model_json_schema()
    document["components"]["responses"] = {
        f"Error{status}": {"description": words, "content": {_JSON: {"schema": _ERROR}}}
        for status, words in _WORDS.items()
    }
    for each in operations(app.routes):
        for method in each.methods:
            described = document["paths"][each.path_format][method.lower()]
            _take_out_definitions(described, schemas)
            _complete(described, each, method)
            _exemplify(described, examples.get(f"{method} {each.path_format}", {}))
    for unused in ("HTTPValidationError", "ValidationError"):  # FastAPI's 422, which the edge turns into a 400
        schemas.pop(unused, None)
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    return document


def _take_out_definitions(described: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Move the models that a request's body is made of to where all models are. One that a response shows in another
    form, with every field there, has a name of its own."""
    for content in described.get("requestBody", {}).get("content", {}).values():
        definitions = content["schema"].pop("$defs", {})
        names = {name: f"{name}Input" for name, schema in definitions.items() if schemas.get(name, schema) != schema}
        for name, schema in definitions.items():
            schemas[names.get(name, name)] = _renamed(schema, names)
        content["schema"] = _renamed(content["schema"], names)


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, list):
        return [_renamed(each, names) for each in node]
    if not isinstance(node, dict):
        return node
    changed = {key: _renamed(value, names) for key, value in node.items()}
    if isinstance(changed.get("$ref"), str):
        folder, _, name = changed["$ref"].rpartition("/")
        changed["$ref"] = f"{folder}/{names.get(name, name)}"
    return changed


def _complete(described: dict[str, Any], operation: Any, method: str) -> None:
    if method not in _BODIES | {"DELETE"}:
        kept = [each for each in described.get("parameters", ()) if each["name"].lower() != IDEMPOTENCY_KEY]
        described["parameters"] = kept
    responses = described["responses"]
    responses.pop("422", None)
    for status in statuses_of(operation):
        if not _is_of_its_own(responses.get(str(status), {})):
            responses[str(status)] = {"$ref": f"#/components/responses/Error{status}"}
    described["responses"] = dict(sorted(responses.items()))


def _exemplify(described: dict[str, Any], example: Mapping[str, Any]) -> None:
    body = described.get("requestBody", {}).get("content", {}).get(_JSON)
    if body is not None and "request" in example:
        body["example"] = example["request"]
    for status, response in described["responses"].items():
        if status < "300" and "response" in example:
            response["content"][_JSON]["example"] = example["response"]


def _is_of_its_own(response: Mapping[str, Any]) -> bool:
    schema = response.get("content", {}).get(_JSON, {}).get("schema", _ERROR)
    return bool(schema != _ERROR)
