"""Models for speech and for meaning, installed in the background of a `make up` at a terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from runtime.installed import installed_commands

from devkit.embedded.process import current_account, spawn

COMMAND = "parley models install speech encoder"


def wanted(environment: Mapping[str, str], *, at_a_terminal: bool) -> bool:
    """Whether somebody is there who may want them, and can say no."""
    off = environment.get("PARLEY_MODELS", "").lower() == "off" or bool(environment.get("CI"))
    return at_a_terminal and not off and "models" in {entry.name for entry in installed_commands()}


class ModelInstall:
    """The installer, as a process of its own. What it says goes to its log, and from there to `say`."""

    def __init__(self, data_dir: Path, say: Callable[[str], None]) -> None:
        self.log = data_dir.absolute() / "logs" / "models.log"
        self._say = say
        self._said = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; from the main thread."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._say("fetching models in the background, if any are missing; Ctrl-C stops that, too")
        self._say(f"PARLEY_MODELS=off leaves it out; its log: {self.log}")
        with self.log.open("wb") as output:
            self._process = spawn(
                [sys.executable, "-m", "runtime", *COMMAND.split()[1:]],
                output=output,
                death_signal=signal.SIGKILL,
                account=current_account(),
                env=os.environ,
            )

    def look(self) -> None:
        """Pass on what it said since, and how it ended."""
        if self._process is None:
            return
        code = self._process.poll()
        lines = self.log.read_bytes()[self._said :].decode(errors="replace").splitlines(keepends=True)
        for line in lines:
            if line.endswith("\n") or code is not None:
                self._said += len(line.encode())
                self._say(line.rstrip())
        if code is not None:
            self._process = None
            if code:
                self._say(f"Parley goes without some of its models for now. To try again: {COMMAND}")

    def stop(self) -> None:
        """End it; what it fetched so far is kept."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None
