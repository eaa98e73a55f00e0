"""What the clean files say. Each text is a made-up résumé, written in `texts/` with a little markup:
`#` before headings, `-` before items, `|` around the cells of rows."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

from documents.parsed import Block

TEXTS = Path(__file__).parent / "texts"
LANGUAGES = tuple(sorted(path.stem for path in TEXTS.glob("*.txt")))
RIGHT_TO_LEFT = ("ar", "he")


@cache
def resume(language: str) -> tuple[Block, ...]:
    """The blocks of the résumé in a language."""
    lines = (TEXTS / f"{language}.txt").read_text("utf-8").splitlines()
    return tuple(_block(unicodedata.normalize("NFC", line)) for line in lines)


def _block(line: str) -> Block:
    if line.startswith("#"):
        marks, text = line.split(" ", 1)
        return Block(kind="heading", text=text, level=len(marks))
    if line.startswith("- "):
        return Block(kind="item", text=line[2:])
    if line.startswith("|"):
        return Block(kind="row", text="\t".join(cell.strip() for cell in line.strip("| ").split("|")))
    return Block(kind="paragraph", text=line)


def sections(blocks: Iterable[Block]) -> list[tuple[Block, ...]]:
    """The blocks parted before each heading of level 2; what stands above the first is a section too."""
    parts: list[list[Block]] = [[]]
    for block in blocks:
        if block.kind == "heading" and block.level == 2:
            parts.append([])
        parts[-1].append(block)
    return [tuple(part) for part in parts]


def columns(language: str, left: Sequence[int]) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """The résumé's sections in two columns; `left` are the numbers of those in the left one."""
    parts = sections(resume(language))
    others = [number for number in range(len(parts)) if number not in left]
    return _joined(parts, left), _joined(parts, others)


def _joined(parts: Sequence[tuple[Block, ...]], numbers: Sequence[int]) -> tuple[Block, ...]:
    return tuple(block for number in numbers for block in parts[number])


def tables(blocks: Sequence[Block]) -> Iterator[tuple[bool, list[Block]]]:
    """The blocks in runs: whether it is a table, and its rows or the other blocks."""
    for is_table, run in groupby(blocks, key=lambda block: block.kind == "row"):
        yield is_table, list(run)


def words(texts: Iterable[str]) -> list[str]:
    """Words in order, without punctuation around them; each character is one where there are no spaces."""
    found: list[str] = []
    for text in texts:
        for piece in unicodedata.normalize("NFC", text).split():
            found += _characters(piece) if any(map(_is_unspaced, piece)) else [_bare(piece)]
    return [word for word in found if word]


def words_of(blocks: Iterable[Block]) -> list[str]:
    """The words of blocks in order."""
    return words(block.text for block in blocks)


def found_words(expected: Sequence[str], parsed: Sequence[str]) -> int:
    """How many of the words were found, each as often as it is expected."""
    return sum((Counter(expected) & Counter(parsed)).values())


def _characters(piece: str) -> list[str]:
    return [char for char in piece if char.isalnum()]


def _bare(piece: str) -> str:
    start, end = 0, len(piece)
    while start < end and not _is_part(piece[start]):
        start += 1
    while end > start and not _is_part(piece[end - 1]):
        end -= 1
    return piece[start:end]


def _is_part(char: str) -> bool:
    """Letters, their marks, digits, and signs that mean something."""
    return unicodedata.category(char)[0] in "LMNS"


def _is_unspaced(char: str) -> bool:
    return "\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff"
