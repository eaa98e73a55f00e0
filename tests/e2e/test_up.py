"""`make up`: what it starts, what it restarts, what it leaves behind."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
from devkit import stack as stack_module
from devkit.embedded import free_port
from devkit.processes import command_of, lives
from devkit.stack import Stack

ROOT = Path(__file__).resolve().parents[2]
TREE = ("gateway", "session", "interviewer", "coach", "documents", "speech", "nats", "postgres")


async def eventually(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        await asyncio.sleep(0.1)


@pytest.fixture
def own(tmp_path: Path) -> Stack:
    """A Parley of the test's own, not started."""
    return Stack(tmp_path / "parley")


async def test_the_data_is_there_again_and_ctrl_c_leaves_no_process(own: Stack, client: Any) -> None:
    with own:
        mine = type(client)(client.http, own.url)
        session_id = await mine.begin()
        asked = await mine.say("I have ten years of experience with payment systems.")
        everything = psutil.Process(own.processes()[0].ppid()).children(recursive=True)
        assert own.stop(signal.SIGINT) == 0
    assert [process for process in everything if process.is_running()] == []
    with own:
        mine = type(client)(client.http, own.url, {"X-Session-ID": session_id})
        history = (await mine.get("/interview/history")).body["history"]
        assert history[-1] == asked.body
        assert (await mine.say("We went on after everything was restarted.")).status == 200


def test_at_a_terminal_models_are_fetched_and_that_stops_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    master, slave = pty.openpty()
    # It takes connections and says nothing, so the installer waits.
    with socket.create_server(("127.0.0.1", 0)) as mirror:
        process = subprocess.Popen(
            [sys.executable, "-m", "devkit", "up"],
            env=os.environ
            | {"DATA_DIR": str(tmp_path), "PORT": str(free_port()), "PARLEY_MODELS_DIR": str(tmp_path / "models")}
            | {"PARLEY_MODELS_MIRROR": f"http://127.0.0.1:{mirror.getsockname()[1]}"},
            stdin=subprocess.DEVNULL,
            stdout=slave,
            stderr=slave,
        )
        os.close(slave)
        seen = b""
        while b"MB in all." not in seen:
            seen += os.read(master, 4096)
        everything = psutil.Process(process.pid).children(recursive=True)
        assert any("models" in command_of(each) for each in everything)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    os.close(master)
    assert [each for each in everything if lives(each)] == []


async def test_killing_the_supervisor_leaves_no_process(own: Stack) -> None:
    with own:
        everything = own.processes()
        assert len(everything) == len(TREE)
        os.kill(everything[0].ppid(), signal.SIGKILL)
        await eventually(lambda: not any(lives(process) for process in everything), 10)


async def test_whatever_dies_comes_back_with_its_data(own: Stack, client: Any) -> None:
    with own:
        mine = type(client)(client.http, own.url)
        await mine.begin()
        pids = {name: own.pid_of(name) for name in TREE}
        for name in TREE:
            assert own.kill(name)
        await eventually(lambda: all(own.pid_of(name) not in (None, pids[name]) for name in TREE))
        await eventually_healthy(mine)
        assert (await mine.say("Everything was killed, and my interview goes on.")).status == 200
        log = own.log.read_text()
        assert "Postgres stopped; starting it again with its data" in log
        assert "session ended with -9; starting it again in" in log


async def eventually_healthy(mine: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if (await mine.get("/health")).status == 200:
                return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.2)
    raise AssertionError("it did not become healthy")


async def test_health_tells_the_truth(own: Stack, client: Any) -> None:
    with own:
        mine = type(client)(client.http, own.url)
        others = ("session", "interviewer", "coach", "documents", "speech")
        parts = ("broker", "events", "delivery", "durable gateway", "database", *others)
        await eventually_all_well(mine, parts)
        supervisor = psutil.Process(own.processes()[0].ppid())
        pid = own.pid_of("postgres")
        supervisor.suspend()  # or the database would be back before we ask
        os.kill(pid or 0, signal.SIGKILL)
        try:
            unhealthy = await eventually_without(mine, "database")
            assert (await mine.get("/health/ready")).status == 200, "it answers, if only that something is away"
        finally:
            supervisor.resume()
        assert unhealthy.status == 503 and unhealthy.body["status"] == "unhealthy"
        assert unhealthy.body["checks"]["broker"] == "ok"
        assert unhealthy.body["checks"]["database"] != "ok"
        await eventually_healthy(mine)


async def eventually_all_well(mine: Any, parts: tuple[str, ...]) -> None:
    """Those, too, without which turns succeed all the same."""
    deadline = time.monotonic() + 10
    while (checks := (await mine.get("/health")).body["checks"]) != dict.fromkeys(parts, "ok"):
        assert time.monotonic() < deadline, checks
        await asyncio.sleep(0.1)


async def eventually_without(mine: Any, part: str) -> Any:
    """What health says once it knows that a part is away; others that need it may say so before."""
    deadline = time.monotonic() + 10
    while (reply := await mine.get("/health")).body["checks"][part] == "ok":
        assert time.monotonic() < deadline, f"it says that {part} is well for longer than 10 s"
        await asyncio.sleep(0.1)
    return reply


async def test_what_gives_no_sign_of_life_is_started_again_and_a_pause_is_no_failure(own: Stack, client: Any) -> None:
    with own:
        mine = type(client)(client.http, own.url)
        await mine.begin()
        pids = {name: own.pid_of(name) for name in ("session", "nats")}
        for name in pids:
            own.kill(name, signal.SIGSTOP)
        await asyncio.sleep(9)
        for name in pids:
            own.kill(name, signal.SIGCONT)
        await eventually_healthy(mine)
        assert {name: own.pid_of(name) for name in pids} == pids
        for name in pids:
            own.kill(name, signal.SIGSTOP)
        await eventually(lambda: all(own.pid_of(name) not in (None, pids[name]) for name in pids), 60)
        await eventually_healthy(mine)
        assert (await mine.say("Two of them hung, and my interview goes on.")).status == 200
        assert "session gave no sign of life for 30 s" in own.log.read_text()


async def test_a_service_that_waits_for_the_broker_is_alive_and_obeys(tmp_path: Path, client: Any) -> None:
    port, nobody = free_port(), free_port()
    env = os.environ | {"NATS_URL": f"nats://127.0.0.1:{nobody}", "HEALTH_PORT": str(port)}
    waiting = started([sys.executable, "-m", "interviewer"], env=env, stdout=subprocess.PIPE)
    try:
        mine = type(client)(client.http, f"http://127.0.0.1:{port}")
        for _ in range(300):
            if await is_live(mine):
                break
            await asyncio.sleep(0.1)
        assert (await mine.get("/health/ready")).status == 503
        waiting.terminate()
        output, _ = waiting.communicate(timeout=10)
        assert waiting.returncode == 0
        assert len(output.splitlines()) < 10, "it writes a line for each attempt"
    finally:
        waiting.kill()
        waiting.wait()


def _is_up(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is None


def started(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
    # A test run in the background ignores SIGINT, and so would its children.
    return subprocess.Popen(command, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **options)


async def is_live(mine: Any) -> bool:
    try:
        return bool((await mine.get("/health/live")).status == 200)
    except aiohttp.ClientError:
        return False


async def test_a_signal_to_make_alone_ends_everything(tmp_path: Path) -> None:
    make = ["make", "up", f"PORT={free_port()}", f"DATA_DIR={tmp_path / 'data'}"]
    output = (tmp_path / "up.log").open("wb")
    running = started(make, cwd=ROOT, stdout=output, stderr=output, start_new_session=True)
    try:
        await eventually(lambda: b"Parley is ready" in (tmp_path / "up.log").read_bytes(), 60)
        everything = psutil.Process(running.pid).children(recursive=True)
        running.send_signal(signal.SIGINT)
        await eventually(lambda: running.poll() is not None and not any(map(lives, everything)), 30)
    finally:
        for process in [*psutil.Process(running.pid).children(recursive=True), running] if _is_up(running) else []:
            process.kill()


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"PORT": "99999"}, "PORT is a number from 1 to 65535"),
        ({"PORT": "abc"}, "PORT is a number from 1 to 65535"),
        ({"DATA_DIR": "/proc/parley"}, "the data folder /proc/parley cannot be used"),
        ({"DATA_DIR": "{tmp}/file"}, "is a file: choose another with DATA_DIR"),
        ({"DATA_DIR": "{tmp}/broken"}, "secrets.json cannot be read"),
        ({"DATA_DIR": "{tmp}/first"}, "written by another version of Parley (contract epoch 1;"),
        ({"DATA_DIR": "{tmp}/other"}, "written by another version of Parley (contract epoch 99;"),
    ],
)
def test_a_bad_setting_gets_a_sentence(tmp_path: Path, env: dict[str, str], sentence: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "secrets.json").write_text("{")
    (tmp_path / "first" / "postgres").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "contract_epoch").write_text("99\n")
    given = {name: value.replace("{tmp}", str(tmp_path)) for name, value in env.items()}
    ours = {"DATA_DIR": str(tmp_path / "data"), "PORT": str(free_port())}
    ended = subprocess.run(
        [sys.executable, "-m", "devkit", "up"],
        env=os.environ | ours | given,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode != 0
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_second_one_on_the_same_data_is_refused(stack: Stack) -> None:
    second = Stack(stack.data_dir)
    second.log = stack.data_dir.parent / "second.log"
    with pytest.raises(RuntimeError, match="did not start"):
        second.start()
    assert str(stack.data_dir) in second.log.read_text()
    assert stack.pid_of("gateway") is not None


async def test_one_that_is_not_ready_in_time_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack_module, "START_SECONDS", 1.0)
    with pytest.raises(RuntimeError, match="did not start"):
        await asyncio.to_thread(Stack(tmp_path).start)

    def of_it() -> list[psutil.Process]:
        running = psutil.process_iter(["cmdline"])
        return [each for each in running if str(tmp_path) in " ".join(each.info["cmdline"] or [])]

    await eventually(lambda: not of_it())


def test_a_taken_port_is_a_clear_error(stack: Stack, tmp_path: Path) -> None:
    second = Stack(tmp_path, port=stack.port)
    with pytest.raises(RuntimeError, match=f"port {stack.port} .* is already taken"):
        second.start()


async def test_tickets_and_idle_time_survive_a_restart_of_the_broker(own: Stack, client: Any) -> None:
    with own:
        mine = type(client)(client.http, own.url)
        await mine.register()
        await mine.begin()
        own.kill("nats")
        await eventually(lambda: own.pid_of("nats") is not None)
        await eventually_healthy(mine)
        assert (await mine.post("/api/v1/tickets")).status == 201
        assert (await mine.get("/interview/session/time-remaining")).body["time_remaining_minutes"] > 58
