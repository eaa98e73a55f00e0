"""The table of routes: each path and method has one owner, and each operation a place in the documentation."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from typing import Annotated, Any

from fastapi import Depends
from gateway import app as app_module
from gateway.auth import routes as auth
from gateway.container import Application
from gateway.edge.operations import operations as documented
from starlette.routing import BaseRoute


def spelled(path: str) -> str:
    """The path whatever its parameters are called: two dialects may name them differently."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def operations(routes: list[BaseRoute]) -> list[tuple[str, str]]:
    return [
        (method, spelled(route.path))  # type: ignore[attr-defined]
        for route in routes
        for method in getattr(route, "methods", None) or {"WEBSOCKET"}
        if method != "HEAD"
    ]


def test_every_path_and_method_has_one_owner() -> None:
    routers: list[Any] = [*app_module.ROUTERS, auth.router()]
    counted = Counter(each for router in routers for each in operations(router.routes))
    assert len(counted) > 60
    assert [each for each, count in counted.items() if count > 1] == []


def test_two_owners_of_a_path_are_found() -> None:
    twice = app_module.ROUTERS[0].routes[:1] * 2
    assert max(Counter(operations(twice)).values()) == 2
    assert spelled("/a/{session_id}/b") == spelled("/a/{interview_id}/b")


def in_threads(app: Application) -> set[str]:
    """Handlers and dependencies that FastAPI calls in a thread each time."""
    found = set()
    for operation in documented(app.routes):
        waiting = [operation.dependant]
        while waiting:
            dependant = waiting.pop()
            waiting.extend(dependant.dependencies)
            call = dependant.call
            made = getattr(call, "__call__", call) if not inspect.isroutine(call) else call  # noqa: B004
            if not (inspect.iscoroutinefunction(made) or inspect.isasyncgenfunction(made)):
                found.add(getattr(call, "__name__", repr(call)))
    return found


def test_nothing_of_a_request_is_called_in_a_thread() -> None:
    """A thread costs more than all that our dependencies do: a turn took twice the gateway's time with them."""
    assert in_threads(app_module.make_routes()) == set()


def slow() -> None: ...


def test_what_is_called_in_a_thread_is_found() -> None:
    def handler(_: Annotated[None, Depends(slow)]) -> None: ...

    app = Application()
    app.add_api_route("/", handler)
    assert in_threads(app) == {"slow", "handler"}
