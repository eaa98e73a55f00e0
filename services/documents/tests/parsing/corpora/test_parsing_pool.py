"""Files are read in processes that a file may kill, stall or fill, and that leave nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from contracts.vocabulary.document import MediaType
from documents.parsing import Unreadable, Workers
from documents.parsing.parsers import ParserMissing, load, require
from parsing_corpus import hostile, word
from parsing_corpus.hostile import SENTENCE
from parsing_corpus.zips import with_parts

SLOW = hostile.many_characters(100)
"""Takes a second."""
SMALL = hostile.docx()


def alive() -> list[int]:
    """The processes that read files. One that has just died, and was not waited for yet, is none of them."""
    return [child.pid for child in psutil.Process().children() if _reads_files(child)]


def _reads_files(process: psutil.Process) -> bool:
    try:
        return "documents.parsing.worker" in " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def _has_ended(process: psutil.Process) -> bool:
    """Whoever inherits it may never ask how it ended; until then it is listed as a zombie."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _is_busy(pid: int) -> bool:
    try:
        return psutil.Process(pid).rlimit(psutil.RLIMIT_CPU)[0] != psutil.RLIM_INFINITY
    except psutil.NoSuchProcess:  # a zombie, too
        return False


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - it is of the system, which sends no events
            await asyncio.sleep(0.03)


async def reading_process() -> int:
    """A process that is in the middle of its first file: it limits its processor time when it begins."""

    found: list[int] = []

    def is_found() -> bool:
        found[:] = [pid for pid in alive() if _is_busy(pid)]
        return bool(found)

    await until(is_found)
    return found[0]


async def reads_on(workers: Workers) -> bool:
    """The pool still reads files."""
    return (await workers.parse(SMALL, "docx")).text == SENTENCE


async def refusal(workers: Workers, data: bytes, media_type: MediaType) -> str:
    with pytest.raises(Unreadable) as refused:
        await workers.parse(data, media_type)
    return refused.value.code


async def test_processes_start_when_they_are_needed_and_are_used_again() -> None:
    async with Workers(3) as workers:
        assert alive() == []
        assert await reads_on(workers)
        first = alive()
        assert await reads_on(workers) and alive() == first and len(first) == 1
    assert alive() == []


async def test_a_process_says_what_this_one_would() -> None:
    from documents.parsing import parse
    from parsing_corpus.clean import CLEAN

    async with Workers(1) as workers:
        for file in (
            file
            for file in CLEAN
            if file.name in ("typst-ar", "docx-hi", "text-zh-gb18030", "reportlab-two-columns-ja")
        ):
            assert await workers.parse(file.data, file.media_type) == parse(file.data, file.media_type)


async def test_at_most_so_many_read_at_once() -> None:
    from parsing_corpus.clean import CLEAN

    async with Workers(2) as workers:
        found = await asyncio.gather(*(workers.parse(file.data, file.media_type) for file in CLEAN[:12]))
        assert len(alive()) == 2
    assert [len(parsed.blocks) > 1 for parsed in found] == [True] * 12


async def test_a_process_is_replaced_after_some_files() -> None:
    async with Workers(1, files=2) as workers:
        seen: list[int] = []
        for _ in range(5):
            assert await reads_on(workers)
            seen += alive()
    assert len(set(seen)) == 3


async def test_refusals_come_through_with_their_reason() -> None:
    async with Workers(1) as workers:
        assert await refusal(workers, hostile.scanned_pdf(), "pdf") == "scanned"
        assert await refusal(workers, hostile.many_pages(101), "pdf") == "too_many_pages"
        assert await refusal(workers, b"PK\x03\x04", "docx") == "broken"
        assert await reads_on(workers)
        assert len(alive()) == 1


async def test_a_process_that_is_killed_in_the_middle_of_a_file_is_replaced_and_the_file_read() -> None:
    async with Workers(1) as workers:
        reading = asyncio.create_task(workers.parse(SLOW, "pdf"))
        victim = await reading_process()
        os.kill(victim, signal.SIGKILL)
        assert "lorem ipsum dolor" in (await reading).text
        assert victim not in alive()


async def test_a_file_that_kills_two_processes_is_broken() -> None:
    async with Workers(1) as workers:
        reading = asyncio.create_task(refusal(workers, SLOW, "pdf"))
        killed: list[int] = []
        for _ in range(2):
            killed.append(await reading_process())
            os.kill(killed[-1], signal.SIGSEGV)
            await until(lambda: killed[-1] not in alive())
        assert await reading == "broken"
        assert len(set(killed)) == 2 and await reads_on(workers)


async def test_a_process_killed_between_files_is_not_missed() -> None:
    async with Workers(1) as workers:
        assert await reads_on(workers)
        os.kill(alive()[0], signal.SIGKILL)
        assert await reads_on(workers)


async def test_a_file_that_takes_too_long_is_given_up() -> None:
    async with Workers(1, seconds=0.3) as workers:
        assert await reads_on(workers)
        (victim,) = alive()
        assert await refusal(workers, SLOW, "pdf") == "too_complex"
        assert victim not in alive() and await reads_on(workers)


async def test_a_file_that_takes_too_much_memory_is_given_up() -> None:
    paragraphs = f"<w:document {word.NAMESPACES}><w:body>{'<w:p/>' * 2_500_000}</w:body></w:document>"
    async with Workers(1, megabytes=256) as workers:
        assert await refusal(workers, with_parts(SMALL, {"word/document.xml": paragraphs}), "docx") == "too_complex"
        assert await reads_on(workers)


async def test_a_stream_that_unpacks_to_gigabytes_is_given_up() -> None:
    async with Workers(1, seconds=10) as workers:
        assert await refusal(workers, hostile.packed_twice(), "pdf") == "too_complex"
        assert await reads_on(workers)


async def test_drawings_without_end_are_given_up() -> None:
    async with Workers(1, seconds=0.5) as workers:
        assert await refusal(workers, hostile.forms_that_multiply(), "pdf") == "too_complex"
        assert await reads_on(workers)


async def test_a_process_is_killed_when_its_caller_is_cancelled() -> None:
    async with Workers(1) as workers:
        assert await reads_on(workers)
        (victim,) = alive()
        reading = asyncio.create_task(workers.parse(SLOW, "pdf"))
        await asyncio.sleep(0.2)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert not psutil.pid_exists(victim) and alive() == []
        assert await reads_on(workers)


async def test_a_caller_cancelled_while_the_reply_arrives_leaves_nothing() -> None:
    """A long reply comes in pieces, and asyncio stops reading what nobody takes."""
    long = b"Each of these words is a part of the reply. " * 4_000
    async with asyncio.timeout(30), Workers(1) as workers:
        for steps in range(3, 9):
            assert await reads_on(workers)
            reading = asyncio.create_task(workers.parse(long, "text"))
            for _ in range(steps):
                await asyncio.sleep(0)
                time.sleep(0.03)  # noqa: ASYNC251 - so that each step of the loop finds a full pipe
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
    assert alive() == []


async def test_a_caller_cancelled_twice_gives_back_its_place() -> None:
    async with Workers(1) as workers:
        assert await reads_on(workers)
        reading = asyncio.create_task(workers.parse(SLOW, "pdf"))
        await asyncio.sleep(0.2)
        reading.cancel()
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert await reads_on(workers)


async def test_a_caller_cancelled_while_a_process_starts_leaves_none() -> None:
    async with Workers(1) as workers:
        for seconds in (0, 0.001, 0.01, 0.1):
            reading = asyncio.create_task(workers.parse(SMALL, "docx"))
            await asyncio.sleep(seconds)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        assert await reads_on(workers)
    assert alive() == []


async def test_a_caller_cancelled_while_it_waits_takes_nobodys_place() -> None:
    async with Workers(1) as workers:
        reading = asyncio.create_task(workers.parse(SLOW, "pdf"))
        await asyncio.sleep(0.05)
        waiting = asyncio.create_task(workers.parse(SMALL, "docx"))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert await reads_on(workers)


@pytest.mark.parametrize("seconds", [0, 0.001, 0.05, 0.5])
async def test_closing_ends_all_processes_and_whoever_waits_is_told(seconds: float) -> None:
    async with Workers(2) as workers:
        reading = [asyncio.create_task(workers.parse(SLOW, "pdf")) for _ in range(4)]
        await asyncio.sleep(seconds)
    assert alive() == []
    outcomes = await asyncio.gather(*reading, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ConnectionError] * 4
    assert alive() == []
    with pytest.raises(ConnectionError):
        await workers.parse(SMALL, "docx")


async def test_whoever_waits_is_told_also_when_closing_takes_the_place_that_they_were_promised() -> None:
    workers = await Workers(1).__aenter__()
    place = await workers._free.get()
    waiting = [asyncio.create_task(workers.parse(SMALL, "docx")) for _ in range(3)]
    await asyncio.sleep(0)
    workers._free.put_nowait(place)  # wakes the first of them, who does not run before it is taken
    await workers.__aexit__(None, None, None)
    done, _ = await asyncio.wait(waiting, timeout=10)
    assert [type(task.exception()) for task in done] == [ConnectionError] * 3


async def test_a_process_has_no_secrets_and_no_powers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "a secret")
    async with Workers(1, megabytes=400) as workers:
        assert await reads_on(workers)
        process = psutil.Process(alive()[0])
        assert process.environ() == {}
        assert process.cwd() == "/"
        assert process.rlimit(psutil.RLIMIT_AS) == (400 << 20, 400 << 20)
        assert process.rlimit(psutil.RLIMIT_FSIZE) == process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
        assert process.rlimit(psutil.RLIMIT_NPROC) == (0, 0)


def test_processes_die_with_their_owner() -> None:
    script = (
        "import asyncio, sys\nfrom documents.parsing import Workers\n"
        "async def main():\n"
        "    async with Workers(1) as workers:\n"
        "        await workers.parse(b'Some words.', 'text')\n"
        "        print('ready', flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=Path(__file__).parent) as owner:
        assert owner.stdout is not None and owner.stdout.readline() == b"ready\n"
        (child,) = psutil.Process(owner.pid).children()
        owner.kill()
        owner.wait()
        deadline = time.monotonic() + 20
        while not _has_ended(child):
            assert time.monotonic() < deadline, "it outlived its owner"
            time.sleep(0.03)


async def test_a_parser_that_is_not_installed_is_said_on_entering() -> None:
    with pytest.raises(ParserMissing, match="pip install docling"):
        async with Workers(1, parser="docling"):
            pass
    with pytest.raises(ParserMissing):
        load("docling")
    require("builtin")
