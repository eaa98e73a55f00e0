"""A ZIP file that is sent while it is made: it is never whole, neither in memory nor on a disk."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

MEDIA_TYPE = "application/zip"
_IN_MEMORY = 1024 * 1024
"""Bytes of a packed file, from which on it waits for its reader on the disk."""
_PIECE = 128 * 1024
_NAME_BYTES = 100
_LONGEST_SUFFIX = 10
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""What Windows takes for a device, whatever follows the dot."""
_PACKED = (".webm", ".ogg", ".mp3", ".m4a", ".flac", ".pdf", ".docx", ".odt")
"""Ends of names of what does not get smaller."""


class File(NamedTuple):
    """A file of an archive. Folders in its name are parted by `/`; each of their names is a safe one."""

    name: str
    data: bytes


Load = Callable[[], Awaitable[File | None]]
"""Reads a file once its turn has come; None where there is none."""


def safe_name(name: str, fallback: str = "file") -> str:
    """The name of a file or a folder that every system takes and that leads nowhere else: no path, nothing that cannot
    be seen, at most 100 bytes with the end of a file name kept."""
    plain = "".join(
        " " if unicodedata.category(each).startswith(("C", "Z")) else each
        for each in unicodedata.normalize("NFC", name)
    )
    plain = " ".join(_NOT_IN_NAMES.sub("_", plain).split()).strip(". ")
    stem, dot, suffix = plain.rpartition(".")
    if not dot or len(suffix.encode()) > _LONGEST_SUFFIX:
        stem, suffix = plain, ""
    end = dot + suffix if suffix else ""
    cut = stem.encode()[: _NAME_BYTES - len(end.encode())].decode(errors="ignore").rstrip(". ")
    whole = cut + end if cut else ""
    return f"_{whole}" if _DEVICES.match(whole) else whole or fallback


class _Sink:
    """What `zipfile` writes to. It can neither tell nor seek, so that sizes come behind each file."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool
        self.size = 0

    def write(self, data: bytes) -> int:
        if not self._spool.closed:  # the archive of somebody who went away has an end, too
            self._spool.write(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def next_piece(self, start: int) -> bytes:
        self._spool.seek(start)
        return self._spool.read(_PIECE)

    def clear(self) -> None:
        self._spool.seek(0)
        self._spool.truncate()
        self.size = 0


async def zipped(loads: AsyncGenerator[Load, None], slots: asyncio.Semaphore) -> AsyncIterator[bytes]:
    """The bytes of a ZIP file of what is loaded, one file after the other, at the pace at which they are read. While a
    file is whole in memory it holds one of the `slots`."""
    made = datetime.now(UTC).timetuple()[:6]
    async with aclosing(loads):
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            sink = _Sink(spool)
            with ZipFile(sink, "w") as archive:  # type: ignore[call-overload]
                async for load in loads:
                    async with slots:
                        file = await load()
                        if file is not None:
                            await asyncio.to_thread(_add, archive, file, made)
                        del file
                    if sink.size >= _PIECE:
                        async for piece in _taken(sink):
                            yield piece
            async for piece in _taken(sink):
                yield piece


def _add(archive: ZipFile, file: File, made: tuple[int, ...]) -> None:
    about = ZipInfo(file.name, made)  # type: ignore[arg-type]
    about.compress_type = ZIP_STORED if file.name.lower().endswith(_PACKED) else ZIP_DEFLATED
    about.external_attr = 0o600 << 16
    archive.writestr(about, file.data)


async def _taken(sink: _Sink) -> AsyncIterator[bytes]:
    for start in range(0, sink.size, _PIECE):
        yield await asyncio.to_thread(sink.next_piece, start)
    sink.clear()
