r"""What a cell of a CSV file holds, for people to type and without loss.

`follow_ups` is one question per line. `expects` is one point per line, with its cues behind a colon and a space:

    Names the trade-off: consistency, availability
    Says when each is right

A backslash takes the meaning from what stands behind it: `\:` and `\,` do not part anything, `\n` is a line break
within a text, and `\\` is one backslash. A colon without a space behind it parts nothing either.

A spreadsheet would take a cell that begins with `=`, `+`, `-` or `@` for a formula. An apostrophe before it prevents
that, and is taken away again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from contracts.vocabulary.bank import BankExpectation

from gateway.problems import Problem

_COLON, _COMMA = r":(?=\s|$)", ","
_ESCAPED = re.compile(r"\\([\\n:,])")
_FORMULA = re.compile("'*[=+\\-@\uff1d\uff0b\uff0d\uff20]")
"""Also with the wide signs of Japanese keyboards, and with apostrophes: of those, exactly one is ours."""
_GUARDED = re.compile("'" + _FORMULA.pattern)


def guarded(cell: str) -> str:
    """A cell that no spreadsheet computes."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """What was guarded; anything else as it is."""
    return cell[1:] if _GUARDED.match(cell) else cell


def lines_cell(texts: Sequence[str]) -> str:
    """Texts, one per line."""
    return "\n".join(_escaped(text) for text in texts)


def read_lines(cell: str) -> list[str]:
    """The texts of a cell."""
    return [_unescaped(line) for line in _lines(cell)]


def expects_cell(expects: Sequence[BankExpectation]) -> str:
    """Points and their cues, one point per line."""
    return "\n".join(_expectation_line(each) for each in expects)


def read_expects(cell: str, number: int) -> list[dict[str, Any]]:
    """The points of a cell of question `number`. Raises Problem for cues without a point."""
    return [_expectation(line, number) for line in _lines(cell)]


def _expectation_line(expectation: BankExpectation) -> str:
    point = re.sub(_COLON, r"\\:", _escaped(expectation.point))
    cues = ", ".join(_escaped(cue).replace(",", r"\,") for cue in expectation.cues)
    return f"{point}: {cues}" if cues else point


def _expectation(line: str, number: int) -> dict[str, Any]:
    point, *behind = _parts(line, _COLON, most=2)
    if not point.strip():
        raise Problem(400, f"Question {number}, `expects`: a line has cues, but no point before the colon.")
    cues = [_unescaped(cue) for part in behind for cue in _parts(part, _COMMA) if cue.strip()]
    return {"point": _unescaped(point), "cues": cues}


def _lines(cell: str) -> list[str]:
    # Not `splitlines`, which also parts at characters that may well stand in a text.
    lines = cell.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [line.strip() for line in lines if line.strip()]


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], text).strip()


def _parts(text: str, separator: str, most: int = 0) -> list[str]:
    """What stands between separators that no backslash precedes; `most` parts, if given."""
    parts: list[str] = []
    begin = 0
    for found in re.finditer(rf"\\.|({separator})", text):
        if found[1] is not None and len(parts) + 1 != most:
            parts.append(text[begin : found.start()])
            begin = found.end()
    return [*parts, text[begin:]]
