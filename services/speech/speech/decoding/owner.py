"""Starts a process for each recording, and waits for it no longer than it may take."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import numpy as np
from contracts.vocabulary.hearing import NotHeard

from speech.samples import Samples

SECONDS = 60
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
    """Decodes `at_once` recordings at a time, of at most `seconds` each."""

    def __init__(self, at_once: int, seconds: float) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._seconds = seconds

    async def decode(self, data: bytes) -> Samples:
        """The samples of a recording. Raises Undecodable."""
        async with self._free:
            # A thread waits for it: the process is bound to that thread's life, and ends when its time is up.
            done = await asyncio.to_thread(self._run, data)
        if done.returncode == _TOO_LONG:
            minutes = f"{self._seconds / 60:g}"
            raise Undecodable("too_long", f"This recording is longer than {minutes} minutes. Please send shorter ones.")
        if done.returncode != 0 or len(done.stdout) < 2:
            raise Undecodable("unreadable", UNREADABLE)
        return np.frombuffer(done.stdout, dtype=np.int16).astype(np.float32) / np.float32(32768)

    def _run(self, data: bytes) -> subprocess.CompletedProcess[bytes]:
        command = [
            # Isolated (-I), with an empty environment: nothing of this service's secrets is in it.
            sys.executable, "-I", "-X", "utf8", "-m", "speech.decoding.child",
            f"--owner={os.getpid()}", f"--seconds={self._seconds}", f"--processor={SECONDS}",
            f"--megabytes={MEGABYTES}",
        ]  # fmt: skip
        try:
            return subprocess.run(
                command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/",
                timeout=SECONDS, check=False, start_new_session=True,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Undecodable("unreadable", UNREADABLE) from None
