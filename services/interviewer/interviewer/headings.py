"""Lines that only say what comes under them, in résumés and job descriptions."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from parley_text.packaged import loaded

from interviewer.tracing import plain

_FILE = Path(__file__).parent / "headings.yaml"
_MOST_WORDS = 8


def is_heading(line: str) -> bool:
    """Whether a line says nothing but what comes under it."""
    said = plain(line)
    words = said.split()
    return said in _whole() or (0 < len(words) <= _MOST_WORDS and all(word in _words() for word in words))


def without_headings(text: str, *, opens: bool = False) -> str:
    """A piece of a document without such lines. `opens`: it may begin with the heading of its section, and capitals
    tell one in any language."""
    lines = text.splitlines()
    if opens and len(lines) > 1 and _opens_a_section(lines[0]):
        del lines[0]
    return "\n".join(line for line in lines if not is_heading(line))


def _opens_a_section(line: str) -> bool:
    """Whether a line before others is set apart from them, or ends like "Teaching experience"."""
    words = plain(line).split()
    return line.isupper() or line.rstrip().endswith((":", "：")) or words[-1:] in _endings()  # noqa: RUF001


@functools.cache
def _endings() -> tuple[list[str], ...]:
    return tuple([plain(each)] for each in _known()["endings"])


@functools.cache
def _known() -> dict[str, Any]:
    table: dict[str, Any] = loaded(_FILE.read_text(encoding="utf-8"))
    return table


@functools.cache
def _words() -> frozenset[str]:
    return frozenset(plain(each) for words in _known()["words"].values() for each in words)


@functools.cache
def _whole() -> frozenset[str]:
    return frozenset(map(plain, _known()["whole"]))
