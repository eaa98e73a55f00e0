"""PDF files made by fpdf2."""

from __future__ import annotations

from collections.abc import Sequence

from documents.parsed import Block
from fpdf import FPDF, XPos, YPos
from fpdf.bidi import BidiParagraph
from fpdf.enums import TextDirection

from parsing_corpus.fonts import BOLD, REGULAR
from parsing_corpus.sources import RIGHT_TO_LEFT, tables

_SIZES = {1: 20, 2: 14, 3: 12}


class _Document(FPDF):
    def __init__(self, header: str = "", footer: str = "") -> None:
        super().__init__()
        self._texts = header, footer
        self.add_font("DejaVu", "", REGULAR)
        self.add_font("DejaVu", "B", BOLD)
        self.set_font("DejaVu", size=10)

    def header(self) -> None:
        if self._texts[0]:
            self.set_font("DejaVu", size=8)
            self.cell(0, 8, self._texts[0], new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            self.set_font("DejaVu", size=10)

    def footer(self) -> None:
        if self._texts[1]:
            self.set_y(-15)
            self.set_font("DejaVu", size=8)
            self.cell(0, 8, f"{self._texts[1]} {self.page_no()}/{{nb}}", align="C")


def single(blocks: Sequence[Block], language: str) -> bytes:
    """One column."""
    return _written(_Document(), blocks, language)


def with_margins(blocks: Sequence[Block], language: str, header: str, footer: str) -> bytes:
    """Many pages, each with a header, and a footer with its number."""
    return _written(_Document(header, footer), blocks, language)


def sidebar(side: Sequence[Block], main: Sequence[Block], language: str) -> bytes:
    """A narrow coloured column at the left, and the main one beside it."""
    pdf = _Document()
    pdf.add_page()
    pdf.set_fill_color(225, 230, 240)
    pdf.rect(0, 0, 65, 297, style="F")
    for left, right, blocks in ((8, 148, side), (72, 12, main)):
        pdf.set_margins(left, 15, right)
        pdf.set_xy(left, 15)
        _write(pdf, blocks, language)
    return bytes(pdf.output())


def table(rows: Sequence[Block]) -> bytes:
    """A table with lines around its cells."""
    pdf = _Document()
    pdf.add_page()
    with pdf.table(first_row_as_headings=False) as grid:
        for row in rows:
            grid.row(row.text.split("\t"))
    return bytes(pdf.output())


def encrypted(text: str, user: str, owner: str) -> bytes:
    """Encrypted with a password to open it, which may be empty, and one to change it."""
    pdf = FPDF()
    pdf.set_encryption(owner_password=owner, user_password=user)
    pdf.add_page()
    pdf.set_font("Helvetica", size=12)
    pdf.multi_cell(0, 6, text)
    return bytes(pdf.output())


def _written(pdf: _Document, blocks: Sequence[Block], language: str) -> bytes:
    pdf.add_page()
    _write(pdf, blocks, language)
    return bytes(pdf.output())


def _write(pdf: FPDF, blocks: Sequence[Block], language: str) -> None:
    backwards = language in RIGHT_TO_LEFT

    def say(text: str, height: float) -> None:
        lines = _turned_round(pdf, text) if backwards else text
        pdf.multi_cell(0, height, lines, align="R" if backwards else "L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    for is_table, run in tables(blocks):
        if is_table:
            _rows(pdf, run, backwards)
            continue
        for block in run:
            if block.kind == "heading":
                pdf.set_font("DejaVu", "B", _SIZES[block.level or 3])
                say(block.text, 9)
                pdf.set_font("DejaVu", "", 10)
            else:
                say(f"• {block.text}" if block.kind == "item" else block.text, 5.5)


def _turned_round(pdf: FPDF, text: str) -> str:
    """The lines in the order in which they are seen, as simple programs draw them."""
    lines = pdf.multi_cell(0, 5.5, text, dry_run=True, output="LINES")
    return "\n".join(_seen(line) for line in lines)


def _seen(line: str) -> str:
    return BidiParagraph(text=line, base_direction=TextDirection.RTL).get_reordered_string()


def _rows(pdf: FPDF, rows: Sequence[Block], backwards: bool) -> None:
    side = "R" if backwards else "L"
    with pdf.table(first_row_as_headings=False, borders_layout="NONE", text_align=side, align=side) as grid:
        for row in rows:
            cells = row.text.split("\t")
            grid.row([_seen(cell) for cell in reversed(cells)] if backwards else cells)
    pdf.set_x(pdf.l_margin)
