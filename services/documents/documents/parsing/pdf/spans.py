"""The characters of a PDF page, joined to spans: pieces of a line without wide gaps, each with its place.

Coordinates are points; x grows along the direction of the text and y downwards. Pages whose text runs from right to
left are mirrored, so that everything after this reads from left to right.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from unicodedata import combining

import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
from contracts.documents.understanding import MAX_DOCUMENT_TEXT

from documents.parsing.blocks import is_mark
from documents.parsing.pdf.bidi import is_right_to_left, logical

WIDE_GAP = 1.1
"""Widths of an m: text that is further apart belongs to different cells or columns."""
SPACE = 0.12
"""Shares of the font size from which on a gap is a space."""
_MARK_GAP = 3.5
"""As WIDE_GAP, between the mark of an item and its text."""
_SAME_LINE = 0.35
"""Shares of the font size by which characters of a line may stand above one another."""
_BOLD_WEIGHT = 600
_BOLD_NAMES = ("bold", "black", "heavy", "semibold", "demi")
_NAME_SIZE = 128
_MOST_CHARACTERS = 2 * MAX_DOCUMENT_TEXT
"""Characters of a page that are read."""
_LINE_END_HYPHEN = "\x02"
"""How PDFium writes a hyphen at which a word is broken."""
_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)


@dataclass(slots=True)
class Span:
    """A piece of a line. `y` is its baseline; `order` says when the file draws it."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    order: int


@dataclass(slots=True)
class _Char:
    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    order: int
    origin: tuple[float, float] = (0, 0)
    """Where it is drawn: the same place for all characters that one sign of the font stands for."""


@dataclass(frozen=True)
class PageText:
    """The spans of a page by the direction they run in, the most used direction first. `unmapped`: characters of which
    the file does not say what they mean."""

    directions: tuple[tuple[Span, ...], ...]
    width: float
    height: float
    characters: int
    unmapped: int


@dataclass
class _Builder:
    """Joins characters to spans."""

    spans: list[Span] = field(default_factory=list)
    chars: list[_Char] = field(default_factory=list)
    space: bool = False

    def add(self, char: _Char) -> None:
        if self.chars and not self._joins(char):
            self.end()
        if self.space and self.chars:
            self.chars.append(_Char(" ", self.chars[-1].x1, self.chars[-1].x1, char.y, 0, char.bold, char.order))
        self.space = False
        self.chars.append(char)

    def _joins(self, char: _Char) -> bool:
        last = self.chars[-1]
        size = max(char.size, last.size)
        gap = max(char.x0 - last.x1, last.x0 - char.x1)
        allowed = WIDE_GAP
        if len(self.chars) <= 3 and is_mark("".join(each.text for each in self.chars)):
            allowed = _MARK_GAP
        return abs(char.y - last.y) <= _SAME_LINE * size and gap <= allowed * size

    def end(self) -> None:
        chars, self.chars, self.space = self.chars, [], False
        if not chars:
            return
        seen = [each for each in chars if each.text != " "]
        self.spans.append(
            Span(
                text="".join(each.text for each in chars),
                x0=min(each.x0 for each in seen),
                x1=max(each.x1 for each in seen),
                y=Counter(round(each.y, 1) for each in seen).most_common(1)[0][0],
                size=round(max(each.size for each in seen), 1),
                bold=all(each.bold for each in seen),
                order=min(each.order for each in seen),
            )
        )


def page_text(textpage: pdfium.FPDF_TEXTPAGE, width: float, height: float) -> PageText:
    """All text of a page. `width` and `height` are those of the page as it is stored, before it is turned."""
    drawn: dict[int, list[_Char | None]] = {}
    unmapped = characters = 0
    active: list[_Char | None] | None = None
    for item in _characters(textpage):
        if item is None:
            if active:
                active.append(None)
            continue
        turn, char, mapped = item
        characters += 1
        unmapped += not mapped
        active = drawn.setdefault(turn, [])
        active.append(char)
    most_used = sorted(drawn, key=lambda turn: -sum(char is not None for char in drawn[turn]))
    sideways = bool(most_used) and most_used[0] % 2 == 1
    return PageText(
        directions=tuple(tuple(_spans(drawn[turn])) for turn in most_used),
        width=height if sideways else width,
        height=width if sideways else height,
        characters=characters,
        unmapped=unmapped,
    )


def _spans(drawn: Sequence[_Char | None]) -> list[Span]:
    """The spans of characters as they are drawn; None is a space."""
    if is_right_to_left("".join(char.text for char in drawn if char)):
        return _mirrored_spans([char for char in drawn if char])
    builder = _Builder()
    for char in drawn:
        if char is None:
            builder.space = True
        else:
            builder.add(char)
    builder.end()
    return builder.spans


def _mirrored_spans(chars: Sequence[_Char]) -> list[Span]:
    """The spans of a page that is read from right to left.

    Files differ in the order in which they draw such text, and PDFium turns some of it round. So only places count.
    """
    builder = _Builder()
    for line in _visual_lines(_signs(chars)):
        for before, char in zip([None, *line], line, strict=False):
            builder.space = before is not None and char.x0 - before.x1 > SPACE * char.size
            builder.add(char)
        builder.end()
    for span in builder.spans:
        span.text = logical(span.text)
        span.x0, span.x1 = -span.x1, -span.x0
    return builder.spans


def _signs(chars: Sequence[_Char]) -> list[_Char]:
    """Characters, but one for each sign of the font: PDFium gives each a share of its width, in any order."""
    drawn: dict[tuple[float, float], list[_Char]] = {}
    for char in chars:
        drawn.setdefault(char.origin, []).append(char)
    for first, *others in drawn.values():
        first.text = "".join(sorted((each.text for each in (first, *others)), key=lambda text: combining(text) > 0))
        first.x0 = min(each.x0 for each in (first, *others))
        first.x1 = max(each.x1 for each in (first, *others))
    return [chars[0] for chars in drawn.values()]


def _visual_lines(chars: Sequence[_Char]) -> Iterator[list[_Char]]:
    """The characters of each line from left to right, marks such as vowels with the letter they belong to."""
    lines: list[list[_Char]] = []
    for char in sorted(chars, key=lambda each: (each.y, each.order)):
        if lines and char.y - lines[-1][0].y <= _SAME_LINE * max(char.size, lines[-1][0].size):
            lines[-1].append(char)
        else:
            lines.append([char])
    for line in lines:
        marks = [char for char in line if combining(char.text[0])]
        letters = sorted((char for char in line if not combining(char.text[0])), key=lambda each: (each.x0, each.order))
        for mark in marks:
            middle = (mark.x0 + mark.x1) / 2
            nearest = min(letters, key=lambda each: abs(each.x0 + each.x1 - 2 * middle), default=None)
            if nearest is not None:
                nearest.text += mark.text
        yield letters


def _characters(textpage: pdfium.FPDF_TEXTPAGE) -> Iterator[tuple[int, _Char, bool] | None]:
    """None for a space; or a quarter turn, a character in coordinates turned back by it, and whether its meaning is
    known."""
    bold: dict[int | None, bool] = {}
    matrix, box = pdfium.FS_MATRIX(), pdfium.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    pending = 0
    for index in range(min(pdfium.FPDFText_CountChars(textpage), _MOST_CHARACTERS)):
        code = pdfium.FPDFText_GetUnicode(textpage, index)
        if code in (0x20, 0xA0, 0x0D, 0x0A, 0x09):
            yield None
            continue
        if code in _HIGH:
            pending = code
            continue
        if code in _LOW and pending:
            code = 0x10000 + ((pending - 0xD800) << 10) + (code - 0xDC00)
        pending = 0
        if pdfium.FPDFText_IsGenerated(textpage, index) == 1 or not pdfium.FPDFText_GetMatrix(textpage, index, matrix):
            continue
        pdfium.FPDFText_GetLooseCharBox(textpage, index, box)
        pdfium.FPDFText_GetCharOrigin(textpage, index, x, y)
        unit = pdfium.FPDFText_GetFontSize(textpage, index)
        drawn = pdfium.FPDFText_GetTextObject(textpage, index)
        key = ctypes.cast(drawn, ctypes.c_void_p).value
        if key not in bold:
            bold[key] = _is_bold(textpage, index)
        turn = round(math.atan2(matrix.b, matrix.a) / (math.pi / 2)) % 4
        left, right, baseline = _turned(turn, box, x.value, y.value)
        size = abs(unit) * (math.hypot(matrix.c, matrix.d) or 1)
        mapped = code not in (0, 0xFFFD, 0xFFFF) and pdfium.FPDFText_HasUnicodeMapError(textpage, index) != 1
        text = "-" if chr(code) == _LINE_END_HYPHEN else chr(code)
        yield turn, _Char(text, left, right, baseline, size, bold[key], index, (x.value, y.value)), mapped


def _turned(turn: int, box: pdfium.FS_RECTF, x: float, y: float) -> tuple[float, float, float]:
    """Left, right and baseline of a character after `turn` quarter turns are taken back; y then grows downwards."""
    match turn:
        case 0:
            return box.left, box.right, -y
        case 1:
            return box.bottom, box.top, x
        case 2:
            return -box.right, -box.left, y
        case _:
            return -box.top, -box.bottom, -x


def _is_bold(textpage: pdfium.FPDF_TEXTPAGE, index: int) -> bool:
    if pdfium.FPDFText_GetFontWeight(textpage, index) >= _BOLD_WEIGHT:
        return True
    name, flags = ctypes.create_string_buffer(_NAME_SIZE), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(textpage, index, name, _NAME_SIZE, flags)
    lowered = name.value.decode("utf-8", "replace").lower()
    return any(each in lowered for each in _BOLD_NAMES)
