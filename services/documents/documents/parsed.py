"""A document as its parser hands it on: blocks of text in reading order, whatever the file's format was."""

from __future__ import annotations

from typing import Literal

from contracts.envelope import Contract
from contracts.vocabulary.document import MediaType

BlockKind = Literal["heading", "paragraph", "item", "row"]


class Block(Contract):
    """A heading, a paragraph, an item of a list, or a row of a table with its cells parted by tabs.

    `text` has no line breaks and no list marks. `page` counts from 1; formats without pages are all page 1. `level` is
    that of a heading, 1 the highest; one that only looks like a heading (large or bold, on a line alone) has it too.
    """

    kind: BlockKind
    text: str
    page: int = 1
    level: int | None = None


class Parsed(Contract):
    """What a file says. `truncated`: it said more than is read."""

    media_type: MediaType
    pages: int
    blocks: tuple[Block, ...]
    truncated: bool = False

    @property
    def text(self) -> str:
        """The blocks as plain text: one block a line, an empty line before each heading, `- ` before items."""
        lines: list[str] = []
        for block in self.blocks:
            if block.kind == "heading" and lines:
                lines.append("")
            lines.append(f"- {block.text}" if block.kind == "item" else block.text)
        return "\n".join(lines)
