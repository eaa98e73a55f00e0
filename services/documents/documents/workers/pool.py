"""The pool of processes that work on documents."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import date
from types import TracebackType
from typing import TypeVar

import structlog
from contracts.documents.understanding import Chunk, GapAnalysis, Understanding
from contracts.envelope import Contract
from contracts.vocabulary.document import DocumentKind

from documents.parsing.errors import (
    Unreadable,
    broken,
    not_understood,
    too_complex,
    too_complex_to_understand,
)
from documents.parsing.parsers import ParserName, require
from documents.refinement import Refinement
from documents.understood import Understood
from documents.workers.frames import READY, WAS_READ, framed, receive
from documents.workers.tasks import Compare, Outcome, Read, Refine, Task

log = structlog.get_logger()
Told = Callable[[], Awaitable[None]]
Result = TypeVar("Result", bound=Contract)
Done = TypeVar("Done")

SECONDS = 20.0
MEGABYTES = 640
"""Of which some 220 are word lists, language models and libraries."""
TASKS = 100
COMPARE_SECONDS = 4.0
"""Less than whoever asks for a comparison waits."""
_START_SECONDS = 60.0
_OUT_OF_LIMITS = {signal.SIGXCPU, signal.SIGXFSZ, signal.SIGABRT, signal.SIGTRAP, signal.SIGILL}
"""What ends a process at one of its limits; the last three because PDFium aborts when memory is refused to it."""


class WorkFailed(Exception):
    """A task cannot be done, and trying it again cannot help. `at_limit`: it takes too much time, memory or space;
    otherwise it broke two workers, or raised an error that nobody thought of."""

    def __init__(self, reason: str, *, at_limit: bool) -> None:
        super().__init__(reason)
        self.at_limit = at_limit


class _Gone(Exception):
    """The worker ended before it replied. `signal` is what ended it, None when it ended by itself."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"exit code {code}")
        self.signal = -code if code is not None and code < 0 else None


async def _nobody() -> None:
    """For those who need not know."""


class Workers:
    """Processes that work on documents: `count` of them read files at a time, and one more compares meanwhile.

    Each may take `seconds` and `megabytes` of address space for a task (0: no limit), and is replaced after `tasks` of
    them. They are started when they are first needed. Raises ParserMissing on entering when the parser is not
    installed.

    All methods kill the process that works for them when their caller is cancelled, and raise ConnectionError when no
    process can be started or the pool is closed meanwhile; that is worth another try.
    """

    def __init__(
        self,
        count: int,
        *,
        seconds: float = SECONDS,
        megabytes: int = MEGABYTES,
        tasks: int = TASKS,
        parser: ParserName = "builtin",
    ) -> None:
        self._seconds = seconds
        self._tasks = tasks
        self._options = (
            f"--owner={os.getpid()}",
            f"--parser={parser}",
            f"--seconds={seconds}",
            f"--megabytes={megabytes}",
            f"--tasks={tasks}",
        )
        self._parser: ParserName = parser
        self._reading = asyncio.Semaphore(count)
        # One more, so that a comparison that somebody waits for need not wait for files.
        self._count = count + 1
        # The worker used last is used next, so that those which are not needed are never started.
        self._free: asyncio.LifoQueue[_Worker | None] = asyncio.LifoQueue()
        for _ in range(self._count):
            self._free.put_nowait(None)
        self._running: set[_Worker] = set()
        self._closed = False

    async def __aenter__(self) -> Workers:
        require(self._parser)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Kills all workers, also those that are working; whoever waits for them gets a ConnectionError."""
        self._closed = True
        await asyncio.gather(*(worker.kill() for worker in self._running))
        for _ in range(self._count):  # until everybody has given back theirs, also one that was just being started
            await self._free.get()
        # Those who still wait hand this one round, and each is told.
        self._free.put_nowait(None)

    async def read(
        self, data: bytes, *, filename: str, kind: DocumentKind, today: date, on_read: Told = _nobody
    ) -> Understood:
        """What a file says and what is found in it. `on_read` is called between the two.

        Raises Unreadable: `too_complex` at a limit, `broken` when it makes two processes crash, and all that the
        readers raise.
        """
        was_read = False

        async def note() -> None:
            nonlocal was_read
            was_read = True
            await on_read()

        task = Read(filename=filename, kind=kind, today=today)
        try:
            async with self._reading:
                return await self._done(task, Understood, data=data, on_read=note)
        except WorkFailed as error:
            if error.at_limit:
                raise (too_complex_to_understand() if was_read else too_complex()) from error
            raise (not_understood() if was_read else broken()) from error

    async def refine(
        self, kind: DocumentKind, understanding: Understanding, added: Refinement, text: str
    ) -> Understanding:
        """The understanding with what the text bears out of a model's answer. Raises WorkFailed."""
        task = Refine(kind=kind, understanding=understanding, added=added, text=text)
        return await self._done(task, Understanding)

    async def compare(self, resume: Understanding, chunks: Sequence[Chunk], job: Understanding) -> GapAnalysis:
        """Each requirement of the job with what the résumé shows for it. Raises WorkFailed."""
        task = Compare(resume=resume, chunks=tuple(chunks), job=job)
        return await self._done(task, GapAnalysis, seconds=COMPARE_SECONDS)

    async def _done(
        self,
        task: Task,
        kind: type[Result],
        *,
        data: bytes = b"",
        seconds: float = math.inf,
        on_read: Told = _nobody,
    ) -> Result:
        self._require_open()
        for _ in range(2):
            try:
                return await self._done_once(task, kind, data, min(seconds, self._seconds), on_read)
            except _Gone as error:
                self._require_open()
                if error.signal in _OUT_OF_LIMITS:
                    raise WorkFailed(f"it was ended at a limit: {error}", at_limit=True) from error
        raise WorkFailed("it ended two processes", at_limit=False)

    async def _done_once(self, task: Task, kind: type[Result], data: bytes, seconds: float, on_read: Told) -> Result:
        worker = await self._free.get()
        usable = False
        try:
            self._require_open()
            if worker is None:
                worker = await _Worker.start(self._options, self._tasks)
                self._running.add(worker)
                self._require_open()
                await worker.ready()
            outcome, result = await _within(seconds, worker.done(task, data, kind, on_read))
            usable = worker.is_usable and not outcome.exhausted
        finally:
            await self._give_back(worker, usable)
        if result is not None:
            return result
        if outcome.code is not None:
            raise Unreadable(outcome.code, outcome.message)
        if outcome.exhausted:
            raise WorkFailed("it takes too much memory", at_limit=True)
        log.warning("a worker failed", task=task.name, error=outcome.failure)
        raise WorkFailed(outcome.failure, at_limit=False)

    def _require_open(self) -> None:
        if self._closed:
            raise ConnectionError("the pool of workers is closed")

    async def _give_back(self, worker: _Worker | None, usable: bool) -> None:
        """Keep a worker for the next task, or end it: a cancelled caller may have left it in the middle of one."""
        try:
            if worker is not None and not usable:
                # Shielded: a second cancellation must not leave the process behind.
                await asyncio.shield(self._end(worker))
        finally:
            self._free.put_nowait(worker if usable else None)

    async def _end(self, worker: _Worker) -> None:
        await worker.kill()
        self._running.discard(worker)


class _Worker:
    """One process."""

    def __init__(self, process: Process, output: asyncio.StreamReader, pipe: asyncio.ReadTransport, tasks: int) -> None:
        assert process.stdin is not None
        self._process = process
        self._input = process.stdin
        self._output = output
        self._pipe = pipe
        self._left = tasks

    @classmethod
    async def start(cls, options: tuple[str, ...], tasks: int) -> _Worker:
        """A process that may still be loading what it needs."""
        # With a pipe of asyncio's, a process that is killed in the middle of a long reply is waited for in vain.
        reading, writing = os.pipe()
        output = asyncio.StreamReader()
        try:
            pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(output), os.fdopen(reading, "rb")
            )
            try:
                # Isolated (-I), with an empty environment: nothing of this service's secrets is in it.
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-I", "-X", "utf8", "-m", "documents.workers.worker", *options,
                    stdin=PIPE, stdout=writing, stderr=DEVNULL, env={}, cwd="/", start_new_session=True,
                )  # fmt: skip
            except BaseException:
                pipe.close()
                raise
        finally:
            os.close(writing)
        return cls(process, output, pipe, tasks)

    async def ready(self) -> None:
        """Return when it has loaded everything. Raises ConnectionError."""
        try:
            async with asyncio.timeout(_START_SECONDS):
                if await receive(self._output) != READY:
                    raise ConnectionError("the worker does not speak as expected")
        except (asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            raise ConnectionError("no worker can be started") from error

    @property
    def is_usable(self) -> bool:
        return self._left > 0 and self._process.returncode is None

    @property
    def pid(self) -> int:
        return self._process.pid

    async def done(self, task: Task, data: bytes, kind: type[Result], on_read: Told) -> tuple[Outcome, Result | None]:
        """How the task ended, and its result if it has one. Raises _Gone."""
        self._left -= 1
        await self._send(task.model_dump_json().encode(), data)
        reply = await self._reply()
        if reply == WAS_READ:
            await on_read()
            reply = await self._reply()
        try:
            outcome = Outcome.model_validate_json(reply)
            return outcome, kind.model_validate_json(await self._reply()) if outcome == Outcome() else None
        except ValueError as error:  # what it says makes no sense
            await self.kill()
            raise _Gone(None) from error

    async def _send(self, head: bytes, data: bytes) -> None:
        try:
            self._input.writelines([framed(head), head, framed(data), data])
            await self._input.drain()
        except ConnectionError as error:
            raise _Gone(await self._process.wait()) from error

    async def _reply(self) -> bytes:
        try:
            return await receive(self._output)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise _Gone(await self._process.wait()) from error
        except ValueError as error:
            await self.kill()
            raise _Gone(None) from error

    async def kill(self) -> None:
        """End the process and wait until it is gone."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
        self._input.close()
        self._pipe.close()
        await self._process.wait()


async def _within(seconds: float, work: Awaitable[Done]) -> Done:
    try:
        async with asyncio.timeout(seconds) as limit:
            return await work
    except TimeoutError as error:
        if limit.expired():
            raise WorkFailed(f"it takes more than {seconds:g} seconds", at_limit=True) from error
        raise  # of the caller's, on being told that a file was read
