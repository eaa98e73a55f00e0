"""The embedded servers, for real: processes, folders, ports and kills."""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import nats
import psutil
import pytest
from devkit.embedded import EmbeddedNats, EmbeddedPostgres, EmbeddedServerError, accounts, free_port, process
from devkit.embedded.server import EmbeddedServer
from nats.js import JetStreamContext

SERVERS = [EmbeddedNats, EmbeddedPostgres]
both = pytest.mark.parametrize("server_class", SERVERS, ids=["nats", "postgres"])

START_BOTH = """
import sys, time
from pathlib import Path
from devkit.embedded import EmbeddedNats, EmbeddedPostgres
servers = [EmbeddedNats(Path(sys.argv[1])), EmbeddedPostgres(Path(sys.argv[2]))]
for server in servers:
    server.start()
print(*(server.pid for server in servers), flush=True)
time.sleep(60)
"""
START_POSTGRES = """
import sys
from pathlib import Path
from devkit.embedded import EmbeddedPostgres
EmbeddedPostgres(Path(sys.argv[1])).start()
"""


def run(script: str, *arguments: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


def gone(process: psutil.Process) -> bool:
    """Ended, though perhaps not yet reaped: that is up to process 1."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def sql(server: EmbeddedPostgres, statement: str) -> Any:
    async def fetch() -> Any:
        connection = await asyncpg.connect(server.url())
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(fetch())


def with_jetstream(server: EmbeddedNats, action: Callable[[JetStreamContext], Awaitable[Any]]) -> Any:
    async def connected() -> Any:
        client = await nats.connect(server.url)
        try:
            return await action(client.jetstream())
        finally:
            await client.close()

    return asyncio.run(connected())


async def publish_three(stream: JetStreamContext) -> None:
    await stream.add_stream(name="TURNS", subjects=["turns.>"])
    for number in range(3):
        await stream.publish("turns.a", str(number).encode(), stream="TURNS")


async def read_all(stream: JetStreamContext) -> list[bytes]:
    count = (await stream.stream_info("TURNS")).state.messages
    return [(await stream.get_msg("TURNS", seq)).data or b"" for seq in range(1, count + 1)]


@pytest.fixture
def listener() -> Iterator[int]:
    """A port somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


# Start, stop, restart


def test_nats_keeps_streams_over_a_restart(tmp_path: Path) -> None:
    with EmbeddedNats(tmp_path) as server:
        with_jetstream(server, publish_three)
    assert not server.alive
    with EmbeddedNats(tmp_path) as again:
        assert with_jetstream(again, read_all) == [b"0", b"1", b"2"]


def test_postgres_keeps_data_over_a_restart(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server:
        sql(server, "CREATE TABLE turns AS SELECT 42 AS answer")
    assert not server.alive
    with EmbeddedPostgres(tmp_path) as again:
        assert sql(again, "SELECT answer FROM turns") == 42


def test_postgres_has_pgvector_and_writes_commits_to_disk(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server:
        sql(server, "CREATE EXTENSION vector")
        assert sql(server, "SELECT '[1,2,3]'::vector <-> '[1,2,5]'::vector") == 2.0
        assert sql(server, "SHOW fsync") == sql(server, "SHOW synchronous_commit") == "on"


@both
def test_folder_and_log_may_have_strange_names(server_class: type[EmbeddedServer], tmp_path: Path) -> None:
    folder = tmp_path / 'my "data" $HOME ü\\'
    with server_class(folder / "a", log=folder / "logs" / "my log") as server:
        assert server.alive
    assert server.log.stat().st_size > 0


@both
def test_two_instances_run_side_by_side(server_class: type[EmbeddedServer], tmp_path: Path) -> None:
    with server_class(tmp_path / "a") as one, server_class(tmp_path / "b") as other:
        assert one.alive and other.alive
        assert one.port != other.port


@both
def test_a_server_that_does_not_obey_is_stopped_by_force(
    server_class: type[EmbeddedServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_class, "stop_steps", ((signal.SIGINT, 0.1),))
    with server_class(tmp_path) as server:
        assert server.pid is not None
        process = psutil.Process(server.pid)
        process.suspend()
    assert gone(process)


# Refusals


@both
def test_a_folder_in_use_is_refused_by_name(server_class: type[EmbeddedServer], tmp_path: Path) -> None:
    with server_class(tmp_path) as server:
        with pytest.raises(EmbeddedServerError, match=f"{tmp_path} is in use by process {os.getpid()}"):
            server_class(tmp_path).start()
        assert server.alive


@both
def test_a_taken_port_is_refused_and_the_folder_let_go(
    server_class: type[EmbeddedServer], tmp_path: Path, listener: int
) -> None:
    with pytest.raises(EmbeddedServerError, match=f"port {listener} on 127.0.0.1 is already taken"):
        server_class(tmp_path, port=listener).start()
    with server_class(tmp_path) as server:
        assert server.alive


@both
def test_a_running_server_is_not_started_twice(server_class: type[EmbeddedServer], tmp_path: Path) -> None:
    with server_class(tmp_path) as server:
        with pytest.raises(EmbeddedServerError, match="already running"):
            server.start()
        assert server.alive


def test_only_the_main_thread_may_start_a_server(tmp_path: Path) -> None:
    errors: list[str] = []

    def start() -> None:
        try:
            EmbeddedNats(tmp_path).start()
        except RuntimeError as error:
            errors.append(str(error))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert errors == ["embedded servers must be started from the main thread"]


def test_a_nats_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("not a folder")
    with pytest.raises(EmbeddedServerError, match=r"NATS stopped while starting[\s\S]*not a directory"):
        EmbeddedNats(tmp_path).start()


def test_a_postgres_that_cannot_start_says_why(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path):
        pass
    (tmp_path / "cluster" / "global" / "pg_control").unlink()
    with pytest.raises(EmbeddedServerError, match=r"Postgres stopped while starting[\s\S]*pg_control"):
        EmbeddedPostgres(tmp_path).start()


def test_free_ports_are_not_handed_to_outgoing_connections() -> None:
    assert all(20_000 <= free_port() < 32_768 for _ in range(50))


def test_a_port_that_was_handed_out_is_not_handed_out_again_before_anybody_listens_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Choosing:
        """Chooses few ports, as bad luck would."""

        def __init__(self) -> None:
            self.choice = random.Random(20_000)

        def randrange(self, start: int, stop: int) -> int:
            return start + self.choice.randrange(50)

    monkeypatch.setattr(process.random, "SystemRandom", Choosing)
    found = [free_port() for _ in range(10)]
    assert len(set(found)) == 10
    code = f"from devkit.embedded.process import _reserve; print([port for port in {found} if _reserve(port)])"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == "[]", "nor to another process"


# Crashes


def test_nats_keeps_acknowledged_messages_when_killed(tmp_path: Path) -> None:
    with EmbeddedNats(tmp_path) as server:
        with_jetstream(server, publish_three)
        address = server.url
        server.kill()
        assert not server.alive
        server.start()
        assert server.url == address
        assert with_jetstream(server, read_all) == [b"0", b"1", b"2"]


def test_postgres_keeps_commits_when_killed_with_clients_connected(tmp_path: Path) -> None:
    async def commit_and_kill() -> None:
        writer, sleeper = await asyncpg.connect(server.url()), await asyncpg.connect(server.url())
        await writer.execute("CREATE TABLE turns AS SELECT generate_series(1, 1000) AS n")
        asleep = asyncio.ensure_future(sleeper.execute("SELECT pg_sleep(60)"))
        await asyncio.sleep(0.05)
        server.kill()
        server.start()  # at once, while both clients still hold their ends
        await asyncio.gather(asleep, return_exceptions=True)
        writer.terminate()

    with EmbeddedPostgres(tmp_path) as server:
        asyncio.run(commit_and_kill())
        assert sql(server, "SELECT count(*) FROM turns") == 1000


def test_postgres_waits_for_a_busy_backend_of_a_killed_server(tmp_path: Path) -> None:
    async def kill_while_busy() -> None:
        client = await asyncpg.connect(server.url())
        busy = asyncio.ensure_future(client.execute("SELECT count(*) FROM generate_series(1, 2000000)"))
        await asyncio.sleep(0.05)
        server.kill()
        server.start()
        await asyncio.gather(busy, return_exceptions=True)

    with EmbeddedPostgres(tmp_path) as server:
        asyncio.run(kill_while_busy())
        assert sql(server, "SELECT 1") == 1


def test_a_pid_file_with_the_number_of_another_process_does_not_stop_postgres(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server:
        pid_file = tmp_path / "cluster" / "postmaster.pid"
        left_over = pid_file.read_text()
        server.kill()
        bystander = run("import time; time.sleep(60)")
        try:
            pid_file.write_text(left_over.replace(str(server.pid), str(bystander.pid), 1))
            server.start()
            assert sql(server, "SELECT 1") == 1
        finally:
            bystander.kill()
            bystander.communicate()


@pytest.mark.parametrize("ignores_interrupts", [False, True], ids=["terminal", "background"])
def test_a_killed_parent_leaves_no_server_behind(tmp_path: Path, ignores_interrupts: bool) -> None:
    folders = tmp_path / "nats", tmp_path / "postgres"
    # What a shell does to a job started with `&`.
    script = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)" if ignores_interrupts else ""
    parent = run(script + START_BOTH, *folders)
    assert parent.stdout is not None
    servers = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    family = servers + [child for server in servers for child in server.children(recursive=True)]
    assert len(family) > 4
    parent.kill()
    parent.communicate()
    with EmbeddedNats(folders[0]), EmbeddedPostgres(folders[1]):  # at once: waits for the predecessors
        assert all(gone(process) for process in family)


@pytest.mark.parametrize("progress", ["PG_VERSION", "base/1"])
def test_a_kill_during_initdb_leaves_a_folder_that_starts(tmp_path: Path, progress: str) -> None:
    parent = run(START_POSTGRES, tmp_path)
    assert eventually((tmp_path / "cluster.new" / progress).exists)
    parent.kill()
    parent.communicate()
    assert not (tmp_path / "cluster").exists()
    with EmbeddedPostgres(tmp_path) as server:
        assert sql(server, "SELECT 1") == 1
    assert not (tmp_path / "cluster.new").exists()


# Users and privacy


def test_postgres_leaves_its_files_to_the_user_who_started_it(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server:
        sql(server, "CREATE TABLE turns (n int)")
    assert {path.stat().st_uid for path in tmp_path.rglob("*")} == {os.getuid()}


def test_postgres_runs_as_somebody_else_where_root_may_not_make_namespaces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with tempfile.TemporaryDirectory() as reachable:
        Path(reachable).chmod(0o755)
        with EmbeddedPostgres(Path(reachable) / "data") as server:
            sql(server, "CREATE TABLE turns AS SELECT 42 AS answer")
        monkeypatch.setattr(accounts, "_unshare", None)
        with server:
            assert sql(server, "SELECT answer FROM turns") == 42
            assert psutil.Process(server.pid).uids().real != 0
        monkeypatch.undo()
        with server:  # and back again
            assert sql(server, "SELECT answer FROM turns") == 42


def test_the_log_of_postgres_holds_nothing_people_said(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server:
        sql(server, "CREATE TABLE turns (words text PRIMARY KEY CHECK (length(words) > 99))")
        with pytest.raises(asyncpg.CheckViolationError):
            sql(server, "INSERT INTO turns VALUES ('my secret')")
        log = server.log.read_text()
    assert "violates check constraint" in log
    assert "secret" not in log
