"""Steps that lift stored events from one schema version to the next.

A step is pure, works on plain dicts, is written once and never edited: what it reads was stored long ago.
`samples/old` holds a stored example for each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Step = Callable[[dict[str, Any]], dict[str, Any]]
_steps: dict[tuple[str, int], Step] = {}


def upcaster(full_name: str, *, from_version: int) -> Callable[[Step], Step]:
    """Register the step from `from_version` to the next. Raises ValueError when there is one already."""

    def register(step: Step) -> Step:
        if (full_name, from_version) in _steps:
            raise ValueError(f"{full_name} has an upcaster from version {from_version} already")
        _steps[full_name, from_version] = step
        return step

    return register


def steps() -> dict[tuple[str, int], Step]:
    """All steps by type and the version they start from."""
    return dict(_steps)


def upcast(full_name: str, version: int, target: int, data: dict[str, Any]) -> dict[str, Any]:
    """`data` lifted from `version` to `target`; a version without a step only added optional fields."""
    for present in range(version, target):
        if step := _steps.get((full_name, present)):
            data = step(data)
    return data
