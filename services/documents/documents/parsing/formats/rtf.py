"""Rich Text Format."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from documents.parsed import Block
from documents.parsing.blocks import Content, clean, could_head, is_capitals, table_row, without_mark, written
from documents.parsing.errors import Unreadable, broken, too_complex

_TOKEN = re.compile(
    r"\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
_MAX_DEPTH = 500
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
"""Codecs by the number of a font's charset."""
_CHARACTERS = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "\u2013", "bullet": "•", "lquote": "\u2018", "rquote": "\u2019",
    "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ", "qmspace": " ",
}  # fmt: skip
_SYMBOLS = {"~": " ", "_": "-", "\\": "\\", "{": "{", "}": "}"}
_UNREAD = set(
    "colortbl info pict nonshppict object shprslt fldinst themedata datastore xmlnstbl listtable listoverridetable"
    " revtbl rsidtbl generator annotation atnid atnauthor bkmkstart bkmkend operator filetbl pn".split()
)
_STARRED_BUT_READ = {"shpinst", "shptxt", "footnote"}
_MARKED = {"listtext", "pntext"}
_ASIDE = {"footnote", "shptxt", "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"}
_HEADING_NAME = re.compile(r"heading (\d)", re.IGNORECASE)
_LOOKS_LEVEL = 3


@dataclass(frozen=True)
class _State:
    """What holds within a group. `unicode_skip`: how many characters after a `\\u` only repeat it for old readers."""

    codec: str = "cp1252"
    unicode_skip: int = 1
    hidden: bool = False
    bold: bool = False
    capitals: bool = False
    place: str = "body"
    starred: bool = False


@dataclass
class _Paragraph:
    text: list[str] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    """Bytes not decoded yet: a character can be made of two."""
    codec: str = "cp1252"
    bold: bool = True
    item: bool = False
    level: int | None = None
    in_table: bool = False


def read(data: bytes) -> Content:
    """The text with its tables, notes and text boxes; deleted and hidden text is not read.

    Raises Unreadable: `unsupported` when any other file is packed inside, `too_complex` when groups are nested too
    deeply, `broken` when it ends before its groups do in the middle of nowhere.
    """
    if b"\\objclass Package" in data or b"\\objclass package" in data:
        raise Unreadable("unsupported", "This file carries another file. Please save it as PDF and upload that.")
    return Content(_Reader(data.decode("latin-1")).blocks())


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = source
        self._state = _State()
        self._stack: list[_State] = []
        self._paragraphs = [_Paragraph()]
        self._aside: list[Block] = []
        self._cells: list[list[Block]] = [[]]
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._style = 0
        self._heading_styles: dict[int, int] = {}
        self._default = "cp1252"
        self._skip = 0

    def blocks(self) -> Iterator[Block]:
        position = 0
        while found := _TOKEN.match(self._source, position):
            position = found.end()
            code, word, number, symbol, brace, text = found.groups()
            if brace == "{":
                self._open()
            elif brace == "}":
                yield from self._close()
                if not self._stack:
                    break
            elif word == "bin":
                position += max(int(number or 0), 0)
            elif word:
                yield from self._control(word, int(number) if number else None)
            elif code:
                self._bytes(bytes([int(code, 16)]))
            elif symbol:
                self._symbol(symbol)
            elif text:
                self._bytes(text.encode("latin-1"))
        if position == 0:
            raise broken("RTF")
        yield from self._end_paragraph()
        yield from self._end_row()

    def _open(self) -> None:
        if len(self._stack) > _MAX_DEPTH:
            raise too_complex()
        self._stack.append(self._state)

    def _close(self) -> Iterator[Block]:
        inner = self._state
        self._state = self._stack.pop() if self._stack else _State()
        self._use_codec()
        if inner.place in _ASIDE and self._state.place != inner.place:
            aside = list(self._take())
            self._paragraphs.pop()
            if self._paragraphs[-1].text or self._paragraphs[-1].raw:
                self._aside += aside
            else:
                yield from aside

    def _control(self, word: str, number: int | None) -> Iterator[Block]:
        if word in ("par", "sect", "page"):
            yield from self._end_paragraph()
        elif word in ("cell", "nestcell"):
            self._paragraph.in_table = True
            yield from self._end_paragraph()
            self._cells.append([])
        elif word in ("row", "nestrow"):
            yield from self._end_row()
        elif word in _CHARACTERS:
            self._say(_CHARACTERS[word])
        elif word == "u" and number is not None:
            self._say(chr(number % 0x10000))
            self._skip = self._state.unicode_skip
        elif word == "pard":
            self._paragraph.in_table = self._paragraph.item = False
            self._paragraph.level = None
            self._style = 0
        elif not self._destination(word):
            self._format(word, number)

    def _destination(self, word: str) -> bool:
        """Whether `word` begins a part of the file that is not the text around it."""
        starred = self._state.starred
        self._state = replace(self._state, starred=False)
        if word in _MARKED:
            self._paragraph.item = True
            self._state = replace(self._state, place="unread")
        elif word in _UNREAD or (starred and word not in _STARRED_BUT_READ):
            self._state = replace(self._state, place="unread")
        elif word in ("fonttbl", "stylesheet"):
            self._state = replace(self._state, place=word)
        elif word in _ASIDE and self._state.place != "unread":
            self._state = replace(self._state, place=word)
            self._paragraphs.append(_Paragraph())
        else:
            return False
        return True

    def _format(self, word: str, number: int | None) -> None:
        on = number != 0
        if word == "f":
            self._font = number or 0
            self._state = replace(self._state, codec=self._fonts.get(self._font, self._default))
            self._use_codec()
        elif word == "fcharset" and self._state.place == "fonttbl":
            self._fonts[self._font] = _CHARSETS.get(number or 0, self._default)
        elif word == "ansicpg" and number:
            self._default = _known(f"cp{number}")
            self._state = replace(self._state, codec=self._default)
        elif word in ("mac", "pc", "pca"):
            self._default = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
            self._state = replace(self._state, codec=self._default)
        elif word == "uc":
            self._state = replace(self._state, unicode_skip=number or 0)
        elif word in ("v", "deleted"):
            self._state = replace(self._state, hidden=on)
        elif word == "b":
            self._state = replace(self._state, bold=on)
        elif word == "caps":
            self._state = replace(self._state, capitals=on)
        elif word == "plain":
            self._state = replace(self._state, bold=False, capitals=False, hidden=False)
        elif word == "intbl":
            self._paragraph.in_table = True
        elif word == "ls":
            self._paragraph.item = True
        elif word == "s":
            self._style = number or 0
            self._paragraph.level = self._heading_styles.get(self._style)
        elif word == "outlinelevel" and number is not None and number < 9:
            self._paragraph.level = number + 1

    def _symbol(self, symbol: str) -> None:
        if symbol == "*":
            self._state = replace(self._state, starred=True)
        elif symbol in _SYMBOLS:
            self._say(_SYMBOLS[symbol])
        elif symbol in "\r\n":
            self._say("\n")

    @property
    def _paragraph(self) -> _Paragraph:
        return self._paragraphs[-1]

    def _readable(self) -> bool:
        return self._state.place in _ASIDE | {"body"} and not self._state.hidden

    def _use_codec(self) -> None:
        if self._paragraph.codec != self._state.codec:
            self._decode()
            self._paragraph.codec = self._state.codec

    def _decode(self) -> None:
        paragraph = self._paragraph
        if paragraph.raw:
            paragraph.text.append(bytes(paragraph.raw).decode(paragraph.codec, "replace"))
            paragraph.raw.clear()

    def _bytes(self, raw: bytes) -> None:
        skipped = min(self._skip, len(raw))
        self._skip -= skipped
        raw = raw[skipped:]
        if self._state.place == "stylesheet":
            found = _HEADING_NAME.search(raw.decode("latin-1"))
            if found:
                self._heading_styles[self._style] = int(found[1])
        elif raw and self._readable():
            self._use_codec()
            self._paragraph.raw += raw.upper() if self._state.capitals and raw.isascii() else raw
            self._paragraph.bold &= self._state.bold or not raw.strip()

    def _say(self, text: str) -> None:
        if self._readable():
            self._decode()
            self._paragraph.text.append(text)
            self._paragraph.bold &= self._state.bold or not text.strip()

    def _take(self) -> Iterator[Block]:
        """The blocks of the current paragraph, which is empty afterwards."""
        self._decode()
        done = self._paragraph
        # Two surrogates in a row are one character beyond the first 65,536.
        text = "".join(done.text).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        self._paragraphs[-1] = _Paragraph(codec=done.codec, item=done.item, level=done.level, in_table=done.in_table)
        if not text.strip():
            return
        if done.level is not None:
            yield Block(kind="heading", text=text.replace("\n", " "), level=done.level)
        elif done.item:
            yield Block(kind="item", text=without_mark(text.replace("\n", " ").strip())[0])
        elif "\n" not in text and could_head(clean(text)) and (done.bold or is_capitals(text)):
            yield Block(kind="heading", text=text, level=_LOOKS_LEVEL)
        else:
            yield from (written(line) for line in text.split("\n"))

    def _end_paragraph(self) -> Iterator[Block]:
        if self._state.place not in _ASIDE | {"body"}:
            return
        in_table = self._paragraph.in_table
        blocks = [*self._take(), *self._aside]
        self._aside = []
        self._paragraph.item = False
        if self._state.place in _ASIDE:
            self._aside += blocks
        elif in_table:
            self._cells[-1] += blocks
        else:
            yield from blocks

    def _end_row(self) -> Iterator[Block]:
        cells, self._cells = self._cells, [[]]
        yield from table_row(cells)


def _known(codec: str) -> str:
    try:
        return codecs.lookup(codec).name
    except LookupError:
        return "cp1252"
