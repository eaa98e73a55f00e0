"""Plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from documents.parsed import Block
from documents.parsing.blocks import Content, could_head, is_capitals, without_mark
from documents.parsing.charsets import decoded
from documents.parsing.errors import broken

_RULE = re.compile(r"\s*([=\-_*~#\u2014\u2013])\1{2,}\s*")
_FAR_APART = re.compile(r"(?<=\S)(?: {4,}|\t+ *)(?=\S)")
_COLONS = ":："  # noqa: RUF001
_FIRST_WORD = re.compile(r"\S+")
_GOES_ON = re.compile(r"(?:[,;:&(\-\u2013\u2014]|(?<!\w)[^\W\d_A-Z]{1,4})\s*$")
"""How a line ends that cannot be the last: a comma, "and", "of"."""
_SHORTEST_MARGIN, _LONGEST_MARGIN = 50, 110
"""Characters at which people let their lines end."""
_FULL_LINES = 3
"""Lines that must end near the margin before it counts as one."""
_NEAR = 14
_TITLE_LEVEL, _LOOKS_LEVEL = 2, 3


def read(data: bytes) -> Content:
    """A block for each line, but one for a paragraph whose lines were ended at a margin."""
    text = decoded(data)
    if text is None:
        raise broken("text")
    return Content(_blocks(text.lstrip("\ufeff").replace("\f", "\n").splitlines()))


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    margin = _margin(lines)
    paragraph: list[str] = []
    for number, line in enumerate(lines):
        if paragraph and _continues(lines[number - 1], line, margin):
            paragraph.append(line)
            continue
        yield from _block(paragraph)
        paragraph = []
        if _RULE.fullmatch(line) or not line.strip():
            continue
        level = _level(lines, number)
        if level is not None:
            yield Block(kind="heading", text=line.strip().rstrip(_COLONS), level=level)
        else:
            paragraph = [line]
    yield from _block(paragraph)


def _block(paragraph: list[str]) -> Iterator[Block]:
    if not paragraph:
        return
    text, marked = without_mark(" ".join(_FAR_APART.sub("\t", line.strip()) for line in paragraph))
    yield Block(kind="item" if marked and text else "paragraph", text=text or paragraph[0])


def _margin(lines: Sequence[str]) -> int | None:
    """Where full lines end; None when each line is a paragraph of its own."""
    longest = max((len(line.rstrip()) for line in lines), default=0)
    full = sum(longest - len(line.rstrip()) <= _NEAR for line in lines)
    return longest if _SHORTEST_MARGIN <= longest <= _LONGEST_MARGIN and full >= _FULL_LINES else None


def _continues(before: str, line: str, margin: int | None) -> bool:
    """`line` goes on where `before` ended only because its next word had no room."""
    word = _FIRST_WORD.search(line)
    if margin is None or word is None or without_mark(line.strip())[1] or _RULE.fullmatch(line):
        return False
    if _could_open_a_section(line.strip()) and not _GOES_ON.search(before):
        return False
    return len(before.rstrip()) + 1 + len(word[0]) > margin


def _could_open_a_section(line: str) -> bool:
    """Up to three words with a capital letter first and no digit: a heading, or the end of a paragraph."""
    return could_head(line) and len(line.split()) <= 3 and line[0].isupper() and not re.search(r"[\d@/|]", line)


def _level(lines: Sequence[str], number: int) -> int | None:
    """The level of a line that looks like a heading: underlined, in capitals, ending in a colon, or short and apart."""
    line = lines[number].strip()
    after = lines[number + 1] if number + 1 < len(lines) else ""
    text = line.rstrip(_COLONS)
    if without_mark(line)[1] or not could_head(text) or _FAR_APART.search(line):
        return None
    if _RULE.fullmatch(after):
        return _TITLE_LEVEL
    apart = number == 0 or not lines[number - 1].strip()
    if is_capitals(text) or (apart and text != line):
        return _TITLE_LEVEL
    short = len(text.split()) <= 4 and len(text) <= 40 and not re.search(r"[\d@/,|]", text)
    return _LOOKS_LEVEL if apart and short and (after.strip() or number == 0) else None
