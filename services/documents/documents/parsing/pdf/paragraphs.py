"""Joins the lines of a document to headings, paragraphs, items and rows."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from documents.parsed import Block
from documents.parsing.blocks import clean, could_head, is_capitals, without_mark
from documents.parsing.pdf.lines import Line

_LARGE = 1.12
"""Times the size of the body from which on a line is large."""
_LEADING = 1.75
"""Font sizes between the baselines of one paragraph, at most."""
_FULL = 0.6
"""Share of the width of its column that a line fills before the next one can continue it."""
_HYPHENS = "-\u2010\u00ad"
_AFTER_HYPHENS = {"und", "oder", "bzw.", "sowie", "and", "or", "en", "of", "och", "og", "eller"}
"""Words before which a hyphen stands for the rest of a word: "Software- und Hardware"."""
_ALIGNED = 3.0
"""Points by which the cells of a column of a table may begin apart."""
_MAX_LEVEL = 6
_WORD = re.compile(r"\w[\w-]*")

Style = tuple[float, bool, bool]
"""Size, capitals and boldness of a heading."""


def blocks_of(lines: Sequence[Line]) -> Iterator[Block]:
    """The blocks of a document, given its lines in reading order."""
    body = _body_size(lines)
    styles = [_heading_style(line, body) for line in lines]
    ranks = {style: rank for rank, style in enumerate(sorted({s for s in styles if s}, reverse=True), start=1)}
    vocabulary = {word for line in lines for word in _WORD.findall(line.text.lower())}
    edges = {column: list(found) for column, found in groupby(lines, key=lambda line: line.column)}
    reach = {column: max(line.x1 for line in found) for column, found in edges.items()}
    start = {column: min(line.x0 for line in found) for column, found in edges.items()}
    for group in _groups(lines, styles, reach, start):
        first = lines[group[0]]
        style = styles[group[0]]
        text = _text([lines[number] for number in group], vocabulary)
        if style:
            yield Block(kind="heading", text=text, page=first.page, level=min(ranks[style], _MAX_LEVEL))
        elif _is_row(lines, group[0]):
            yield Block(kind="row", text=text, page=first.page)
        else:
            rest, marked = without_mark(text)
            yield Block(kind="item" if marked and rest else "paragraph", text=rest or text, page=first.page)


def _body_size(lines: Sequence[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        for cell in line.cells:
            sizes[round(cell.size * 2) / 2] += len(cell.text)
    return sizes.most_common(1)[0][0] if sizes else 0


def _heading_style(line: Line, body: float) -> Style | None:
    """The style of a line that looks like a heading."""
    text = clean(line.text)
    if len(line.cells) > 1 or not could_head(text) or without_mark(text)[1]:
        return None
    large, capitals = line.size >= _LARGE * body, is_capitals(text)
    return (round(line.size), capitals, line.bold) if large or capitals or line.bold else None


def _groups(
    lines: Sequence[Line], styles: Sequence[Style | None], reach: dict[int, float], start: dict[int, float]
) -> Iterator[list[int]]:
    """The numbers of the lines that belong together."""
    group: list[int] = []
    for number, line in enumerate(lines):
        if group:
            before = lines[group[-1]]
            same_style = styles[group[-1]] == styles[number] and line.bold == before.bold
            first = lines[group[0]]
            if (
                same_style
                and _follows(before, line)
                and (
                    _is_broken(before, line)
                    or (
                        (styles[number] or _is_long(before, start[line.column]))
                        and _is_full(before, line, reach[line.column])
                    )
                )
                and _is_indented_alike(first, before, line)
            ):
                group.append(number)
                continue
            yield group
        group = [number]
    if group:
        yield group


def _follows(before: Line, line: Line) -> bool:
    """`line` is the next line of the same column or of its last cell, in the same type, without a mark of its own."""
    return (
        before.column == line.column
        and before.page == line.page
        and len(line.cells) == 1
        and before.cells[-1].x0 < line.x1
        and line.x0 < before.x1
        and (len(before.cells) == 1 or abs(line.x0 - before.cells[-1].x0) <= _ALIGNED)
        and abs(before.size - line.size) < 0.6
        and 0 < line.y - before.y <= _LEADING * line.size
        and not without_mark(line.text)[1]
    )


def _is_broken(before: Line, line: Line) -> bool:
    """A word goes on from `before` to `line`."""
    return before.text[-1] in _HYPHENS and before.text[-2:-1].isalpha() and line.text[0].islower()


def _is_long(line: Line, start: float) -> bool:
    return line.x1 - start >= _FULL * (line.right - start)


def _is_full(before: Line, line: Line, reach: float) -> bool:
    """The first word of `line` had no room behind `before`."""
    word = _first_word(line.text)
    letter = (line.x1 - line.x0) / max(len(line.text), 1)
    return before.x1 + (len(word) + 0.8) * letter > reach


def _first_word(text: str) -> str:
    return text[0] if _is_unspaced(text[0]) else text.split()[0]


def _is_indented_alike(first: Line, before: Line, line: Line) -> bool:
    """Within a paragraph lines begin alike; those of an item begin where its text does, right of its mark."""
    if without_mark(first.text)[1]:
        return line.x0 > first.x0 - 1
    return line.x0 - before.x0 < 1 or before is first


def _text(lines: Sequence[Line], vocabulary: set[str]) -> str:
    text = lines[0].text
    for line in lines[1:]:
        text = _continued(text.rstrip(), line.text.lstrip(), vocabulary)
    return text


def _continued(text: str, rest: str, vocabulary: set[str]) -> str:
    if len(text) > 1 and text[-1] in _HYPHENS and text[-2].isalpha() and rest and rest[0].isalpha():
        if rest.split()[0] in _AFTER_HYPHENS:
            return f"{text} {rest}"
        return text + rest if _keeps_hyphen(text, rest, vocabulary) else text[:-1] + rest
    if _is_unspaced(text[-1]) and _is_unspaced(rest[0]):
        return text + rest
    return text if not rest else f"{text}{'' if text[-1] in '/' else ' '}{rest}"


def _keeps_hyphen(text: str, rest: str, vocabulary: set[str]) -> bool:
    """The word is written with a hyphen elsewhere, and not without; or it has others already; or a name follows."""
    head, tail = text.split()[-1].lower(), _WORD.findall(rest.lower())[0]
    if rest[0].isupper() and not text[-2].isupper():
        return True
    if head[:-1] + tail in vocabulary:
        return False
    return head + tail in vocabulary or "-" in head[:-1]


def _is_unspaced(char: str) -> bool:
    """A character of a script that is written without spaces."""
    return unicodedata.east_asian_width(char) in "WF" and not "\uac00" <= char <= "\ud7af"


def _is_row(lines: Sequence[Line], number: int) -> bool:
    """A line whose cells begin where those of the line before or after do."""
    line = lines[number]
    if len(line.cells) < 2:
        return False
    for other in (number - 1, number + 1):
        if 0 <= other < len(lines) and lines[other].column == line.column and len(lines[other].cells) > 1:
            starts = [cell.x0 for cell in lines[other].cells]
            aligned = sum(any(abs(cell.x0 - start) <= _ALIGNED for start in starts) for cell in line.cells)
            if aligned >= 2:
                return True
    return False
