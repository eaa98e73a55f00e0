"""Sound that comes in pieces, as samples: PCM as it is, a file by a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress

import numpy as np
from contracts.speech.live import Container

from speech.ports import SAMPLE_RATE, Failed, Samples

_READ = 64 * 1024


class SoundStream:
    """Samples from `skip` seconds of the sound on. Used by one task that feeds and one that reads."""

    def __init__(self, container: Container, skip: float = 0.0) -> None:
        self._container = container
        self._skip = round(skip * SAMPLE_RATE)
        self._process: Process | None = None
        self._rest = b""
        self._ready: asyncio.Queue[Samples | None] = asyncio.Queue()
        self._reading: asyncio.Task[None] | None = None

    async def feed(self, data: bytes) -> None:
        """More sound. Raises Failed where it cannot be read any more."""
        if not self._container:
            self._decoded(data)
            return
        process = self._process or await self._start()
        assert process.stdin is not None
        try:
            process.stdin.write(data)
            await process.stdin.drain()
        except OSError:
            raise Failed("the sound cannot be read") from None

    def mark(self) -> None:
        """Have no samples come next, where what was fed so far ends; of a file, what is decoded of it so far."""
        self._ready.put_nowait(np.zeros(0, np.float32))

    async def end(self) -> None:
        """No more comes."""
        if self._process is None:
            self._ready.put_nowait(None)
            return
        assert self._process.stdin is not None
        self._process.stdin.close()

    async def next(self) -> Samples | None:
        """The next samples, none of them at a mark; None at the end."""
        return await self._ready.get()

    async def close(self) -> None:
        """Let go of it. Safe to call twice."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        if self._reading is not None:
            self._reading.cancel()

    async def _start(self) -> Process:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-X", "utf8", "-m", "speech.decoding.live",
            f"--owner={os.getpid()}", f"--container={self._container}",
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, cwd="/", start_new_session=True,
        )  # fmt: skip
        self._reading = asyncio.create_task(self._read(self._process))
        return self._process

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        while data := await process.stdout.read(_READ):
            self._decoded(data)
        self._ready.put_nowait(None)

    def _decoded(self, data: bytes) -> None:
        """Samples may be cut in the middle."""
        data = self._rest + data
        cut = len(data) - len(data) % 2
        data, self._rest = data[:cut], data[cut:]
        samples = np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768)
        dropped = min(self._skip, len(samples))
        self._skip -= dropped
        if len(samples) > dropped:
            self._ready.put_nowait(samples[dropped:])
