"""A ZIP file that is sent while it is made, and the names in it."""

from __future__ import annotations

import asyncio
import io
import os
import tracemalloc
from collections.abc import AsyncGenerator
from zipfile import ZipFile

import pytest
from gateway.edge.archive import File, Load, safe_name, zipped


def _load(name: str, data: bytes) -> Load:
    async def load() -> File:
        return File(name, data)

    return load


async def _none() -> None:
    return None


async def test_any_reader_opens_it_and_finds_what_was_put_in() -> None:
    wanted = {"README.txt": b"", "a/ü 面接.json": b"{}" * 400_000, "a/sound.webm": os.urandom(3_000_000)}

    async def loads() -> AsyncGenerator[Load, None]:
        for name, data in wanted.items():
            yield _load(name, data)
            yield _none

    whole = b"".join([piece async for piece in zipped(loads(), asyncio.Semaphore(1))])
    with ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == wanted
    assert len(whole) < 3_100_000, "what gets smaller was packed"


async def test_it_takes_no_more_memory_however_much_there_is() -> None:
    async def loads() -> AsyncGenerator[Load, None]:
        for number in range(200):

            async def load(number: int = number) -> File:
                return File(f"{number}.webm", os.urandom(1_000_000))

            yield load

    tracemalloc.start()
    size = 0
    async for piece in zipped(loads(), asyncio.Semaphore(1)):
        size += len(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 200_000_000 and peak < 12_000_000


async def test_who_reads_slowly_keeps_nobody_waiting_and_who_goes_away_leaves_nothing() -> None:
    slots = asyncio.Semaphore(1)
    closed = asyncio.Event()

    async def loads() -> AsyncGenerator[Load, None]:
        try:
            for number in range(50):
                yield _load(f"{number}.webm", os.urandom(1_000_000))
        finally:
            closed.set()

    slow = zipped(loads(), slots)
    await anext(slow)
    async with asyncio.timeout(5):
        assert len([piece async for piece in zipped(loads(), slots)]) > 300
    closed.clear()
    await slow.aclose()  # type: ignore[attr-defined]
    assert closed.is_set() and not slots.locked()


async def test_what_fails_on_the_way_is_no_whole_file() -> None:
    async def loads() -> AsyncGenerator[Load, None]:
        yield _load("one.webm", os.urandom(1_000_000))
        raise RuntimeError

    got = b""

    async def read() -> None:
        nonlocal got
        async for piece in zipped(loads(), asyncio.Semaphore(1)):
            got += piece

    with pytest.raises(RuntimeError):
        await read()
    assert got and b"PK\5\6" not in got, "no reader takes it for complete"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "file"),
        ("", "file"),
        ("a\r\nSet-Cookie: b.pdf", "a Set-Cookie_ b.pdf"),
        ("C:\\Windows\\cv.docx", "C__Windows_cv.docx"),
        ("con.txt", "_con.txt"),
        ("invoice\u202efdp.exe", "invoice fdp.exe"),
        ("\ud800cv.pdf", "cv.pdf"),
        ("Lebenslauf Jürgen.pdf", "Lebenslauf Jürgen.pdf"),
        ("简历.pdf", "简历.pdf"),
        ("cv. .", "cv"),
    ],
)
def test_names_lead_nowhere_and_hide_nothing(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_long_names_keep_their_end() -> None:
    for letter in ("x", "é", "简"):
        name = safe_name(letter * 300 + ".docx")
        assert len(name.encode()) <= 100 and name.endswith(f"{letter}.docx")
