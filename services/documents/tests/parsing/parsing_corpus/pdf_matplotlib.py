"""PDF files made by Matplotlib, which places each line on its own, and uses fonts of type 3 unless told otherwise."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from io import BytesIO
from typing import Literal

import matplotlib as mpl
from documents.parsed import Block
from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
from matplotlib.figure import Figure

_SIZES = {1: 18, 2: 13, 3: 11}
_LINES = 46


def single(blocks: Sequence[Block], *, fonts: Literal[3, 42] = 3) -> bytes:
    """As many pages as are needed."""
    lines = [line for block in blocks for line in _lines(block)]
    out = BytesIO()
    with mpl.rc_context({"pdf.fonttype": fonts}), PdfPages(out) as pages:
        for start in range(0, len(lines), _LINES):
            figure = Figure(figsize=(8.27, 11.69))
            FigureCanvasPdf(figure)
            for number, (text, size, weight) in enumerate(lines[start : start + _LINES]):
                for x, cell in zip((0.08, 0.35, 0.6), text.split("\t"), strict=False):
                    figure.text(x, 0.94 - number * 0.02, cell, fontsize=size, fontweight=weight, parse_math=False)
            pages.savefig(figure)
    return out.getvalue()


def _lines(block: Block) -> list[tuple[str, float, str]]:
    if block.kind == "heading":
        return [(block.text, _SIZES[block.level or 3], "bold")]
    if block.kind == "row":
        return [(block.text, 10, "normal")]
    marked = f"• {block.text}" if block.kind == "item" else block.text
    return [
        (line, 10, "normal")
        for line in textwrap.wrap(marked, 84, subsequent_indent="" if marked == block.text else "   ")
    ]
