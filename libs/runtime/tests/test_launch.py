"""What is imported at the start is no garbage, and is not looked through again."""

from __future__ import annotations

import subprocess
import sys

import pytest

CHECK = """
import gc
from runtime.launch import imports
before = gc.get_freeze_count()
try:
    with imports():
        assert not gc.isenabled()
        {what}
finally:
    assert gc.isenabled() and gc.get_freeze_count() > before
"""


def run(what: str) -> subprocess.CompletedProcess[str]:
    # In a process of its own: what is frozen stays so.
    return subprocess.run([sys.executable, "-c", CHECK.format(what=what)], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("what", ["import json", "import pydantic"])
def test_nothing_is_collected_meanwhile_and_what_came_is_frozen(what: str) -> None:
    done = run(what)
    assert done.returncode == 0, done.stderr


def test_a_failed_import_is_told_as_it_is() -> None:
    done = run("import there_is_no_such_module")
    assert done.returncode == 1 and "ModuleNotFoundError" in done.stderr and "AssertionError" not in done.stderr
