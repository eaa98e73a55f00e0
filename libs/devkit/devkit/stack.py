"""A whole Parley as its own process tree, for end-to-end tests and benchmarks: what `make up` runs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from runtime.nats_users import ADMIN
from sqlalchemy.engine import make_url

from devkit.embedded.process import HOST, free_port
from devkit.processes import command_of
from devkit.supervisor import DATABASE

START_SECONDS = 60.0
STOP_SECONDS = 30.0


class Stack:
    """Parley in `data_dir` on a free port. `env` adds to its environment; `modules` as for the supervisor; `python` is
    that of another version's environment, which runs from its own `root`."""

    def __init__(
        self,
        data_dir: Path,
        env: Mapping[str, str] | None = None,
        *,
        port: int | None = None,
        modules: Mapping[str, str] | None = None,
        python: Path | None = None,
        root: Path | None = None,
    ) -> None:
        self._python = python or Path(sys.executable)
        self._root = root
        self.data_dir = data_dir
        self.port = port or free_port()
        self.log = data_dir / "up.log"
        self._env = dict(env or {})
        self._modules = dict(modules or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return f"http://{HOST}:{self.port}"

    @property
    def nats_url(self) -> str:
        """The broker, as its administrator. Its port changes when the stack is started again."""
        match = re.search(r"listen: \"[\d.]+:(\d+)\"", (self.data_dir / "nats" / "nats.conf").read_text())
        assert match, "the broker has not been started"
        password = (self.data_dir / "nats" / "password").read_text()
        return f"nats://{ADMIN}:{password}@{HOST}:{match[1]}"

    @property
    def database_url(self) -> str:
        """The database, as its owner."""
        port = (self.data_dir / "postgres" / "cluster" / "postmaster.pid").read_text().splitlines()[3]
        password = (self.data_dir / "postgres" / "password").read_text()
        return f"postgresql://postgres:{password}@{HOST}:{port}/{DATABASE}"

    def service_database_url(self, service: str) -> str:
        """The database, in the role of a service."""
        password = json.loads((self.data_dir / "secrets.json").read_text())["service_password"]
        login = make_url(self.database_url).set(username=f"parley_{service}", password=password)
        return login.render_as_string(hide_password=False)

    def start(self) -> None:
        """Start it and return when it is ready. Raises RuntimeError with its output when it does not come up."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        begin = self.log.stat().st_size if self.log.exists() else 0
        places = {"DATA_DIR": self.data_dir, "PARLEY_MODELS_DIR": self.data_dir / "models", "PORT": self.port}
        quiet = {"MODEL_SERVER": "off", "MODEL_WARM_UP": "false", "ENV_FILE": ""}  # tests count what models are asked
        env = quiet | os.environ | {name: str(value) for name, value in places.items()} | self._env
        replaced = [f"--module={name}={module}" for name, module in self._modules.items()]
        command = [str(self._python), "-m", "devkit", "up", *replaced]
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(command, cwd=self._root, env=env, stdout=output, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + START_SECONDS
        while b"Parley is ready" not in self._output_since(begin):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._end()  # or it would go on, and make the next one slower still
                raise RuntimeError(f"Parley did not start:\n{self._output_since(begin).decode()[-4000:]}")
            time.sleep(0.05)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does; its exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(STOP_SECONDS)

    def pid_of(self, name: str) -> int | None:
        """The process of a service, of `nats` or of `postgres`; None while it is down."""
        for child in self.processes():
            if name in _names(child):
                return child.pid
        return None

    def processes(self) -> list[psutil.Process]:
        """The supervisor's children."""
        assert self._process is not None
        try:
            return psutil.Process(self._process.pid).children()
        except psutil.NoSuchProcess:
            return []

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> bool:
        """Signal a service or a server; False when it is down already."""
        pid = self.pid_of(name)
        if pid is None:
            return False
        os.kill(pid, number)
        return True

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        """Whatever it is doing. Its children go when the supervisor does, however that ends."""
        if self._process is None or self._process.poll() is not None:
            return
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _output_since(self, begin: int) -> bytes:
        with self.log.open("rb") as log:
            log.seek(begin)
            return log.read()


def _names(process: psutil.Process) -> set[str]:
    command = command_of(process)
    if not command:
        return set()
    program = Path(command[0]).name
    if program == "nats-server":
        return {"nats"}
    if program.startswith("postgres"):
        return {"postgres"}
    return {command[2]} if len(command) > 2 and command[1] == "-m" else set()
