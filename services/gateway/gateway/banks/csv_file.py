"""Questions as CSV: a row for each, in the columns below; `gateway.banks.cells` says what a cell holds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from contracts.vocabulary.bank import BankQuestion
from contracts.vocabulary.limits import MAX_BANK_QUESTIONS

from gateway.banks.cells import expects_cell, guarded, lines_cell, read_expects, read_lines, unguarded
from gateway.problems import Problem

COLUMNS = ("id", "text", "domain", "phase", "difficulty", "expects", "follow_ups")
_WORDS = ("domain", "phase", "difficulty")
"""Columns of one word, which a spreadsheet likes to begin with a capital letter."""
_DELIMITERS = (",", ";", "\t")


def write_csv(questions: Sequence[BankQuestion]) -> str:
    """The questions under a row of names."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([guarded(cell) for cell in _cells(question)] for question in questions)
    return out.getvalue()


def is_csv(text: str) -> bool:
    """Whether the first row names a column `text`."""
    return _delimiter(text) is not None


def read_csv(text: str) -> list[dict[str, Any]]:
    """The questions as fields, whatever separates the cells. Raises Problem 400."""
    delimiter = _delimiter(text)
    if delimiter is None:
        raise Problem(400, "The first row of the CSV has to name the columns, `text` among them.")
    try:
        names, *rows = islice(_rows(text, delimiter, strict=True), MAX_BANK_QUESTIONS + 2)  # one too many is seen
    except csv.Error:
        raise Problem(400, "The CSV could not be read: a quotation mark is not closed, or not doubled.") from None
    columns = [name.strip().lower() for name in names]
    if any(columns.count(name) > 1 for name in COLUMNS):
        raise Problem(400, "The first row of the CSV names a column twice.")
    return [_fields(columns, row, number) for number, row in enumerate(rows, 1)]


def _cells(question: BankQuestion) -> Iterator[str]:
    yield from (question.id, question.text, question.domain, question.phase, question.difficulty)
    yield expects_cell(question.expects)
    yield lines_cell(question.follow_ups)


def _delimiter(text: str) -> str | None:
    for delimiter in _DELIMITERS:
        try:
            names = next(_rows(text, delimiter), [])
        except csv.Error:
            continue
        if "text" in (name.strip().lower() for name in names):
            return delimiter
    return None


def _rows(text: str, delimiter: str, *, strict: bool = False) -> Iterator[list[str]]:
    """Rows that hold anything: spreadsheets leave empty ones behind."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    return (row for row in reader if any(cell.strip() for cell in row))


def _fields(columns: list[str], row: list[str], number: int) -> dict[str, Any]:
    if any(cell.strip() for cell in row[len(columns) :]):
        raise Problem(400, f"Question {number} has more cells than the first row: is a text not in quotation marks?")
    cells = {name: unguarded(cell) for name, cell in zip(columns, row, strict=False)}
    words = {name: cells.get(name, "").strip().lower() for name in _WORDS}
    expects = read_expects(cells.get("expects", ""), number)
    return {**cells, **words, "expects": expects, "follow_ups": read_lines(cells.get("follow_ups", ""))}
