"""What is measured about requests. Every label comes from a list of ours: no client can add to them."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from prometheus_client import Counter, Histogram
from runtime.telemetry import observe
from starlette.types import Scope

SECONDS = Histogram(
    "parley_http_seconds",
    "Time to answer a request, in seconds; of an event stream, to its first byte.",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
FAILURES = Counter("parley_http_failures_total", "Answers of 500 and above.", ["route"])
NO_ROUTE = "none"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Measures:
    """Counts requests by the template of their route."""

    def __init__(self, app: FastAPI | None = None) -> None:
        self._templates = {NO_ROUTE}
        for method, template, status in _routes(app) if app else ():
            self._templates.add(template)
            SECONDS.labels(method, template, str(status))
        for template in self._templates:
            FAILURES.labels(template)

    def route(self, scope: Scope) -> str:
        """The template of the route that a request took, `none` where there is none."""
        # A route of an included router knows its path without the prefix; FastAPI keeps the whole one beside it.
        chosen = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
        template = getattr(chosen, "path_format", NO_ROUTE)
        return template if template in self._templates else NO_ROUTE

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one answer."""
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = self.route(scope)
        observe(SECONDS.labels(method, route, str(status)), seconds)
        if status >= 500:
            FAILURES.labels(route).inc()


def _routes(app: FastAPI) -> Iterator[tuple[str, str, int]]:
    """Method, template and the status when all is well."""
    for route in iter_route_contexts(app.routes):
        for method in sorted(_METHODS & set(getattr(route, "methods", None) or ())):
            yield method, str(getattr(route, "path_format", "")), getattr(route, "status_code", None) or 200
