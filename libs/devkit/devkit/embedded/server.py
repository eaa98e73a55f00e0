"""What the embedded servers have in common: a data folder, a port on 127.0.0.1, a child process."""

import secrets
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, ClassVar, Self

from devkit.embedded.folder import DataFolder
from devkit.embedded.process import EmbeddedServerError, free_port, require_free_port, require_main_thread

_POLL_SECONDS = 0.005
_PREDECESSOR_SECONDS = 20.0
_TAIL_BYTES = 4_000
_LOG_LIMIT_BYTES = 10_000_000


class EmbeddedServer(ABC):
    """A server that runs as a child of this process and keeps its data in one folder.

    `port` is chosen when it is not given, and then stays the same for the life of the object. `log` defaults
    to a file in the data folder. All methods are synchronous; `start` must be called from the main thread.
    """

    name: ClassVar[str]
    start_seconds: ClassVar[float]
    stop_steps: ClassVar[Sequence[tuple[signal.Signals, float]]]
    """Signals of `stop`, each with the seconds it is given; SIGKILL comes after the last."""

    def __init__(self, data_dir: Path, port: int | None = None, log: Path | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.port = free_port() if port is None else port
        self.log = log.absolute() if log is not None else self.data_dir / f"{self.name.lower()}.log"
        self._folder = DataFolder(self.data_dir)
        self._secret: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def password(self) -> str:
        """The administrator's password, made up on first use and kept in the data folder.

        Other users of this machine can reach the port, but not read the file.
        """
        if self._secret is None:
            self._secret = _kept_secret(self.data_dir / "password")
        return self._secret

    @property
    def pid(self) -> int | None:
        """Process id of the server; None before the first start and after stop."""
        return self._process.pid if self._process is not None else None

    @property
    def alive(self) -> bool:
        """Whether the server process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server and return when it answers; also after `kill`, on the same port and data.

        Raises EmbeddedServerError if the folder or the port is taken or the server does not come up, with the
        end of its log.
        """
        require_main_thread()
        if self.alive:
            raise EmbeddedServerError(f"{self.name} is already running in {self.data_dir}")
        self._folder.claim()
        try:
            self._launch()
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Shut the server down cleanly, by force if it does not obey, and let go of the folder."""
        if self._process is not None:
            _end(self._process, self.stop_steps)
            self._process = None
        self._folder.release()

    def kill(self) -> None:
        """SIGKILL the server, as a crash would. The folder stays ours; `start` brings it back."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @abstractmethod
    def _prepare(self, output: IO[bytes], lock: int) -> None:
        """Make the data folder ready. Children must inherit `lock` and write to `output`."""

    @abstractmethod
    def _spawn(self, output: IO[bytes], lock: int) -> subprocess.Popen[bytes]:
        """Start the server process. It must inherit `lock` and write to `output`."""

    @abstractmethod
    def _ready(self) -> bool:
        """Whether the server does its work; asked again and again after `_spawn`."""

    def _launch(self) -> None:
        with self._folder.server_lock(_PREDECESSOR_SECONDS) as lock, self._open_log() as output:
            require_free_port(self.port, self.name)
            self._prepare(output, lock)
            self._process = self._spawn(output, lock)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + self.start_seconds
        while not self._ready():
            if not self.alive:
                raise self._failure("stopped while starting")
            if time.monotonic() > deadline:
                raise self._failure(f"did not answer within {self.start_seconds:g} s")
            time.sleep(_POLL_SECONDS)

    def _open_log(self) -> IO[bytes]:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_name(f"{self.log.name}.1"))
        output = self.log.open("ab")
        self._log_start = output.tell()
        return output

    def _failure(self, what: str) -> EmbeddedServerError:
        """The error to raise, with what the server wrote since this start (no statements of clients)."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            tail = log.read()[-_TAIL_BYTES:].decode(errors="replace").strip()
        return EmbeddedServerError(f"{self.name} {what}; folder {self.data_dir}, log {self.log}:\n{tail}")


def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.new")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(24))
        draft.rename(path)
    return path.read_text()


def _end(process: subprocess.Popen[bytes], steps: Sequence[tuple[signal.Signals, float]]) -> None:
    for sig, seconds in steps:
        process.send_signal(sig)
        try:
            process.wait(seconds)
            return
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    process.wait()
