"""The description of the HTTP API: complete, what the code does, and compatible with what was committed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from gateway.app import make_routes
from gateway.edge.operations import describe, dialect_router

from tools.conformance import Conformance, Undescribed, conformance
from tools.examples import EXAMPLES, Tidy
from tools.openapi import DOCUMENT, incompatibilities, operations, present, unannounced
from tools.operations import findings
from tools.statuses import Code

GATEWAY = Path(__file__).resolve().parents[2] / "services/gateway"
HEAD = """
from __future__ import annotations
import contextlib
from typing import Annotated, Any
from fastapi import Depends
from pydantic import BaseModel
from gateway.edge.operations import errors, refuses
from gateway.problems import NoSuchSession, Problem

class Thing(BaseModel):
    name: str

class Things:
    def __init__(self, other: Things) -> None:
        self.other = other
    async def read(self) -> Thing:
        return await self._read(409)
    async def _read(self, status: int) -> Thing:
        raise Problem(409, "No.")

class Bag:
    things: Things

class Gone(Problem):
    def __init__(self) -> None:
        super().__init__(404, "Gone.")

def things() -> Things: ...
Use = Annotated[Things, Depends(things)]
"""
GOOD = '''
@router.get("/thing", responses=errors(409))
async def read(use: Use) -> Thing:
    """Read the thing."""
    return await use.read()
'''


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """What is found in routes that this source declares on `router`."""

    def look(source: str) -> list[str]:
        (tmp_path / "gateway").mkdir()
        shutil.copy(GATEWAY / "gateway/problems.py", tmp_path / "gateway")
        (tmp_path / "gateway/tried.py").write_text(HEAD + source, encoding="utf-8")
        module, router, app = ModuleType("gateway.tried"), dialect_router(tag="tried"), make_routes()
        monkeypatch.setitem(sys.modules, "gateway.tried", module)
        vars(module)["router"] = router
        exec(compile(HEAD + source, "tried.py", "exec"), vars(module))
        app.router.routes.clear()
        app.include_router(router)
        return findings(app.routes, describe(app, {"GET /thing": {"response": {"name": "A"}}}), Code(tmp_path))

    return look


def test_an_operation_that_says_all_is_in_order(found: Any) -> None:
    assert found(GOOD) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("-> Thing", "-> dict[str, Any]", "answers 200 with JSON that has no model"),
        ("-> Thing", "-> Any", "answers 200 with JSON that has no model"),
        (", responses=errors(409)", "", "can answer 409, which it does not declare"),
        ("errors(409)", "errors(409, 504)", "declares 504, which it cannot answer"),
        ("Read the thing.", "", "has no summary"),
        ("/thing", "/other", "has no example"),
        ("return await use.read()", "raise Gone", "can answer 404, which it does not declare"),
        ("return await use.read()", "raise NoSuchSession from None", "can answer 404, which it does not declare"),
        ("return await use.read()", "return await use.read() or Gone()", "can answer 404"),
    ],
)
def test_what_an_operation_leaves_out_is_found(found: Any, before: str, after: str, expected: str) -> None:
    assert before in GOOD
    said = found(GOOD.replace(before, after))
    assert any(expected in each for each in said), said


@pytest.mark.parametrize(
    "body",
    [
        "return await use.other.read()",
        "bag = Bag()\n    return await bag.things.read()",
        "with contextlib.suppress(Gone):\n        raise Gone\n    return await use.read()",
        "try:\n        raise Gone\n    except Gone:\n        return await use.read()",
    ],
)
def test_statuses_are_followed_through_calls(found: Any, body: str) -> None:
    assert found(GOOD.replace("return await use.read()", body)) == []


def test_what_a_dependency_refuses_is_found(found: Any) -> None:
    dependency = "async def session() -> int:\n    raise NoSuchSession\nSession = Annotated[int, Depends(session)]\n"
    said = found(dependency + GOOD.replace("use: Use", "use: Use, number: Session"))
    assert said == ["gateway.tried:session: refuses with 404, which its `refuses` does not say"]


def test_the_description_is_current_and_complete(tool: Any) -> None:
    done: subprocess.CompletedProcess[str] = tool("openapi", "--check")
    assert done.returncode == 0, done.stdout + done.stderr


# What breaks a client

MESSAGE = ("paths", "/interview/message", "post")
OUTPUT = ("components", "schemas", "InterviewerMessage")


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(DOCUMENT.read_text(encoding="utf-8"))


def changed(document: Any, *path: str, to: Any = None) -> Any:
    """Another document, with another value there, or with none."""
    copy = deepcopy(document)
    node = copy
    for step in path[:-1]:
        node = node[step]
    if to is None:
        del node[path[-1]]
    else:
        node[path[-1]] = to
    return copy


@pytest.mark.parametrize(
    ("path", "to", "why"),
    [
        (MESSAGE, None, "was removed"),
        ((*OUTPUT, "properties", "content"), None, "answer: content: field removed"),
        ((*OUTPUT, "properties", "content", "type"), "integer", "answer: content: type changed"),
        ((*MESSAGE, "responses", "200"), None, "answers 200 no more"),
        ((*MESSAGE, "requestBody", "content", "application/json"), None, "application/json is not taken any more"),
        (("paths", "/interview/session", "post", "requestBody", "required"), True, "the body is required now"),
        (("paths", "/api/v1/documents", "get", "parameters"), [], "query kind was removed"),
    ],
)
def test_what_breaks_a_client_is_found(document: Any, path: tuple[str, ...], to: Any, why: str) -> None:
    found = incompatibilities(document, changed(document, *path, to=to))
    assert any(why in each for _, each in found), found


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("paths", "/new"), {"get": {"responses": {"200": {"description": "New."}}}}),
        ((*OUTPUT, "properties", "further"), {"type": "string"}),
        ((*MESSAGE, "responses", "418"), {"description": "A further error."}),
        ((*MESSAGE, "summary"), "Other words"),
    ],
)
def test_what_is_new_breaks_nobody(document: Any, path: tuple[str, ...], to: Any) -> None:
    assert incompatibilities(document, changed(document, *path, to=to)) == []


def test_a_change_that_is_announced_is_meant() -> None:
    broken = [("GET /a", "was removed"), ("GET /b", "was removed")]
    assert unannounced(broken, ["- `GET /a`: use `GET /c`."]) == ["GET /b: was removed"]


# What is answered, and what is described


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/health", 200, {"checks": {}}),
        ("GET", "/health", 418, {"detail": "No."}),
        ("POST", "/interview/message", 409, {"detail": ["No."]}),
        ("GET", "/api/v1/sessions/7/feedback", 200, {"feedback": [{"turn": 1}]}),
    ],
)
def test_an_answer_that_is_not_described_is_found(method: str, path: str, status: int, body: Any) -> None:
    with pytest.raises(Undescribed):
        conformance().must_describe(method, path, status, "application/json", body)


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/health/", 200, {"status": "healthy"}),
        ("POST", "/interview/message", 409, {"detail": "No."}),
        ("GET", "/nowhere", 404, {"detail": ["whatever"]}),
        ("GET", "/api/v1/sessions/7/feedback", 200, {"feedback": []}),
    ],
)
def test_an_answer_that_is_described_passes(method: str, path: str, status: int, body: Any) -> None:
    conformance().must_describe(method, path, status, "application/json", body)


def test_every_example_is_what_its_model_says() -> None:
    described, known = Conformance(present()), operations(present())
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    assert len(examples) > 45
    for name, example in examples.items():
        method, path = name.split(" ")
        status = next(int(each) for each in known[name]["responses"] if each < "300")
        described.must_describe(method, path, status, "application/json", example["response"])


def test_an_example_shows_nobody() -> None:
    tidy = Tidy()
    said = {"token": "a.b.c", "id": "6ba7b810-9dad-41d1-80b4-00c04fd430c8", "at": "2031-05-04T10:00:00.5Z"}
    assert tidy.value(said) == {
        "token": "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl",
        "id": "00000000-0000-4000-8000-000000000001",
        "at": "2026-01-12T09:00:00Z",
    }
    assert tidy.value([said["id"], 7]) == ["00000000-0000-4000-8000-000000000001", 7]
