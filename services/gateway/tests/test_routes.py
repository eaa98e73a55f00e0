"""The table of routes: each path and method has one owner, and each operation a place in the documentation."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from gateway import app as app_module
from gateway.auth import routes as auth
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
