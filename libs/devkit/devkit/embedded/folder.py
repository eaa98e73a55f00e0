"""One owner, and one server, per data folder.

Two locks, because a killed owner and its server do not end at the same moment:

- `owner.lock` is held by the Parley process from start to stop. Taken means: somebody else runs here, give
  up.
- `server.lock` is handed to the server and inherited by all its processes. Taken while we own the folder
  means: the last server is still on its way out (or its backends are), wait.

The kernel drops both when their holders die, however they die.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devkit.embedded.process import EmbeddedServerError

_POLL_SECONDS = 0.01


class DataFolder:
    """The folder of one embedded server, and its locks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._owner: int | None = None

    def claim(self) -> None:
        """Create the folder and become its owner. Raises EmbeddedServerError if somebody else is."""
        if self._owner is not None:
            return
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = self._open("owner.lock")
        if not _try_lock(lock):
            owner = os.read(lock, 20).decode().strip()
            os.close(lock)
            raise EmbeddedServerError(f"data folder {self.path} is in use by process {owner or 'unknown'}")
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        self._owner = lock

    def release(self) -> None:
        """Let somebody else own the folder."""
        if self._owner is not None:
            os.close(self._owner)
            self._owner = None

    @contextmanager
    def server_lock(self, timeout: float) -> Iterator[int]:
        """A locked descriptor for the server to inherit; waits `timeout` seconds for an earlier one to end.

        The lock outlives the block for as long as a process that was given the descriptor lives.
        """
        lock = self._open("server.lock")
        try:
            self._wait_for(lock, timeout)
            yield lock
        finally:
            os.close(lock)

    def _wait_for(self, lock: int, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not _try_lock(lock):
            if time.monotonic() > deadline:
                raise EmbeddedServerError(f"an earlier server is still running in data folder {self.path}")
            time.sleep(_POLL_SECONDS)

    def _open(self, name: str) -> int:
        try:
            return os.open(self.path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError as error:
            raise EmbeddedServerError(f"data folder {self.path} belongs to another user") from error


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
