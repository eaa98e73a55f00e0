"""Opens the zip archives that Word and OpenDocument files are, and no more of them than is safe."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from io import BytesIO
from types import TracebackType

from documents.parsing.errors import Unreadable, broken, too_complex

MAX_ENTRIES = 5_000
MAX_PART = 32 * 1024 * 1024
"""Bytes of one unpacked part that are read."""
MAX_UNPACKED = 512 * 1024 * 1024
"""Bytes that all parts may claim to unpack to; pictures are counted but never unpacked."""
MAX_RATIO = 200
"""How often larger than the archive its parts may be together."""
_RATIO_MATTERS = 64 * 1024 * 1024
"""Bytes below which the ratio does not matter."""
_PROGRAM = re.compile(
    r"\.(exe|dll|com|scr|msi|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|jar|lnk|sh|elf|so|app)$", re.IGNORECASE
)
_UNSAFE = re.compile(r"(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[A-Za-z]:|\x00")
_MACROS = re.compile(r"(^|/)(vbaProject\.bin|vbaData\.xml)$|^(Basic|Scripts)/.+", re.IGNORECASE)
_DAMAGES = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OSError, OverflowError, RuntimeError,
    ValueError,
)  # fmt: skip
"""What zipfile raises when an archive is not what it says."""
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""Those of Office files; others can be told to take as much memory as they like."""
_PACKAGED = "Ole10Native".encode("utf-16-le")
"""The stream of an OLE object in which any file can be embedded."""


class Archive:
    """A zip archive in memory, checked before anything is unpacked. Nothing is ever written to disk.

    Raises Unreadable: `broken` when it is damaged or has names that lead out of it, `encrypted`, `unsupported` when
    it carries macros or programs, `too_complex` when it unpacks to too much.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except _DAMAGES as error:
            raise broken("Office") from error
        self._entries = {entry.filename: entry for entry in self._zip.infolist()}
        self._check(len(data))

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._zip.close()

    def _check(self, size: int) -> None:
        entries = self._zip.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED:
            raise too_complex()
        if unpacked > _RATIO_MATTERS and unpacked > MAX_RATIO * size:
            raise too_complex()
        if any(entry.flag_bits & 1 for entry in entries):
            raise Unreadable("encrypted", "This file is protected by a password. Please save it without one.")
        if any(entry.compress_type not in _METHODS for entry in entries):
            raise broken("Office")
        # `orig_filename`: zipfile cuts names at a zero byte.
        if any(_UNSAFE.search(entry.orig_filename) for entry in entries):
            raise broken("Office")
        for name in self._entries:
            if _MACROS.search(name):
                raise _carries("macros")
            if is_program(name):
                raise _carries("a program")

    def refuse_packaged(self) -> None:
        """Raise Unreadable `unsupported` when some object inside is a file of any kind, which can be a program."""
        if any(name.endswith(".bin") and _PACKAGED in self.read(name) for name in self._entries):
            raise _carries("another file")

    def names(self) -> list[str]:
        """The names of all parts."""
        return list(self._entries)

    def read(self, name: str) -> bytes:
        """A part, empty if it is not there."""
        entry = self._entries.get(name)
        if entry is None:
            return b""
        try:
            with self._zip.open(entry) as part:
                data = part.read(MAX_PART + 1)
        except _DAMAGES as error:
            raise broken("Office") from error
        if len(data) > MAX_PART:
            raise too_complex()
        return data

    def text(self, name: str) -> str:
        """A part as UTF-8 text, empty if it is not there."""
        return self.read(name).decode("utf-8", "replace")


def is_program(name: str) -> bool:
    """Whether a file of that name is one that a computer would run."""
    return bool(_PROGRAM.search(name))


def _carries(what: str) -> Unreadable:
    return Unreadable("unsupported", f"This file carries {what}. Please save it without that, or as PDF.")
