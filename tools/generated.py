"""Files that are generated and committed: how they are written, and how to tell that they are stale."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tools.paths import ROOT


def as_json(value: Any) -> str:
    """Readable JSON that is the same each time."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def staleness(path: Path, text: str, command: str) -> list[str]:
    """One line when `path` does not hold `text`; `command` is what would put it there."""
    if not path.exists():
        return [f"{shown(path)}: is missing; run {command}"]
    return [] if path.read_text(encoding="utf-8") == text else [f"{shown(path)}: is stale; run {command}"]


def write(path: Path, text: str) -> None:
    """Put `text` there, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def shown(path: Path) -> str:
    """A path as seen from the repository's root."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def arguments(description: str | None, *, can_write: bool = True) -> argparse.Namespace:
    """The command line of a tool: `--check`, and `--write` where there is something to write."""
    parser = argparse.ArgumentParser(description=(description or "").split("\n", 1)[0])
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true", help="exit 1 and print one line for each finding")
    if can_write:
        mode.add_argument("--write", action="store_true", help="bring the committed files up to date")
    return parser.parse_args()


def report(findings: Iterable[str]) -> int:
    """Print findings, one line each; the exit code."""
    lines = list(findings)
    for line in lines:
        print(line)
    return 1 if lines else 0


def notice(text: str) -> None:
    """Say something that is no finding."""
    print(text, file=sys.stderr)
