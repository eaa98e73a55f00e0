"""PDF files made by ReportLab."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from io import BytesIO
from xml.sax.saxutils import escape

from documents.parsed import Block
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from parsing_corpus.fonts import BOLD, REGULAR
from parsing_corpus.sources import tables

WIDTH, HEIGHT = A4
MARGIN = 50
_FONTS = {"zh": "STSong-Light", "ja": "HeiseiMin-W3", "ko": "HYSMyeongJo-Medium"}
_SIZES = {1: 20, 2: 14, 3: 11.5}


@cache
def _font(language: str) -> tuple[str, str]:
    """The names of the plain and the bold font; those of East Asia are not in the file, which is common there."""
    if language in _FONTS:
        pdfmetrics.registerFont(UnicodeCIDFont(_FONTS[language]))
        return _FONTS[language], _FONTS[language]
    if language in ("en", "de", "es", "fr"):
        return "Helvetica", "Helvetica-Bold"
    pdfmetrics.registerFont(TTFont("DejaVu", REGULAR))
    pdfmetrics.registerFont(TTFont("DejaVu-Bold", BOLD))
    return "DejaVu", "DejaVu-Bold"


def _flowables(blocks: Sequence[Block], language: str, width: float) -> list[Flowable]:
    plain, bold = _font(language)
    wrap = "CJK" if language in ("zh", "ja") else None
    body = ParagraphStyle("body", fontName=plain, fontSize=10, leading=13, spaceAfter=4, wordWrap=wrap)
    item = ParagraphStyle("item", parent=body, leftIndent=14, bulletIndent=2)
    made: list[Flowable] = []
    for is_table, run in tables(blocks):
        if is_table:
            cells = [[Paragraph(escape(cell), body) for cell in row.text.split("\t")] for row in run]
            made.append(Table(cells, colWidths=[width * 0.5, width * 0.5]))
            continue
        for block in run:
            text = escape(block.text)
            if block.kind == "heading":
                size = _SIZES[block.level or 3]
                head = ParagraphStyle("head", fontName=bold, fontSize=size, leading=size * 1.2, spaceAfter=4)
                made.append(Paragraph(text, head))
            elif block.kind == "item":
                made.append(Paragraph(text, item, bulletText="•"))
            else:
                made.append(Paragraph(text, body))
    return made


def single(blocks: Sequence[Block], language: str) -> bytes:
    """One column."""
    frame = Frame(MARGIN, MARGIN, WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN)
    return _built([frame], _flowables(blocks, language, WIDTH - 2 * MARGIN - 12))


def two_columns(left: Sequence[Block], right: Sequence[Block], language: str, share: float = 0.5) -> bytes:
    """Two columns; `share` of the width is for the left one."""
    room = WIDTH - 2 * MARGIN - 20
    widths = room * share, room * (1 - share)
    frames = [
        Frame(MARGIN, MARGIN, widths[0], HEIGHT - 2 * MARGIN),
        Frame(MARGIN + widths[0] + 20, MARGIN, widths[1], HEIGHT - 2 * MARGIN),
    ]
    columns = [_flowables(blocks, language, width - 12) for blocks, width in zip((left, right), widths, strict=True)]
    return _built(frames, [*columns[0], FrameBreak(), *columns[1]])


def with_margins(blocks: Sequence[Block], language: str, header: str, footer: str) -> bytes:
    """Many pages, each with a header, a footer and its number."""

    def draw(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.setFont(_font(language)[0], 8)
        canvas.drawString(MARGIN, HEIGHT - 30, header)
        canvas.drawString(MARGIN, 25, footer)
        canvas.drawRightString(WIDTH - MARGIN, 25, f"Page {document.page}")

    frame = Frame(MARGIN, MARGIN, WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN)
    return _built([frame], _flowables(blocks, language, WIDTH - 2 * MARGIN - 12), draw)


def ruled_table(rows: Sequence[Block], language: str) -> bytes:
    """A table with lines around its cells."""
    plain, _ = _font(language)
    table = Table([row.text.split("\t") for row in rows], style=[("GRID", (0, 0), (-1, -1), 0.5, "black")])
    table.setStyle([("FONTNAME", (0, 0), (-1, -1), plain)])
    frame = Frame(MARGIN, MARGIN, WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN)
    return _built([frame], [table, Spacer(1, 20)])


def lines(texts: Sequence[str], font: str = "Helvetica", size: float = 11, leading: float = 14) -> bytes:
    """Lines exactly as they are given, under one another."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    if font == "DejaVu":
        _font("ru")
    canvas.setFont(font, size)
    for number, text in enumerate(texts):
        canvas.drawString(MARGIN, HEIGHT - 2 * MARGIN - number * leading, text)
    canvas.save()
    return out.getvalue()


def dated_jobs(jobs: Sequence[tuple[str, str]]) -> bytes:
    """Lines with dates at the right margin, as many résumés have them: rows, not columns."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    canvas.setFont("Helvetica", 11)
    for number, (job, dates) in enumerate(jobs):
        y = HEIGHT - 2 * MARGIN - number * 16
        canvas.drawString(MARGIN, y, job)
        canvas.drawRightString(WIDTH - MARGIN, y, dates)
    canvas.save()
    return out.getvalue()


def interleaved(left: Sequence[str], right: Sequence[str], offset: float, at: float = 320) -> bytes:
    """Two columns, drawn line by line from top to bottom; those of the right one begin at `at`, `offset` lower."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    canvas.setFont("Helvetica", 10)
    places = [(MARGIN, 2 * MARGIN + number * 13, text) for number, text in enumerate(left)]
    places += [(at, 2 * MARGIN + offset + number * 13, text) for number, text in enumerate(right)]
    for x, down, text in sorted(places, key=lambda place: place[1]):
        canvas.drawString(x, HEIGHT - down, text)
    canvas.save()
    return out.getvalue()


def turned(texts: Sequence[str], degrees: int) -> bytes:
    """Lines on a page that is turned by a multiple of 90 degrees, so that they read upright."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    canvas.setPageRotation(degrees)
    moves = {90: (WIDTH, 0), 180: (WIDTH, HEIGHT), 270: (0, HEIGHT)}
    canvas.translate(*moves[degrees])
    canvas.rotate(degrees)
    height = WIDTH if degrees % 180 else HEIGHT
    canvas.setFont("Helvetica", 11)
    for number, text in enumerate(texts):
        canvas.drawString(MARGIN, height - 2 * MARGIN - number * 14, text)
    canvas.save()
    return out.getvalue()


def _built(
    frames: list[Frame],
    story: list[Flowable],
    draw: Callable[[Canvas, BaseDocTemplate], None] = lambda canvas, document: None,
) -> bytes:
    out = BytesIO()
    document = BaseDocTemplate(out, pagesize=A4, invariant=True)
    document.addPageTemplates(PageTemplate(frames=frames, onPage=draw))
    document.build(story)
    return out.getvalue()
