"""Starts a process for each recording, and waits for it no longer than it may take."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress

import numpy as np
from contracts.vocabulary.hearing import NotHeard

from speech.samples import Samples

PROCESSOR, SECONDS = 60, 120
"""Of processor time, and of waiting: ten minutes of audio take two."""
MEGABYTES = 1536
"""Address space; ten minutes of audio need some 300 MB beside the libraries."""
_NOT_AUDIO, _TOO_LONG = 3, 4
UNREADABLE = (
    "This is no audio that can be read. Record it again, as your browser does it, or upload WAV, WebM, Ogg, MP3 or M4A."
)


class Undecodable(Exception):
    """There are no samples to be had; `reason` for programs, the text for whoever recorded it."""

    def __init__(self, reason: NotHeard, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class Decoder:
    """Decodes `at_once` recordings at a time, of at most `seconds` each. A process is kept ready for the next one: to
    start takes longer than most recordings do."""

    def __init__(self, at_once: int, seconds: float) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._seconds = seconds
        self._ready: Process | None = None
        self._starting: asyncio.Task[None] | None = None

    async def decode(self, data: bytes) -> Samples:
        """The samples of a recording. Raises Undecodable."""
        async with self._free:
            process, self._ready = self._ready, None
            if process is None or process.returncode is not None:
                process = await self._started()
            self._starting = asyncio.create_task(self._prepare())
            try:
                async with asyncio.timeout(SECONDS):
                    output, _ = await process.communicate(data)
            except TimeoutError:
                raise Undecodable("unreadable", UNREADABLE) from None
            finally:
                await _gone(process)
        if process.returncode == _TOO_LONG:
            minutes = f"{self._seconds / 60:g}"
            raise Undecodable("too_long", f"This recording is longer than {minutes} minutes. Please send shorter ones.")
        if process.returncode != 0 or len(output) < 2:
            raise Undecodable("unreadable", UNREADABLE)
        return np.frombuffer(output, dtype=np.int16).astype(np.float32) / np.float32(32768)

    async def close(self) -> None:
        """End the one that is ready."""
        if self._starting is not None:
            await asyncio.wait([self._starting])
        if self._ready is not None:
            process, self._ready = self._ready, None
            await _gone(process)

    async def _prepare(self) -> None:
        process = await self._started()
        if self._ready is None:
            self._ready = process
        else:
            await _gone(process)

    async def _started(self) -> Process:
        return await asyncio.create_subprocess_exec(
            # Isolated (-I), with an empty environment: nothing of this service's secrets is in it.
            sys.executable, "-I", "-X", "utf8", "-m", "speech.decoding.child",
            f"--owner={os.getpid()}", f"--seconds={self._seconds}", f"--processor={PROCESSOR}",
            f"--megabytes={MEGABYTES}",
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, cwd="/", start_new_session=True,
        )  # fmt: skip


async def _gone(process: Process) -> None:
    """Killed, if it has not ended by itself."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
