"""Markdown files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from documents.parsed import Block, BlockKind
from documents.parsing.blocks import Content, clean, could_head, written
from documents.parsing.charsets import decoded
from documents.parsing.errors import broken
from documents.parsing.formats.html import blocks_of

_LOOKS_LEVEL = 6


def read(data: bytes) -> Content:
    """The text without its marks; HTML in it is read as HTML."""
    text = decoded(data)
    if text is None:
        raise broken("Markdown")
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text.lstrip("\ufeff"))
    return Content(_blocks(tokens))


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    lists = 0
    level: int | None = None
    row: list[str] | None = None
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists -= 1
        elif token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "heading_close":
            level = None
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            yield Block(kind="row", text="\t".join(filter(None, row)))
            row = None
        elif token.type == "inline" and row is not None:
            row.append(clean(" ".join(_lines(token))).replace("\t", " "))
        elif token.type == "inline":
            yield from _inline(token, "item" if lists else "paragraph", level)
        elif token.type in ("fence", "code_block"):
            yield from (written(line) for line in token.content.split("\n"))
        elif token.type == "html_block":
            yield from blocks_of(token.content)


def _inline(token: Token, kind: BlockKind, level: int | None) -> Iterator[Block]:
    lines = _lines(token)
    if level is not None:
        yield Block(kind="heading", text=" ".join(lines), level=level)
    elif kind == "item":
        yield Block(kind="item", text=" ".join(lines))
    elif _is_bold(token) and len(lines) == 1 and could_head(clean(lines[0])):
        yield Block(kind="heading", text=lines[0], level=_LOOKS_LEVEL)
    else:
        yield from (written(line) for line in lines)


def _lines(token: Token) -> list[str]:
    """The text of a paragraph, one string for each line that its writer ended on purpose."""
    lines = [""]
    for child in token.children or ():
        if child.type == "hardbreak" or (child.type == "html_inline" and child.content.lower().startswith("<br")):
            lines.append("")
        elif child.type == "softbreak":
            lines[-1] += " "
        elif child.type != "html_inline":
            lines[-1] += child.content
    return lines


def _is_bold(token: Token) -> bool:
    """All of the line is between two marks."""
    depth = 0
    for child in token.children or ():
        depth += {"strong_open": 1, "strong_close": -1}.get(child.type, 0)
        if child.content.strip() and depth == 0:
            return False
    return True
