"""The contracts depend on pydantic and the standard library, so that anybody can read what Parley says."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import contracts
import pytest

PACKAGE = Path(contracts.__file__).parent
ALLOWED = {"contracts", "pydantic", "pydantic_core"} | sys.stdlib_module_names
IMPURE = {"asyncio", "os", "pathlib", "random", "secrets", "socket", "subprocess", "threading", "time"}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_nothing_but_pydantic_and_the_standard_library(path: Path) -> None:
    names = set(imported(path))
    assert names <= ALLOWED
    assert not names & IMPURE, "messages are data: they read no clock and touch no file"
