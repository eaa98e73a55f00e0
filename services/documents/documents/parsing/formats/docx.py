"""Word files (.docx)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from documents.parsed import Block
from documents.parsing.archive import Archive
from documents.parsing.blocks import Content, clean, could_head, is_capitals, table_row, without_mark, written
from documents.parsing.errors import broken
from documents.parsing.markup import Element, parse_xml

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_OFFICE = "/officeDocument"
_HEADING_NAME = re.compile(r"heading (\d)")
_TRANSPARENT = {f"{_W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")}
_DELETED = {f"{_W}{name}" for name in ("del", "moveFrom", "delText", "instrText", "rPrChange", "pPrChange")}
_NOTES = {f"{_W}footnoteReference": "footnotes", f"{_W}endnoteReference": "endnotes"}
_BREAK = "\n"
_LOOKS_LEVEL = 3
"""The level of a line that is only bold or in capitals: below the headings that have a style."""


@dataclass(frozen=True)
class _Style:
    level: int | None = None
    listed: bool = False
    bold: bool = False
    capitals: bool = False


@dataclass
class _Line:
    """What has been read of a paragraph. `bold` and `capitals`: all of its visible text so far."""

    text: list[str] = field(default_factory=list)
    bold: bool = True
    capitals: bool = True
    boxes: list[Element] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


def read(data: bytes) -> Content:
    """Headers, the body with its tables, text boxes and notes where they stand, and footers.

    Insertions that are not accepted yet are read, deletions are not; hidden text and comments are not.
    """
    return Content(_blocks(data))


def _blocks(data: bytes) -> Iterator[Block]:
    with Archive(data) as archive:
        archive.refuse_packaged()
        yield from _Reader(archive).blocks()


class _Reader:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._main = self._main_part()
        self._related = self._relationships()
        self._styles = _styles(self._part_of_type("/styles"))
        self._notes = {kind: self._notes_of(kind) for kind in ("footnotes", "endnotes")}

    def _main_part(self) -> str:
        relations = self._xml("_rels/.rels")
        targets = (
            []
            if relations is None
            else [each.get("Target", "") for each in relations if each.get("Type", "").endswith(_OFFICE)]
        )
        return targets[0].lstrip("/") if targets else "word/document.xml"

    def _relationships(self) -> dict[str, tuple[str, str]]:
        """Type and part by id; what lies outside the file is left out."""
        folder, name = posixpath.split(self._main)
        relations = self._xml(f"{folder}/_rels/{name}.rels")
        found: dict[str, tuple[str, str]] = {}
        for each in relations if relations is not None else ():
            if each.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).lstrip("/")
                found[each.get("Id", "")] = (each.get("Type", ""), target)
        return found

    def _xml(self, name: str) -> Element | None:
        data = self._archive.read(name)
        if not data:
            return None
        return parse_xml(data.replace(_STRICT, _W.strip("{}").encode()), "Word")

    def _part_of_type(self, kind: str) -> Element | None:
        parts = [target for type_, target in self._related.values() if type_.endswith(kind)]
        return self._xml(parts[0]) if parts else None

    def _notes_of(self, kind: str) -> dict[str, Element]:
        root = self._part_of_type(f"/{kind}")
        return {each.get(f"{_W}id", ""): each for each in root} if root is not None else {}

    def blocks(self) -> Iterator[Block]:
        document = self._xml(self._main)
        body = document.find(f"{_W}body") if document is not None else None
        if body is None:
            raise broken("Word")
        yield from self._margins(body, "header")
        yield from self._children(body)
        yield from self._margins(body, "footer")

    def _margins(self, body: Element, kind: str) -> Iterator[Block]:
        """Headers or footers of all sections, each text once."""
        seen: set[str] = set()
        for reference in body.iter(f"{_W}{kind}Reference"):
            _, part = self._related.get(reference.get(_RELATIONSHIP, ""), ("", ""))
            root = self._xml(part) if part else None
            for block in self._children(root) if root is not None else ():
                text = clean(block.text)
                if text not in seen:
                    seen.add(text)
                    yield block

    def _children(self, parent: Element) -> Iterator[Block]:
        for child in parent:
            if child.tag == f"{_W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                yield from self._table(child)
            elif child.tag in _TRANSPARENT:
                yield from self._children(child)
            elif child.tag == _ALTERNATIVES:
                yield from self._children(_alternative(child))

    def _table(self, table: Element) -> Iterator[Block]:
        for row in _within(table, "tr"):
            cells = [[block for block in self._children(cell) if clean(block.text)] for cell in _within(row, "tc")]
            yield from table_row(cells)

    def _paragraph(self, paragraph: Element) -> Iterator[Block]:
        properties = paragraph.find(f"{_W}pPr")
        style = self._styles.get(_value(properties, "pStyle"), self._styles.get("", _Style()))
        line = _Line()
        for child in paragraph:
            self._inline(child, style, line)
        yield from _as_blocks(line, style, properties)
        for box in line.boxes:
            yield from self._children(box)
        for kind, number in line.notes:
            note = self._notes[kind].get(number)
            if note is not None:
                yield from self._children(note)

    def _inline(self, node: Element, style: _Style, line: _Line) -> None:
        tag = node.tag
        if tag in _DELETED:
            return
        if tag == f"{_W}r":
            self._run(node, style, line)
        elif tag == f"{_W}txbxContent":
            line.boxes.append(node)
        elif tag == _ALTERNATIVES:
            self._inline(_alternative(node), style, line)
        elif tag != f"{_W}pPr":
            for child in node:
                self._inline(child, style, line)

    def _run(self, run: Element, style: _Style, line: _Line) -> None:
        properties = run.find(f"{_W}rPr")
        if _switched_on(properties, "vanish", False):
            return
        before = len(line.text)
        for child in run:
            if child.tag in _NOTES:
                line.notes.append((_NOTES[child.tag], child.get(f"{_W}id", "")))
            elif child.tag in _DELETED:
                continue
            elif (character := _character(child)) is not None:
                line.text.append(character)
            else:
                self._inline(child, style, line)
        if any(text.strip() for text in line.text[before:]):
            run_style = self._styles.get(_value(properties, "rStyle"), style)
            line.bold &= _switched_on(properties, "b", run_style.bold or style.bold)
            line.capitals &= _switched_on(properties, "caps", style.capitals)


def _character(node: Element) -> str | None:
    """What a child of a run stands for; None for what has children of its own."""
    match node.tag.removeprefix(_W):
        case "t":
            return node.text or ""
        case "tab" | "ptab":
            return "\t"
        case "br" | "cr":
            return _BREAK
        case "noBreakHyphen":
            return "-"
        case "sym":
            return _symbol(node.get(f"{_W}char", ""))
        case _:
            return None


def _symbol(code: str) -> str:
    try:
        return chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""


def _as_blocks(line: _Line, style: _Style, properties: Element | None) -> Iterator[Block]:
    text = "".join(line.text)
    if not text.strip():
        return
    listed = _is_listed(properties, style)
    level = _outline(properties) or style.level
    if level is not None:
        yield Block(kind="heading", text=text.replace(_BREAK, " "), level=level)
    elif listed:
        yield Block(kind="item", text=without_mark(text.replace(_BREAK, " ").strip())[0])
    elif could_head(clean(text)) and _BREAK not in text and (line.bold or line.capitals or is_capitals(text)):
        yield Block(kind="heading", text=text, level=_LOOKS_LEVEL)
    else:
        yield from (written(part) for part in text.split(_BREAK))


def _is_listed(properties: Element | None, style: _Style) -> bool:
    numbering = properties.find(f"{_W}numPr") if properties is not None else None
    return style.listed if numbering is None else _value(numbering, "numId") not in ("", "0")


def _outline(properties: Element | None) -> int | None:
    """The level of a heading: Word counts from 0, and 9 is body text."""
    value = _value(properties, "outlineLvl")
    return int(value) + 1 if value.isdigit() and int(value) < 9 else None


def _styles(root: Element | None) -> dict[str, _Style]:
    """Styles by id; the one of plain paragraphs also under the empty id."""
    if root is None:
        return {}
    nodes = {each.get(f"{_W}styleId", ""): each for each in root.iter(f"{_W}style")}
    found = {name: _style(name, nodes) for name in nodes}
    for name, node in nodes.items():
        if node.get(f"{_W}type") == "paragraph" and node.get(f"{_W}default") in ("1", "true"):
            found[""] = found[name]
    return found


def _style(name: str, nodes: dict[str, Element]) -> _Style:
    """A style with what it inherits; styles that inherit from each other in a circle end where it closes."""
    chain: list[Element] = []
    while name in nodes and nodes[name] not in chain:
        chain.append(nodes[name])
        name = _value(nodes[name], "basedOn")
    style = _Style()
    for node in reversed(chain):
        paragraph, text = node.find(f"{_W}pPr"), node.find(f"{_W}rPr")
        style = _Style(
            level=_outline(paragraph) or _named_level(_value(node, "name")) or style.level,
            listed=_is_listed(paragraph, style),
            bold=_switched_on(text, "b", style.bold),
            capitals=_switched_on(text, "caps", style.capitals),
        )
    return style


def _named_level(name: str) -> int | None:
    found = _HEADING_NAME.fullmatch(name.lower())
    return int(found[1]) if found else 1 if name.lower() == "title" else None


def _value(parent: Element | None, name: str) -> str:
    node = parent.find(f"{_W}{name}") if parent is not None else None
    return node.get(f"{_W}val", "") if node is not None else ""


def _switched_on(properties: Element | None, name: str, otherwise: bool) -> bool:
    node = properties.find(f"{_W}{name}") if properties is not None else None
    return otherwise if node is None else node.get(f"{_W}val", "1") not in ("0", "false", "off", "none")


def _within(parent: Element, name: str) -> Iterable[Element]:
    """Rows of a table or cells of a row, also those inside content controls and insertions."""
    for child in parent:
        if child.tag == f"{_W}{name}":
            yield child
        elif child.tag in _TRANSPARENT:
            yield from _within(child, name)


def _alternative(node: Element) -> Element:
    """What current versions of Word show, of several versions of the same thing; without one, what old ones do."""
    return node[0] if len(node) else node
