"""Documents are worked on in processes that a file may kill, stall or fill, and that leave nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import psutil
import pytest
from contracts.documents.understanding import Requirement, Understanding
from devkit.processes import children_running, lives
from documents.parsing import Unreadable, parse
from documents.parsing.parsers import ParserMissing, load, require
from documents.refinement import Refinement
from documents.understanding import understood_from
from documents.understood import Understood
from documents.workers import Workers, WorkFailed
from documents.workers.pool import Told
from documents.workers.tasks import Compare
from parsing_corpus import hostile, word
from parsing_corpus.hostile import SENTENCE
from parsing_corpus.zips import with_parts

SLOW = hostile.many_characters(100)
"""Takes a second."""
SMALL = hostile.docx()
TODAY = date(2026, 11, 15)
INTRICATE = b"Python and R or Go, " * 9_500
"""Read in milliseconds; understanding its 190 kB takes seconds."""
JOB = Understanding(requirements=(Requirement(text="Experience with Go", skills=("Go",)),))


async def nobody() -> None:
    """Is not told."""


def alive() -> list[int]:
    """The workers. One that has just died, and was not waited for yet, is none of them."""
    return [child.pid for child in children_running("documents.workers.worker")]


def _is_busy(pid: int) -> bool:
    try:
        return psutil.Process(pid).rlimit(psutil.RLIMIT_CPU)[0] != psutil.RLIM_INFINITY
    except psutil.NoSuchProcess:  # a zombie, too
        return False


async def until(condition: Callable[[], bool], seconds: float = 30) -> None:
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


async def read(workers: Workers, data: bytes, on_read: Told = nobody) -> Understood:
    return await workers.read(data, filename="cv", kind="resume", today=TODAY, on_read=on_read)


async def reads_on(workers: Workers) -> bool:
    """The pool still reads files."""
    return (await read(workers, SMALL)).body == SENTENCE


async def refusal(workers: Workers, data: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        await read(workers, data)
    return refused.value.code


async def test_processes_start_when_they_are_needed_and_are_used_again() -> None:
    async with Workers(3) as workers:
        assert alive() == []
        assert await reads_on(workers)
        first = alive()
        assert await reads_on(workers) and alive() == first and len(first) == 1
    assert alive() == []


async def test_a_process_says_what_this_one_would() -> None:
    from parsing_corpus.clean import CLEAN

    async with Workers(1) as workers:
        for file in (
            file
            for file in CLEAN
            if file.name in ("typst-ar", "docx-hi", "text-zh-gb18030", "reportlab-two-columns-ja")
        ):
            assert await read(workers, file.data) == understood_from(parse(file.data, file.media_type), "resume", TODAY)


async def test_at_most_so_many_files_are_read_at_once() -> None:
    from parsing_corpus.clean import CLEAN

    async with Workers(2) as workers:
        found = await asyncio.gather(*(read(workers, file.data) for file in CLEAN[:12]))
        assert len(alive()) == 2
    assert [understood.words > 10 for understood in found] == [True] * 12


async def test_a_process_is_replaced_after_some_tasks() -> None:
    async with Workers(1, tasks=2) as workers:
        seen: list[int] = []
        for _ in range(5):
            assert await reads_on(workers)
            seen += alive()
    assert len(set(seen)) == 3


async def test_refusals_come_through_with_their_reason() -> None:
    async with Workers(1) as workers:
        assert await refusal(workers, hostile.scanned_pdf()) == "scanned"
        assert await refusal(workers, hostile.many_pages(101)) == "too_many_pages"
        assert await refusal(workers, b"PK\x03\x04") == "broken"
        assert await reads_on(workers)
        assert len(alive()) == 1


async def test_a_process_that_is_killed_in_the_middle_of_a_file_is_replaced_and_the_file_read() -> None:
    async with Workers(1) as workers:
        reading = asyncio.create_task(read(workers, SLOW))
        victim = await reading_process()
        os.kill(victim, signal.SIGKILL)
        assert "lorem ipsum dolor" in (await reading).body
        assert victim not in alive()


async def test_a_file_that_kills_two_processes_is_broken() -> None:
    async with Workers(1) as workers:
        reading = asyncio.create_task(refusal(workers, SLOW))
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
        assert await refusal(workers, SLOW) == "too_complex"
        assert victim not in alive() and await reads_on(workers)


async def test_a_file_that_takes_too_much_memory_is_given_up() -> None:
    paragraphs = f"<w:document {word.NAMESPACES}><w:body>{'<w:p/>' * 2_500_000}</w:body></w:document>"
    async with Workers(1, megabytes=256) as workers:
        assert await refusal(workers, with_parts(SMALL, {"word/document.xml": paragraphs})) == "too_complex"
        assert await reads_on(workers)


async def test_a_stream_that_unpacks_to_gigabytes_is_given_up() -> None:
    async with Workers(1, seconds=10) as workers:
        assert await refusal(workers, hostile.packed_twice()) == "too_complex"
        assert await reads_on(workers)


async def test_drawings_without_end_are_given_up() -> None:
    async with Workers(1, seconds=0.5) as workers:
        assert await refusal(workers, hostile.forms_that_multiply()) == "too_complex"
        assert await reads_on(workers)


async def test_a_process_is_killed_when_its_caller_is_cancelled() -> None:
    async with Workers(1) as workers:
        assert await reads_on(workers)
        (victim,) = alive()
        reading = asyncio.create_task(read(workers, SLOW))
        await asyncio.sleep(0.2)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert not psutil.pid_exists(victim) and alive() == []
        assert await reads_on(workers)


async def test_a_caller_cancelled_while_the_reply_arrives_leaves_nothing() -> None:
    """A long reply comes in pieces, and asyncio stops reading what nobody takes."""
    long = b"Each of these words is a part of the reply. " * 4_000
    async with asyncio.timeout(90), Workers(1) as workers:
        for steps in range(3, 9):
            assert await reads_on(workers)
            reading = asyncio.create_task(read(workers, long))
            for _ in range(steps):
                await asyncio.sleep(0)
                time.sleep(0.03)  # noqa: ASYNC251 - so that each step of the loop finds a full pipe
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
    assert alive() == []


async def test_a_caller_cancelled_twice_gives_back_its_place() -> None:
    async with Workers(1) as workers:
        assert await reads_on(workers)
        reading = asyncio.create_task(read(workers, SLOW))
        await asyncio.sleep(0.2)
        reading.cancel()
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert await reads_on(workers)


async def test_a_caller_cancelled_while_a_process_starts_leaves_none() -> None:
    async with Workers(1) as workers:
        for seconds in (0, 0.001, 0.01, 0.1):
            reading = asyncio.create_task(read(workers, SMALL))
            await asyncio.sleep(seconds)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        assert await reads_on(workers)
    assert alive() == []


async def test_a_caller_cancelled_while_it_waits_takes_nobodys_place() -> None:
    async with Workers(1) as workers:
        reading = asyncio.create_task(read(workers, SLOW))
        await asyncio.sleep(0.05)
        waiting = asyncio.create_task(read(workers, SMALL))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert await reads_on(workers)


@pytest.mark.parametrize("seconds", [0, 0.001, 0.05, 0.5])
async def test_closing_ends_all_processes_and_whoever_waits_is_told(seconds: float) -> None:
    async with Workers(2) as workers:
        reading = [asyncio.create_task(read(workers, SLOW)) for _ in range(4)]
        await asyncio.sleep(seconds)
    assert alive() == []
    outcomes = await asyncio.gather(*reading, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ConnectionError] * 4
    assert alive() == []
    with pytest.raises(ConnectionError):
        await read(workers, SMALL)


async def test_whoever_waits_is_told_also_when_closing_takes_the_place_that_they_were_promised() -> None:
    workers = await Workers(1).__aenter__()
    places = [await workers._free.get() for _ in range(2)]
    waiting = [asyncio.create_task(workers.compare(Understanding(), (), JOB)) for _ in range(3)]
    await asyncio.sleep(0)
    for place in places:  # wakes two of them, who do not run before they are taken
        workers._free.put_nowait(place)
    await workers.__aexit__(None, None, None)
    done, _ = await asyncio.wait(waiting, timeout=10)
    assert [type(task.exception()) for task in done] == [ConnectionError] * 3


# --- understanding, which a text can make slow where it was read at once ---


async def test_whoever_asks_is_told_when_the_words_were_read() -> None:
    told: list[bool] = []

    async def on_read() -> None:
        told.append(True)

    async with Workers(1) as workers:
        await read(workers, SMALL, on_read)
        assert told == [True]
        with pytest.raises(Unreadable):
            await read(workers, hostile.scanned_pdf(), on_read)
        assert told == [True]


async def test_a_text_that_takes_too_long_to_understand_is_given_up() -> None:
    async with Workers(1, seconds=0.5) as workers:
        assert await reads_on(workers)
        (victim,) = alive()
        with pytest.raises(Unreadable, match=r"^The text of this file could be read, but it is too long") as refused:
            await read(workers, INTRICATE)
        assert refused.value.code == "too_complex"
        assert victim not in alive() and await reads_on(workers)


async def test_a_text_that_kills_two_processes_in_understanding_is_broken() -> None:
    killed: list[int] = []

    async def kill() -> None:
        (victim,) = alive()
        killed.append(victim)
        os.kill(victim, signal.SIGSEGV)

    async with Workers(1) as workers:
        with pytest.raises(Unreadable, match=r"^The text of this file could be read, but we failed") as refused:
            await read(workers, INTRICATE, kill)
        assert refused.value.code == "broken"
        assert len(set(killed)) == 2 and await reads_on(workers)


async def test_what_fails_while_somebody_is_told_is_no_limit_of_the_file() -> None:
    async def away() -> None:
        raise TimeoutError("the broker is away")

    async with Workers(1) as workers:
        with pytest.raises(TimeoutError, match="the broker is away"):
            await read(workers, SMALL, away)
        assert await reads_on(workers)


async def test_comparing_and_refining_are_done_by_workers_too() -> None:
    async with Workers(1) as workers:
        resume = await read(workers, b"Jane Doe\n\nExperience\n\nDeveloper, Acme\n2019 - 2021\n- Built it in Go")
        assert (await workers.compare(resume.understanding, resume.chunks, JOB)).match == 1
        added = Refinement(
            title=None, summary_points=[], key_skills=["Rust", "Acme"], experience_highlights=[], requirements=[]
        )
        refined = await workers.refine("resume", resume.understanding, added, resume.body_for_models)
        assert "Acme" in refined.summary.key_skills and "Rust" not in refined.summary.key_skills
        assert len(alive()) == 1


async def test_a_comparison_does_not_wait_for_files() -> None:
    read_on = asyncio.Event()

    async def wait() -> None:
        await read_on.wait()

    async with Workers(1, seconds=100) as workers:
        files = [asyncio.create_task(read(workers, SMALL, wait)) for _ in range(3)]
        await reading_process()
        await workers.compare(Understanding(), (), JOB)
        assert not any(file.done() for file in files) and len(alive()) == 2
        read_on.set()
        assert [found.body for found in await asyncio.gather(*files)] == [SENTENCE] * 3


async def test_a_comparison_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("documents.workers.pool.COMPARE_SECONDS", 0.001)  # less than any machine needs
    async with Workers(1) as workers:
        resume = await read(workers, INTRICATE)
        with pytest.raises(WorkFailed) as failed:
            await workers.compare(resume.understanding, resume.chunks, JOB)
        assert failed.value.at_limit
        assert await reads_on(workers)


async def test_a_process_that_speaks_no_sense_is_replaced_and_believed_nothing() -> None:
    """A file may take over what reads it."""
    async with Workers(1) as workers:
        with pytest.raises(WorkFailed) as failed:
            await workers._done(Compare(resume=Understanding(), chunks=(), job=JOB), Understood)
        assert not failed.value.at_limit and alive() == []
        assert await reads_on(workers)


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
        "import asyncio\nfrom datetime import date\nfrom documents.workers import Workers\n"
        "async def main():\n"
        "    async with Workers(1) as workers:\n"
        "        await workers.read(b'Some words.', filename='', kind='resume', today=date(2026, 11, 15))\n"
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
        while lives(child):
            assert time.monotonic() < deadline, "it outlived its owner"
            time.sleep(0.03)


async def test_a_parser_that_is_not_installed_is_said_on_entering() -> None:
    with pytest.raises(ParserMissing, match="pip install docling"):
        async with Workers(1, parser="docling"):
            pass
    with pytest.raises(ParserMissing):
        load("docling")
    require("builtin")
