"""The fixtures: documents with what is to be found in them.

`tuned_*` were looked at while the code was written. `held_out_*` were written before that, and `held_out_4` late, with
harder layouts; what is found in them was measured and not tuned for. The exception is personal data: a name or an
address that got through in one of them was mended.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from contracts.documents.understanding import Chunk, Understanding
from contracts.vocabulary.document import DocumentKind
from documents.parsed import Block, Parsed
from documents.understanding import chunks_of, understand, without_contact
from parley_text.packaged import loaded

TODAY = date(2026, 11, 15)
FIXTURES = Path(__file__).parent / "fixtures"
MARKS = ("- ", "• ", "* ")


@dataclass(frozen=True)
class Case:
    """A fixture."""

    id: str
    kind: DocumentKind
    text: str
    held_out: bool
    gold: dict[str, Any]

    @property
    def read(self) -> Read:
        """What is found in it."""
        return read(parsed(self.text), self.kind)


@dataclass(frozen=True)
class Read:
    """What is found in a document."""

    anonymous: Parsed
    chunks: tuple[Chunk, ...]
    understanding: Understanding


def read(document: Parsed, kind: DocumentKind = "resume") -> Read:
    """As the service does it."""
    anonymous = without_contact(document)
    chunks = chunks_of(anonymous, kind)
    return Read(anonymous, chunks, understand(anonymous, kind, TODAY, None, chunks))


def resume(text: str) -> Read:
    """A résumé, one block a line."""
    return read(parsed(text))


def job(text: str) -> Read:
    """A job description, one block a line."""
    return read(parsed(text), "job_description")


def parsed(text: str) -> Parsed:
    """A text whose lines are blocks: `- ` before items, `#` before headings; lines in capitals are headings too."""
    lines = (re.sub(" {2,}", " ", line).strip() for line in text.splitlines())  # as all readers do
    blocks = tuple(_block(line) for line in lines if line)
    return Parsed(media_type="text", pages=1, blocks=blocks)


def _block(line: str) -> Block:
    for mark in MARKS:
        if line.startswith(mark):
            return Block(kind="item", text=line.removeprefix(mark).strip())
    if line.startswith("#"):
        return Block(kind="heading", text=line.lstrip("# "), level=len(line) - len(line.lstrip("#")))
    if "\t" in line:
        return Block(kind="row", text=line)
    if line.isupper() and line.replace(" ", "").isalpha():
        return Block(kind="heading", text=line, level=2)
    return Block(kind="paragraph", text=line)


@cache
def cases() -> tuple[Case, ...]:
    """All fixtures."""
    return tuple(
        Case(each["id"], each["kind"], each["text"], path.name.startswith("held_out"), each)
        for path in sorted(FIXTURES.glob("*.yaml"))
        for each in loaded(path.read_text("utf-8"))
    )
