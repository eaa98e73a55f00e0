"""`make up`: what it starts, what it restarts, what it leaves behind."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
from runtime.stack import Stack

TREE = ("gateway", "session", "interviewer", "coach", "documents", "nats", "postgres")


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


async def test_killing_the_supervisor_leaves_no_process(own: Stack) -> None:
    with own:
        everything = own.processes()
        assert len(everything) == len(TREE)
        os.kill(everything[0].ppid(), signal.SIGKILL)
        await eventually(lambda: not any(_lives(process) for process in everything), 10)


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


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
        assert (await mine.get("/health")).body["checks"] == {"broker": "ok", "database": "ok"}
        supervisor = psutil.Process(own.processes()[0].ppid())
        pid = own.pid_of("postgres")
        supervisor.suspend()  # or the database would be back before we ask
        os.kill(pid or 0, signal.SIGKILL)
        unhealthy = await mine.get("/health")
        supervisor.resume()
        assert unhealthy.status == 503 and unhealthy.body["status"] == "unhealthy"
        assert unhealthy.body["checks"]["broker"] == "ok"
        assert unhealthy.body["checks"]["database"] != "ok"
        await eventually_healthy(mine)


def test_a_second_one_on_the_same_data_is_refused(stack: Stack) -> None:
    second = Stack(stack.data_dir)
    second.log = stack.data_dir.parent / "second.log"
    with pytest.raises(RuntimeError, match="did not start"):
        second.start()
    assert str(stack.data_dir) in second.log.read_text()
    assert stack.pid_of("gateway") is not None


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
