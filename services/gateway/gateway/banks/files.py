"""A bank as a file that people can edit, and back. Pure; raises Problem with one sentence."""

from __future__ import annotations

import codecs
from typing import Any, Literal, Protocol

from contracts.vocabulary.bank import BankQuestion
from contracts.vocabulary.limits import MAX_BANK_BYTES

from gateway.banks.csv_file import is_csv, read_csv, write_csv
from gateway.banks.fields import plain
from gateway.banks.yaml_file import read_yaml, write_yaml
from gateway.problems import Problem

Format = Literal["yaml", "csv"]
MEDIA_TYPES: dict[Format, str] = {"yaml": "application/yaml", "csv": "text/csv; charset=utf-8"}
MAX_FILE_BYTES = 4 * MAX_BANK_BYTES
"""Files spell the same questions more widely than JSON does."""
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Written(Protocol):
    """What a file says of a bank."""

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def questions(self) -> tuple[BankQuestion, ...]: ...


def write_bank(bank: Written, format: Format) -> bytes:
    """A bank as a file. CSV has no place for the name and the description."""
    if format == "csv":
        # Excel takes a file without this mark for one in the old encoding of the country.
        return codecs.BOM_UTF8 + write_csv(bank.questions).encode()
    fields = {"name": bank.name, "description": bank.description, "questions": plain(bank.questions)}
    return write_yaml(fields).encode()


def read_bank(raw: bytes, format: Format | None = None) -> dict[str, Any]:
    """The fields that a file holds, not yet checked. Without a format, the content tells. Raises Problem."""
    if len(raw) > MAX_FILE_BYTES:
        raise Problem(413, f"The file is larger than {MAX_FILE_BYTES // 1024} KiB.")
    text = _decoded(raw, format)
    if not text.strip():
        raise Problem(400, "The file is empty.")
    if format == "csv" or (format is None and is_csv(text)):
        return {"questions": read_csv(text)}
    return read_yaml(text)


def _decoded(raw: bytes, format: Format | None) -> str:
    try:
        return raw.decode("utf-16" if raw.startswith(_WIDE) else "utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        # What Excel saves as plain CSV in Western Europe; YAML is always Unicode.
        return raw.decode("utf-8" if format == "yaml" else "cp1252")
    except UnicodeDecodeError:
        raise Problem(400, "The file is not text in UTF-8.") from None
