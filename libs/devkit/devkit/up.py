"""`make up`: the supervisor at a terminal, until Ctrl-C."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

from devkit import model_server
from devkit.speech_models import ModelInstall, wanted
from devkit.supervisor import POLL_SECONDS, Supervisor


def up(data_dir: Path, port: int, modules: Mapping[str, str] | None = None) -> int:
    """Run until Ctrl-C or SIGTERM; the process's exit code."""
    stopping: list[int] = []

    def on_signal(number: int, _: FrameType | None) -> None:
        stopping.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    if own := os.environ.get("PARLEY_MODELS_DIR"):
        # Services and the installer run elsewhere in the tree of folders.
        os.environ["PARLEY_MODELS_DIR"] = str(Path(own).expanduser().absolute())
    make_was_interrupted = _watch_make()

    def told_to_stop() -> bool:
        return bool(stopping) or make_was_interrupted()

    found = model_server.find(port, _say, told_to_stop) if model_server.wanted(os.environ) else {}
    supervisor = Supervisor(data_dir, port, env=found, say=_say, modules=modules)
    models = ModelInstall(data_dir, _say)
    try:
        supervisor.start()
        _wait_until_ready(supervisor, told_to_stop)
        if not told_to_stop() and wanted(os.environ, at_a_terminal=sys.stdout.isatty()):
            models.start()
        while not told_to_stop():
            supervisor.look_after()
            models.look()
            time.sleep(POLL_SECONDS)
    finally:
        _say("stopping")
        models.stop()
        supervisor.stop()
    return 0


def _watch_make() -> Callable[[], bool]:
    """Tells whether the `make` that started us was interrupted or is gone.

    A terminal's Ctrl-C reaches us as well; a signal to make alone does not. make then waits for us, and no longer
    catches SIGINT: Linux shows that, and nothing else does.
    """
    parent = os.getppid()
    if not _is_make(parent) or not _catches_sigint(parent):
        return lambda: False
    return lambda: not _catches_sigint(parent)


def _is_make(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() in {"make", "gmake"}
    except OSError:
        return False


def _catches_sigint(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGINT - 1) & 1)


def _wait_until_ready(supervisor: Supervisor, told_to_stop: Callable[[], bool]) -> None:
    began = time.monotonic()
    # A turn succeeds, and each service does its part.
    waiting = ["gateway", *supervisor.health_ports]
    while not told_to_stop() and waiting:
        supervisor.look_after()
        where = {name: (port, "/health/ready") for name, port in supervisor.health_ports.items()}
        where["gateway"] = (supervisor.port, "/health")
        waiting = [name for name in waiting if not _is_ready(*where[name])]
        time.sleep(POLL_SECONDS)
    if not waiting:
        seconds = time.monotonic() - began
        _say(f"Parley is ready after {seconds:.1f} s: open {supervisor.url} (its data: {supervisor.data_dir})")


def _is_ready(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # what it is written to may be full, or gone
        print(f"{time.strftime('%H:%M:%S')} parley      {line}", flush=True)
