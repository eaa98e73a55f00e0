"""Reads files in processes of their own, which can be killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from types import TracebackType

import structlog
from contracts.vocabulary.document import MediaType

from documents.parsed import Parsed
from documents.parsing.errors import Unreadable, broken, too_complex
from documents.parsing.frames import READY, Result, Task, framed, receive
from documents.parsing.parsers import ParserName, require

log = structlog.get_logger()

SECONDS = 20.0
MEGABYTES = 512
FILES = 100
_START_SECONDS = 60.0
_OUT_OF_LIMITS = {signal.SIGXCPU, signal.SIGXFSZ, signal.SIGABRT, signal.SIGTRAP, signal.SIGILL}
"""What ends a process at one of its limits; the last three because PDFium aborts when memory is refused to it."""


class _Gone(Exception):
    """The worker ended before it replied. `signal` is what ended it, None when it ended by itself."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"exit code {code}")
        self.signal = -code if code is not None and code < 0 else None


class Workers:
    """A pool of processes that read files, at most `count` at a time.

    Each may take `seconds` and `megabytes` of address space for a file (0: no limit), and is replaced after `files` of
    them. Processes are started when they are first needed. Raises ParserMissing on entering when the parser is not
    installed.
    """

    def __init__(
        self,
        count: int,
        *,
        seconds: float = SECONDS,
        megabytes: int = MEGABYTES,
        files: int = FILES,
        parser: ParserName = "builtin",
    ) -> None:
        self._seconds = seconds
        self._files = files
        self._options = (
            f"--owner={os.getpid()}",
            f"--parser={parser}",
            f"--seconds={seconds}",
            f"--megabytes={megabytes}",
            f"--files={files}",
        )
        self._parser: ParserName = parser
        # The worker used last is used next, so that those which are not needed are never started.
        self._free: asyncio.LifoQueue[_Worker | None] = asyncio.LifoQueue()
        for _ in range(count):
            self._free.put_nowait(None)
        self._count = count
        self._running: set[_Worker] = set()
        self._closed = False

    async def __aenter__(self) -> Workers:
        require(self._parser)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Kills all workers, also those that are reading; whoever waits for them gets a ConnectionError."""
        self._closed = True
        await asyncio.gather(*(worker.kill() for worker in self._running))
        for _ in range(self._count):  # until everybody has given back theirs, also one that was just being started
            await self._free.get()
        # Those who still wait hand this one round, and each is told.
        self._free.put_nowait(None)

    async def parse(self, data: bytes, media_type: MediaType) -> Parsed:
        """What a file says. The process that reads it is killed when the caller is cancelled.

        Raises Unreadable: `too_complex` at a limit, `broken` when it makes two processes crash, and all that the
        readers raise. Raises ConnectionError when no process can be started or the pool is closed meanwhile; that is
        worth another try.
        """
        self._require_open()
        for _ in range(2):
            try:
                return await self._parse_once(data, media_type)
            except TimeoutError:
                raise too_complex() from None
            except _Gone as error:
                self._require_open()
                if error.signal in _OUT_OF_LIMITS:
                    raise too_complex() from error
        raise broken(media_type.upper())

    async def _parse_once(self, data: bytes, media_type: MediaType) -> Parsed:
        worker = await self._free.get()
        usable = False
        try:
            self._require_open()
            if worker is None:
                worker = await _Worker.start(self._options, self._files)
                self._running.add(worker)
                self._require_open()
                await worker.ready()
            async with asyncio.timeout(self._seconds):
                result = await worker.ask(Task(media_type=media_type), data)
            usable = worker.is_usable and not result.exhausted
        finally:
            await self._give_back(worker, usable)
        if result.failure:
            log.warning("a reader failed", media_type=media_type, error=result.failure)
        if result.parsed is not None:
            return result.parsed
        if result.code is None:
            raise too_complex()
        raise Unreadable(result.code, result.message)

    def _require_open(self) -> None:
        if self._closed:
            raise ConnectionError("the pool of processes that read files is closed")

    async def _give_back(self, worker: _Worker | None, usable: bool) -> None:
        """Keep a worker for the next file, or end it: a cancelled caller may have left it in the middle of one."""
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

    def __init__(self, process: Process, output: asyncio.StreamReader, pipe: asyncio.ReadTransport, files: int) -> None:
        assert process.stdin is not None
        self._process = process
        self._input = process.stdin
        self._output = output
        self._pipe = pipe
        self._left = files

    @classmethod
    async def start(cls, options: tuple[str, ...], files: int) -> _Worker:
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
                    sys.executable, "-I", "-X", "utf8", "-m", "documents.parsing.worker", *options,
                    stdin=PIPE, stdout=writing, stderr=DEVNULL, env={}, cwd="/", start_new_session=True,
                )  # fmt: skip
            except BaseException:
                pipe.close()
                raise
        finally:
            os.close(writing)
        return cls(process, output, pipe, files)

    async def ready(self) -> None:
        """Return when it has loaded everything. Raises ConnectionError."""
        try:
            async with asyncio.timeout(_START_SECONDS):
                if await receive(self._output) != READY:
                    raise ConnectionError("the process that reads files does not speak as expected")
        except (asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            raise ConnectionError("the process that reads files cannot be started") from error

    @property
    def is_usable(self) -> bool:
        return self._left > 0 and self._process.returncode is None

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, task: Task, data: bytes) -> Result:
        """The result of a file. Raises _Gone."""
        self._left -= 1
        try:
            head = task.model_dump_json().encode()
            self._input.writelines([framed(head), head, framed(data), data])
            await self._input.drain()
            return Result.model_validate_json(await receive(self._output))
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
