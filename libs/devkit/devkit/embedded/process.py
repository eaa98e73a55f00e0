"""Child processes that do not outlive their parent, and ports for them."""

import ctypes
import errno
import fcntl
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

HOST = "127.0.0.1"
_PR_SET_PDEATHSIG = 1
_reserved: list[IO[str]] = []
# Looked up before any fork: a child must not load libraries between fork and exec.
_prctl = getattr(ctypes.CDLL(None, use_errno=True), "prctl", None) if sys.platform == "linux" else None


class EmbeddedServerError(RuntimeError):
    """An embedded server cannot be started. The message is meant for the person who started Parley."""


@dataclass(frozen=True)
class Account:
    """The user a child runs as, and who has to own its files (as seen from the parent)."""

    uid: int
    gid: int
    switch: bool = False
    """Become `uid` in the child (the parent is root)."""
    enter: Callable[[], None] | None = None
    """Runs in the child before everything else; used to enter a user namespace."""


def current_account() -> Account:
    """The user of this process."""
    return Account(os.getuid(), os.getgid())


def spawn(
    command: Sequence[str],
    *,
    output: IO[bytes],
    death_signal: signal.Signals,
    account: Account,
    env: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start `command` as a child that gets `death_signal` when this process dies, even by SIGKILL.

    Only Linux can do that. Elsewhere a killed parent leaves the child running; its folder then stays locked
    (see `folder.py`), so that no second server can start beside it.

    The child has a session of its own: Ctrl-C in a terminal reaches Parley, which stops its servers last. Its
    working directory is `/`, so every path in `command` must be absolute. `output` takes stdout and stderr.

    Raises RuntimeError outside the main thread, OSError when the command cannot be executed and
    subprocess.SubprocessError when the child cannot be prepared.
    """
    require_main_thread()
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd="/",
        env=env,
        pass_fds=pass_fds,
        start_new_session=True,
        user=account.uid if account.switch else None,
        group=account.gid if account.switch else None,
        extra_groups=[] if account.switch else None,
        preexec_fn=_child_setup(os.getpid(), death_signal, account.enter),
    )


def require_main_thread() -> None:
    """The death signal fires when the spawning *thread* exits, so only the main thread may spawn."""
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("embedded servers must be started from the main thread")


def _child_setup(parent: int, death_signal: signal.Signals, enter: Callable[[], None] | None) -> Callable[[], None]:
    def setup() -> None:
        if enter is not None:
            enter()
        # A parent started with `&` or nohup ignores SIGINT; an ignored or blocked signal survives exec.
        if death_signal != signal.SIGKILL:
            signal.signal(death_signal, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        # Last: a change of user clears the setting.
        if _prctl is not None:
            _die_with_parent(_prctl, parent, death_signal)

    return setup


def _die_with_parent(prctl: Callable[[int, ctypes.c_ulong], int], parent: int, sig: signal.Signals) -> None:
    if prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(sig)) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it died before the setting took hold: nobody will signal us any more
        os._exit(1)


def free_port() -> int:
    """A port on 127.0.0.1 nobody listens on, and that no other process of Parley is given while this one lives: what
    is to listen there may take a while to start.

    It lies below the range from which the kernel takes ports for outgoing connections. A client that keeps
    redialling a killed server could otherwise be given the server's own port, and the server could not come
    back.
    """
    choice = random.SystemRandom()  # not the seeded generator: parallel test runs would choose alike
    for _ in range(100):
        port = choice.randrange(20_000, 32_768)
        if _reserve(port) and _listen_error(port) is None:
            return port
    raise EmbeddedServerError(f"no free port between 20000 and 32767 on {HOST}")


def _reserve(port: int) -> bool:
    """Whether it is this process's from now on. The lock goes with the process, however that ends."""
    folder = Path(tempfile.gettempdir()) / "parley-ports"
    try:
        folder.mkdir(mode=0o1777, exist_ok=True)
        file = (folder / str(port)).open("w")
    except OSError:  # somebody else's, or no room: then it is as likely free as any
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return False
    _reserved.append(file)
    return True


def require_free_port(port: int, name: str) -> None:
    """Raise EmbeddedServerError if `name` could not listen on `port`."""
    error = _listen_error(port)
    if error is None:
        return
    if error.errno == errno.EADDRINUSE:
        raise EmbeddedServerError(f"{name} cannot start: port {port} on {HOST} is already taken") from error
    raise EmbeddedServerError(f"{name} cannot listen on {HOST}:{port}: {error.strerror}") from error


def _listen_error(port: int) -> OSError | None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do, so that closing connections of an earlier server do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError as error:
            return error
    return None
