"""A text in pieces that can be spoken one after the other, so that the first is heard soon."""

from __future__ import annotations

import re
from collections.abc import Iterator

from parley_text.sentences import CLAUSE_MARKS, before_more, spans

FIRST, LATER = 60, 150
"""Characters that the first piece, and each later one, has at most where the text can be parted at all."""
_CLAUSE = re.compile(before_more(CLAUSE_MARKS))


def clauses(text: str, first: int = FIRST, later: int = LATER) -> list[str]:
    """The pieces, without the white space around them: together they are the words of the text. They end where
    sentences or clauses do, if that is soon enough, and else between two words."""
    found: list[str] = []
    for start, end in spans(text):
        rest = text[start:end].strip()
        while rest:
            most = later if found else first
            piece = rest if len(rest) <= most else rest[: _cut(rest, most)]
            found.append(piece.strip())
            rest = rest[len(piece) :].strip()
    return list(_joined(found, later))


def _cut(text: str, most: int) -> int:
    """Where a text that is too long is parted: after the last clause that fits, or word, or anywhere."""
    ends = [found.end() for found in _CLAUSE.finditer(text[: most + 1]) if found.end() <= most]
    if ends:
        return ends[-1]
    space = text.rfind(" ", 1, most + 1)
    return space if space > 0 else most


def _joined(pieces: list[str], later: int) -> Iterator[str]:
    """Short sentences after the first piece together: each piece costs a request."""
    held = ""
    for number, piece in enumerate(pieces):
        if number == 0:
            yield piece
        elif held and len(held) + 1 + len(piece) <= later:
            held = f"{held} {piece}"
        else:
            if held:
                yield held
            held = piece
    if held:
        yield held
