"""OpenDocument text files (.odt)."""

from __future__ import annotations

from collections.abc import Iterator

from documents.parsed import Block, BlockKind
from documents.parsing.archive import Archive
from documents.parsing.blocks import Content, clean, could_head, is_capitals, table_row, without_mark, written
from documents.parsing.errors import Unreadable, broken
from documents.parsing.markup import Element, parse_xml

_NS = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TEXT, _TABLE = f"{{{_NS}office:1.0}}", f"{{{_NS}text:1.0}}", f"{{{_NS}table:1.0}}"
_STYLE, _DRAW, _FO = f"{{{_NS}style:1.0}}", f"{{{_NS}drawing:1.0}}", f"{{{_NS}xsl-fo-compatible:1.0}}"
_SKIPPED = {f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}note-citation", f"{_TEXT}sequence-decls"}
_ASIDE = {f"{_DRAW}text-box", f"{_TEXT}note-body", f"{_TABLE}table"}
_MOST_SPACES = 100
_LOOKS_LEVEL = 3


def read(data: bytes) -> Content:
    """Headers, the body with its tables, text boxes and notes where they stand, and footers; deletions are not read."""
    return Content(_blocks(data))


def _blocks(data: bytes) -> Iterator[Block]:
    with Archive(data) as archive:
        archive.refuse_packaged()
        if b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise Unreadable("encrypted", "This file is protected by a password. Please save it without one.")
        content = archive.read("content.xml")
        if not content:
            raise broken("OpenDocument")
        root = parse_xml(content, "OpenDocument")
        styles = archive.read("styles.xml")
        margins = parse_xml(styles, "OpenDocument") if styles else None
    reader = _Reader(_bold_styles(root) | (_bold_styles(margins) if margins is not None else set()))
    if margins is not None:
        yield from reader.margins(margins, "header")
    for text in root.iter(f"{_OFFICE}text"):
        yield from reader.children(text)
    if margins is not None:
        yield from reader.margins(margins, "footer")


def _bold_styles(root: Element) -> set[str]:
    return {
        style.get(f"{_STYLE}name", "")
        for style in root.iter(f"{_STYLE}style")
        if any(each.get(f"{_FO}font-weight") == "bold" for each in style.iter(f"{_STYLE}text-properties"))
    }


class _Reader:
    def __init__(self, bold: set[str]) -> None:
        self._bold = bold

    def margins(self, styles: Element, kind: str) -> Iterator[Block]:
        seen: set[str] = set()
        for margin in styles.iter(f"{_STYLE}{kind}", f"{_STYLE}{kind}-first"):
            for block in self.children(margin):
                if block.text not in seen:
                    seen.add(block.text)
                    yield block

    def children(self, parent: Element, kind: BlockKind = "paragraph") -> Iterator[Block]:
        for child in parent:
            if child.tag == f"{_TEXT}h":
                level = child.get(f"{_TEXT}outline-level", "1")
                yield from self._paragraph(child, "heading", int(level) if level.isdigit() else 1)
            elif child.tag == f"{_TEXT}p":
                yield from self._paragraph(child, kind)
            elif child.tag in (f"{_TEXT}list-item", f"{_TEXT}list-header"):
                yield from self.children(child, "item")
            elif child.tag == f"{_TABLE}table":
                yield from self._table(child)
            elif child.tag not in _SKIPPED:
                yield from self.children(child, kind)

    def _table(self, table: Element) -> Iterator[Block]:
        for row in table.iter(f"{_TABLE}table-row"):
            if _parent_table(row) is table:
                cells = [[block for block in self.children(cell) if clean(block.text)] for cell in row]
                yield from table_row(cells)

    def _paragraph(self, node: Element, kind: BlockKind, level: int | None = None) -> Iterator[Block]:
        aside: list[Element] = []
        text = "".join(_inline(node, aside))
        if kind == "heading":
            yield Block(kind="heading", text=text.replace("\n", " "), level=level)
        elif kind == "item":
            yield Block(kind="item", text=without_mark(text.replace("\n", " ").strip())[0])
        elif "\n" not in text and could_head(clean(text)) and (self._is_bold(node) or is_capitals(text)):
            yield Block(kind="heading", text=text, level=_LOOKS_LEVEL)
        else:
            yield from (written(part) for part in text.split("\n"))
        for each in aside:
            yield from self.children(each)

    def _is_bold(self, node: Element) -> bool:
        if node.get(f"{_TEXT}style-name") in self._bold:
            return True
        loose = [node.text, *(child.tail for child in node)]
        spans = [child for child in node if child.tag == f"{_TEXT}span"]
        styled = all(span.get(f"{_TEXT}style-name") in self._bold for span in spans)
        return bool(spans) and styled and not any(text and text.strip() for text in loose)


def _inline(node: Element, aside: list[Element]) -> Iterator[str]:
    """The text of a paragraph; what stands beside it, such as text boxes and notes, is put into `aside`."""
    yield _spaced(node.text)
    for child in node:
        if child.tag == f"{_TEXT}s":
            count = child.get(f"{_TEXT}c", "1")
            yield " " * min(int(count) if count.isdigit() else 1, _MOST_SPACES)
        elif child.tag == f"{_TEXT}tab":
            yield "\t"
        elif child.tag == f"{_TEXT}line-break":
            yield "\n"
        elif child.tag in _ASIDE:
            aside.append(child)
        elif child.tag not in _SKIPPED:
            yield from _inline(child, aside)
        yield _spaced(child.tail)


def _spaced(text: str | None) -> str:
    """Line breaks and tabs in the XML itself are nothing but spaces."""
    return (text or "").replace("\n", " ").replace("\t", " ")


def _parent_table(node: Element) -> Element | None:
    return next(node.iterancestors(f"{_TABLE}table"), None)
