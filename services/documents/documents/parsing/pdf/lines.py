"""Joins spans to lines, and finds the lines that only say which page it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from documents.parsing.pdf.spans import SPACE, WIDE_GAP, Span

_SAME_LINE = 0.35
"""Shares of the font size by which the baselines of a line may differ."""
_SPREAD_ALIKE = 0.5
"""Points by which the gaps of a justified line may differ."""
_WIDEST_SPREAD = 4.0
"""Font sizes between the words of a justified line."""
_MARGIN = 0.1
"""Share of the height of a page in which its header and its footer stand."""
_NUMBER = re.compile(r"[\W_]*(?:[^\W\d]{1,8}\.?\s*)?#(?:\s*(?:/|[^\W\d]{1,4}|-)\s*#)?[\W_]*")


@dataclass(frozen=True)
class Line:
    """A line of a column. `cells` are its parts where they are far from one another; `right` is where it may end."""

    cells: tuple[Span, ...]
    page: int
    right: float
    column: int
    """Counts the columns of the document."""

    @property
    def text(self) -> str:
        return "\t".join(cell.text for cell in self.cells)

    @property
    def x0(self) -> float:
        return self.cells[0].x0

    @property
    def x1(self) -> float:
        return self.cells[-1].x1

    @property
    def y(self) -> float:
        return self.cells[0].y

    @property
    def size(self) -> float:
        return max(cell.size for cell in self.cells)

    @property
    def bold(self) -> bool:
        return all(cell.bold for cell in self.cells)


def lines_of(spans: Sequence[Span], page: int, right: float, column: int) -> list[Line]:
    """The lines of a column from top to bottom."""
    rows: list[list[Span]] = []
    for span in sorted(spans, key=lambda each: (each.y, each.x0)):
        if rows and span.y - rows[-1][0].y <= _SAME_LINE * max(span.size, rows[-1][0].size):
            rows[-1].append(span)
        else:
            rows.append([span])
    return [Line(tuple(_cells(row)), page, right, column) for row in rows]


def _cells(row: list[Span]) -> list[Span]:
    """Spans from left to right, joined where there is no wide gap between them."""
    row = sorted(row, key=lambda each: each.x0)
    justified = _is_justified(row)
    cells: list[Span] = []
    for span in row:
        if cells and (justified or span.x0 - cells[-1].x1 <= WIDE_GAP * max(span.size, cells[-1].size)):
            cells[-1] = _joined(cells[-1], span)
        else:
            cells.append(span)
    return cells


def _is_justified(row: Sequence[Span]) -> bool:
    """Single words all as far from one another: a line that was spread to fill a narrow column."""
    gaps = [right.x0 - left.x1 for left, right in pairwise(row)]
    return (
        len(gaps) > 1
        and max(gaps) - min(gaps) <= _SPREAD_ALIKE
        and max(gaps) <= _WIDEST_SPREAD * max(span.size for span in row)
        and all(" " not in span.text for span in row)
    )


def _joined(left: Span, right: Span) -> Span:
    gap = " " if right.x0 - left.x1 > SPACE * right.size else ""
    return Span(
        text=left.text + gap + right.text,
        x0=left.x0,
        x1=max(left.x1, right.x1),
        y=left.y,
        size=max(left.size, right.size),
        bold=left.bold and right.bold,
        order=left.order,
    )


def without_margins(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[list[Line]]:
    """The lines of each page without page numbers, and without what the margins repeat, except where it is first."""
    margins = [_margin_lines(lines, height) for lines, height in zip(pages, heights, strict=True)]
    often = Counter(key for margin in margins for key in set(margin.values()))
    repeated = {key for key, count in often.items() if count > 1 and 2 * count >= len(pages)}
    seen: set[str] = set()
    kept: list[list[Line]] = []
    for number, (lines, margin) in enumerate(zip(pages, margins, strict=True), start=1):
        body: list[Line] = []
        for line in lines:
            key = margin.get(id(line), "")
            if _is_page_number(key, line.text, number, repeated) or (key in repeated and key in seen):
                continue
            seen.add(key)
            body.append(line)
        kept.append(body)
    return kept


def _margin_lines(lines: Sequence[Line], height: float) -> dict[int, str]:
    """The lines at the top and the bottom of a page by identity, with their numbers blotted out."""
    if not lines:
        return {}
    top, bottom = min(line.y for line in lines), max(line.y for line in lines)
    reach = _MARGIN * height
    near = [line for line in lines if line.y - top < reach / 2 or bottom - line.y < reach / 2]
    return {id(line): re.sub(r"\d+", "#", line.text) for line in near}


def _is_page_number(key: str, text: str, page: int, repeated: set[str]) -> bool:
    if not key or not _NUMBER.fullmatch(key):
        return False
    return key in repeated or re.findall(r"\d+", text)[:1] == [str(page)]
