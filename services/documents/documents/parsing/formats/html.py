"""Web pages."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from documents.parsed import Block, BlockKind
from documents.parsing.blocks import Content, clean, could_head, table_row, without_mark, written
from documents.parsing.charsets import decoded
from documents.parsing.errors import broken
from documents.parsing.markup import Element, parse_html

_DECLARED = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_SKIPPED = set(
    "script style noscript template head title svg math object embed iframe select textarea button audio video canvas"
    " datalist dialog".split()
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])"
)
_BLOCKS = set(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form header"
    " hgroup hr html legend main nav ol p pre section summary table tbody tfoot thead ul".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BOLD = {"b", "strong"}
_LOOKS_LEVEL = 6


def read(data: bytes) -> Content:
    """What the page shows: no scripts, no styles, and nothing that is hidden."""
    root = parse_html(_decode(data))
    return Content(_Reader().blocks(root) if root is not None else ())


def blocks_of(text: str) -> Iterator[Block]:
    """The blocks of a piece of HTML."""
    root = parse_html(text)
    return _Reader().blocks(root) if root is not None else iter(())


def _decode(data: bytes) -> str:
    declared = _DECLARED.search(data[:4096])
    if declared and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode(declared[1].decode("ascii", "ignore"))
        except (LookupError, UnicodeError):
            pass  # pages lie about it
    text = decoded(data)
    if text is None:
        raise broken("HTML")
    return text.lstrip("\ufeff")


class _Reader:
    """Collects the words of one line until a block begins or ends."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._bold = True

    def blocks(self, root: Element) -> Iterator[Block]:
        yield from self._node(root, "paragraph", None)
        yield from self._flush("paragraph", None)

    def _flush(self, kind: BlockKind, level: int | None) -> Iterator[Block]:
        text, bold = clean("".join(self._words)), self._bold
        self._words, self._bold = [], True
        if not text:
            return
        if kind == "paragraph" and bold and could_head(text):
            yield Block(kind="heading", text=text, level=_LOOKS_LEVEL)
        elif kind == "item":
            yield Block(kind="item", text=without_mark(text)[0] or text)
        elif kind == "heading":
            yield Block(kind="heading", text=text, level=level)
        else:
            yield written(text)

    def _say(self, text: str | None, bold: bool, preformatted: bool) -> Iterator[Block]:
        if not text:
            return
        lines = text.split("\n") if preformatted else [text.replace("\t", " ")]
        for number, line in enumerate(lines):
            if number:
                yield from self._flush("paragraph", None)
            self._words.append(line)
            if line.strip() and not bold:
                self._bold = False

    def _node(
        self, node: Element, kind: BlockKind, level: int | None, bold: bool = False, preformatted: bool = False
    ) -> Iterator[Block]:
        tag = node.tag
        if tag in _SKIPPED or _is_hidden(node):
            return
        if tag == "br":
            yield from self._flush(kind, level)
            return
        if tag == "table":
            yield from self._flush(kind, level)
            yield from self._table(node)
            return
        starts = tag in _BLOCKS or tag in _HEADINGS or tag == "li"
        if starts:
            yield from self._flush(kind, level)
        inner_kind, inner_level = _inside(tag, kind, level)
        bold = bold or tag in _BOLD
        preformatted = preformatted or tag == "pre"
        yield from self._say(node.text, bold, preformatted)
        for child in node:
            yield from self._node(child, inner_kind, inner_level, bold, preformatted)
            yield from self._say(child.tail, bold, preformatted)
        if starts:
            yield from self._flush(inner_kind, inner_level)

    def _table(self, table: Element) -> Iterator[Block]:
        for row in table.iter("tr", "caption"):
            if next(row.iterancestors("table"), None) is not table or _is_hidden(row):
                continue
            if row.tag == "caption":
                yield from self._cell(row)
            else:
                yield from table_row([list(self._cell(cell)) for cell in row if cell.tag in ("td", "th")])

    def _cell(self, cell: Element) -> Iterator[Block]:
        if _is_hidden(cell):
            return
        reader = _Reader()
        yield from reader._say(cell.text, False, False)
        for child in cell:
            yield from reader._node(child, "paragraph", None)
            yield from reader._say(child.tail, False, False)
        yield from reader._flush("paragraph", None)


def _inside(tag: str, kind: BlockKind, level: int | None) -> tuple[BlockKind, int | None]:
    if tag in _HEADINGS:
        return "heading", _HEADINGS[tag]
    if tag == "li":
        return "item", None
    return kind, level


def _is_hidden(node: Element) -> bool:
    return (
        node.get("hidden") is not None
        or node.get("aria-hidden") == "true"
        or bool(_HIDDEN.search(node.get("style", "").lower()))
    )
