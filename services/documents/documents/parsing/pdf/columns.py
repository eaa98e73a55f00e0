"""Finds the columns of a page, so that each is read to its end before the next.

A page is cut where a left edge that several spans share is crossed by no other span over a stretch of lines, if what
stands on the two sides are columns rather than the cells of rows: of a table, or a job with its dates at the margin.
Rows betray themselves by the order in which the file draws them, and by sharing their baselines.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from documents.parsing.pdf.spans import Span

_MIN_LINES = 3
"""Lines on each side below which nothing is a column."""
_TOLERANCE = 1.5
"""Points by which text may reach over the edge of its column."""
_MIN_GUTTER = 5.0
"""Points."""
_MOST_EDGES = 40
_CONTIGUOUS = 0.25
"""Changes between the sides, per line, below which they were drawn one after the other."""
_MIN_ROWS = 2
_ALTERNATING = 0.8
_ALIGNED = 0.75
"""Share of lines on the baseline of one at the other side, from which on they may be rows."""
_SAME_LINE = 0.35
"""Shares of the font size by which the baselines of a line may differ."""
_PROSE_WORDS = 4
_MOST_DEPTH = 12


@dataclass(frozen=True)
class Column:
    """Spans that are read line by line. `right` is as far as its lines may reach."""

    spans: tuple[Span, ...]
    right: float


@dataclass(frozen=True)
class _Cut:
    left: list[Span]
    right: list[Span]

    @property
    def edge(self) -> float:
        return min(span.x0 for span in self.right)

    @property
    def gutter(self) -> float:
        return self.edge - max(span.x1 for span in self.left)

    @property
    def top(self) -> float:
        return min(span.y for span in (*self.left, *self.right))

    @property
    def bottom(self) -> float:
        return max(span.y for span in (*self.left, *self.right))


def columns(spans: Sequence[Span], right: float, depth: int = 0) -> list[Column]:
    """The columns in reading order, for spans that may reach as far as `right`."""
    if not spans:
        return []
    cut, parts = _best_cut(spans) if depth < _MOST_DEPTH else (None, [])
    if cut is None:
        return [Column(tuple(spans), max(right, *(span.x1 for span in spans)))]
    taken = {id(span) for span in (*cut.left, *cut.right)}
    rest = [span for span in spans if id(span) not in taken]
    found = columns([span for span in rest if span.y <= cut.top], right, depth + 1)
    for part in parts:
        at_left = all(span.x0 < cut.edge - _TOLERANCE for span in part)
        found += columns(part, cut.edge - min(cut.gutter, 12) if at_left else right, depth + 1)
    return found + columns([span for span in rest if span.y > cut.top], right, depth + 1)


def _best_cut(spans: Sequence[Span]) -> tuple[_Cut | None, list[list[Span]]]:
    """The cut that parts most spans, and the parts in reading order."""
    starts = Counter(round(span.x0) for span in spans)
    leftmost = min(starts)
    edges = [edge for edge, count in starts.most_common(_MOST_EDGES) if count >= 2 and edge > leftmost]
    cuts = [(cut, parts) for edge in edges for cut in _cuts_at(spans, edge) if (parts := _parts(cut))]
    return max(cuts, key=lambda found: len(found[0].left) + len(found[0].right), default=(None, []))


def _parts(cut: _Cut) -> list[list[Span]]:
    """What stands at the two sides of a cut: two columns, or cells that cannot be read line by line; else nothing."""
    if not cut.left or not cut.right or cut.gutter < _MIN_GUTTER:
        return []
    return _cells(cut) or ([cut.left, cut.right] if _are_columns(cut) else [])


def _cells(cut: _Cut) -> list[list[Span]]:
    """The cells of a table's rows, if some cannot be read line by line; rows of one line stay whole."""
    runs = _runs(cut)
    if not _begin_together(runs):
        return []
    parts: list[list[Span]] = []
    lines: list[Span] = []
    by_line = True
    while runs:
        at_right, run = runs.pop(0)
        beside = runs.pop(0)[1] if runs and not at_right and runs[0][0] else []
        if beside and _is_line(run, beside):
            lines += [*run, *beside]
            continue
        parts += [lines, run, beside]
        lines = []
        by_line &= not beside or _is_under(run, beside)
    return [] if by_line else [part for part in [*parts, lines] if part]


def _cuts_at(spans: Sequence[Span], edge: float) -> list[_Cut]:
    """The stretches of lines that nothing crosses at `edge`."""
    crossing = sorted(span.y for span in spans if span.x0 < edge - _TOLERANCE and span.x1 > edge + _TOLERANCE)
    bands: dict[int, _Cut] = {}
    for span in spans:
        band = bands.setdefault(bisect(crossing, span.y), _Cut([], []))
        if span.x0 >= edge - _TOLERANCE:
            band.right.append(span)
        elif span.x1 <= edge + _TOLERANCE:
            band.left.append(span)
    return list(bands.values())


def _are_columns(cut: _Cut) -> bool:
    left, right = _baselines(cut.left), _baselines(cut.right)
    if min(len(left), len(right)) < _MIN_LINES:
        return False
    fewer, more = sorted((left, right), key=len)
    aligned = _aligned(fewer, more, _SAME_LINE * median(span.size for span in cut.right))
    changes = _changes(cut) / min(len(left), len(right))
    if changes <= _CONTIGUOUS:
        return aligned < _ALIGNED or not _at_right_margin(cut.right)
    if aligned < _ALIGNED:
        return not _begin_together(_runs(cut))
    return changes >= 2 * _ALTERNATING and _is_prose(cut.left) and _is_prose(cut.right)


def _runs(cut: _Cut) -> list[tuple[bool, list[Span]]]:
    """What the file draws without changing the side, or the type at the left: whether it is at the right, and it.

    The type changes between a heading and the first cell of the table under it.
    """
    drawn = sorted([(span.order, False, span) for span in cut.left] + [(span.order, True, span) for span in cut.right])
    runs = groupby(drawn, key=lambda each: (each[1], None if each[1] else (each[2].size, each[2].bold)))
    return [(at_right, [span for *_, span in run]) for (at_right, _), run in runs]


def _begin_together(runs: Sequence[tuple[bool, list[Span]]]) -> bool:
    """The file draws rows: a cell at the left, then one at the right that begins, ends or has its middle where it does.

    With cells of several lines, most lines of one side can have none beside them at the other.
    """
    rows = [(left, right) for (side, left), (other, right) in pairwise(runs) if other and not side]
    return len(rows) >= _MIN_ROWS and sum(_is_row(*row) for row in rows) >= _ALIGNED * len(rows)


def _is_row(left: Sequence[Span], right: Sequence[Span]) -> bool:
    a, b = _baselines(left), _baselines(right)
    tolerance = _SAME_LINE * left[0].size
    return any(abs(x - y) <= tolerance for x, y in ((a[0], b[0]), (a[-1], b[-1]), (a[0] + a[-1], b[0] + b[-1])))


def _is_line(left: Sequence[Span], right: Sequence[Span]) -> bool:
    """A row of one line."""
    return len(_baselines(left)) == len(_baselines(right)) == 1 and _is_row(left, right)


def _is_under(left: Sequence[Span], right: Sequence[Span]) -> bool:
    """The left cell is one line, which the right one begins on: reading line by line does no harm."""
    a, b = _baselines(left), _baselines(right)
    return len(a) == 1 and abs(a[0] - b[0]) <= _SAME_LINE * left[0].size


def _baselines(spans: Sequence[Span]) -> list[float]:
    return sorted({round(span.y, 1) for span in spans})


def _aligned(fewer: Sequence[float], more: Sequence[float], tolerance: float) -> float:
    """The share of `fewer` baselines that have one of `more` beside them."""
    return sum(any(abs(y - other) <= tolerance for other in more) for y in fewer) / len(fewer)


def _changes(cut: _Cut) -> int:
    """How often the file changes from one side to the other while it draws them, beyond the first time."""
    return sum(before != after for (before, _), (after, _) in pairwise(_runs(cut))) - 1


def _at_right_margin(spans: Sequence[Span]) -> bool:
    """Short texts that end, but do not begin, at the same place: dates."""
    ends = {round(span.x1 / 2) for span in spans}
    starts = {round(span.x0 / 2) for span in spans}
    return len(ends) <= 2 < len(starts) and not _is_prose(spans)


def _is_prose(spans: Sequence[Span]) -> bool:
    return 2 * sum(len(span.text.split()) >= _PROSE_WORDS for span in spans) >= len(spans)
