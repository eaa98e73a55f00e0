"""What all readers share: clean text, list marks, lines that look like headings, and the limit on what is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from contracts.documents.understanding import MAX_DOCUMENT_TEXT
from contracts.vocabulary.document import MediaType

from documents.parsed import Block, BlockKind, Parsed
from documents.parsing.errors import empty

MAX_BLOCKS = 20_000
"""Blocks of a document that are read."""
PER_BLOCK = 4
"""Characters that `Parsed.text` adds to a block at most: a list mark, a line break and an empty line."""
HEADING_LENGTH = 70
"""Characters of the longest line that may look like a heading."""
HEADING_WORDS = 8

BULLETS = "-*+•‣▪▫◦●○■□◆◇❖➢➤►▸✓✔·\u2013\u2014∙\u2043\uf0b7\uf0a7\uf0d8\uf076\uf0fc\uf02d\uf0e0\u25fe\u25aa"
"""What lists are marked with; those in the private area are of Symbol and Wingdings, as word processors write them."""
_SENTENCE_ENDS = ".,;!?。、，；！？।"  # noqa: RUF001
_MARK = re.compile(rf"(?:[{re.escape(BULLETS)}]|\(?\d{{1,2}}[.)]|\(?[a-z]\))(?:\s+|$)")
_GLUED_MARK = re.compile(r"[•‣▪◦●■➢►\uf0b7\uf0a7](?=\S)")
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_INVISIBLE = {ord(char): None for char in "\u00ad\ufeff\u200b\u2060\ufffe\uffff"}
# Fonts of Chinese and Japanese often map characters to the look-alikes that stand for radicals.
_RADICALS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_CONTROLS: dict[int, str | None] = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)])
_BREAKS = {ord(char): " " for char in "\n\r\v\f\x85\u2028\u2029"}
_TRANSLATION = _CONTROLS | _INVISIBLE | _LIGATURES | _RADICALS | _BREAKS | {0x09: "\t"}
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\t]+")
_TABS = re.compile(r" *\t[ \t]*")


class Content(NamedTuple):
    """What a reader finds: the number of pages, and blocks whose text need not be clean yet."""

    blocks: Iterable[Block]
    pages: int = 1


def clean(text: str) -> str:
    """One line of text: composed (NFC), ligatures spelt out, without control characters and runs of space.

    Tabs stay: they part what stands apart on a line. Everything else that can be seen stays, in every script.
    """
    text = _SURROGATES.sub("\ufffd", text.translate(_TRANSLATION))
    return unicodedata.normalize("NFC", _TABS.sub("\t", _SPACES.sub(" ", text)).strip())


def without_mark(text: str) -> tuple[str, bool]:
    """`text` without the mark of a list item at its start, and whether there was one."""
    found = _MARK.match(text) or _GLUED_MARK.match(text)
    return (text[found.end() :].lstrip(), True) if found else (text, False)


def is_mark(text: str) -> bool:
    """`text` is the mark of a list item and nothing else."""
    return bool(_MARK.fullmatch(text.strip()))


def could_head(text: str) -> bool:
    """`text` is as short as a heading and does not end like a sentence, so that bold or large type makes it one."""
    return (
        0 < len(text) <= HEADING_LENGTH
        and len(text.split()) <= HEADING_WORDS
        and "\t" not in text
        and text[-1] not in _SENTENCE_ENDS
        and any(char.isalpha() for char in text)
    )


def is_capitals(text: str) -> bool:
    """`text` is set in capitals throughout, and long enough for that to mean something."""
    letters = [char for char in text if char.isalpha()]
    cased = [char for char in letters if char.isupper() or char.islower()]
    return len(cased) >= 4 and len(cased) == len(letters) and all(char.isupper() for char in cased)


def parsed_from(content: Content, media_type: MediaType) -> Parsed:
    """Cleaned blocks up to the limits. Raises Unreadable when there is no word in them."""
    kept: list[Block] = []
    room = MAX_DOCUMENT_TEXT
    truncated = False
    for block in _cleaned(content.blocks):
        size = len(block.text) + PER_BLOCK
        if size > room or len(kept) == MAX_BLOCKS:
            truncated = True
            if room > PER_BLOCK and len(kept) < MAX_BLOCKS:
                kept.append(block.model_copy(update={"text": block.text[: room - PER_BLOCK].rstrip()}))
            break
        kept.append(block)
        room -= size
    if not any(char.isalnum() for block in kept for char in block.text):
        raise empty()
    return Parsed(media_type=media_type, pages=content.pages, blocks=tuple(kept), truncated=truncated)


def _cleaned(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        text = clean(block.text)
        if text:
            yield block if text == block.text else block.model_copy(update={"text": text})


def written(text: str, *, page: int = 1, kind: BlockKind = "paragraph") -> Block:
    """A block of a line as somebody typed it: one that starts with a list mark is an item."""
    rest, marked = without_mark(text.strip())
    if marked and rest and kind == "paragraph":
        return Block(kind="item", text=rest, page=page)
    return Block(kind=kind, text=text, page=page)


def table_row(cells: Sequence[Sequence[Block]]) -> Iterator[Block]:
    """The blocks of one row of a table.

    A row is one block with its cells parted by tabs. But tables also serve to lay out whole pages, with a sidebar in
    one cell: a row with several blocks in a cell is read cell by cell.
    """
    filled = [cell for cell in cells if cell]
    if len(filled) > 1 and all(len(cell) == 1 for cell in filled):
        yield Block(kind="row", text="\t".join(clean(cell[0].text).replace("\t", " ") for cell in filled))
    else:
        for cell in filled:
            yield from cell
