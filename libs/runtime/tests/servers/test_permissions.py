"""What a service's own NATS user may do, and how a refusal shows."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import nats
import pytest
import pytest_asyncio
from contracts.subjects import event_subject, retry_subject
from contracts.topology import EVENT_STREAM
from devkit.embedded import EmbeddedNats
from nats.aio.client import Client
from runtime.broker import inbox_prefix, make_broker
from runtime.installed import installed_services
from runtime.permissions import nats_user
from runtime.provision import provision_broker
from runtime.settings import RuntimeSettings

PASSWORD = "of the tests"


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedNats]:
    """A broker with the users of its services."""
    embedded = EmbeddedNats(tmp_path)
    embedded.users = [nats_user(name, PASSWORD) for name in ("interviewer", "session", "coach", "documents", "speech")]
    with embedded:
        connection = await nats.connect(embedded.url)
        await provision_broker(connection.jetstream())
        await connection.close()
        yield embedded


async def login(server: EmbeddedNats, name: str) -> Client:
    prefix = inbox_prefix(name).encode()
    return await nats.connect(server.address, user=name, password=PASSWORD, inbox_prefix=prefix)


async def test_a_service_publishes_its_own_events(server: EmbeddedNats) -> None:
    connection = await login(server, "interviewer")
    subject = event_subject("interviewer.replied.v1", uuid4())
    ack = await connection.jetstream().publish(subject, b"{}", stream=EVENT_STREAM)
    assert ack.seq == 1
    await connection.close()


async def test_a_refused_publish_shows_as_a_time_out(server: EmbeddedNats) -> None:
    connection = await login(server, "interviewer")
    subject = event_subject("session.completed.v1", uuid4())
    with pytest.raises(TimeoutError):
        await connection.jetstream().publish(subject, b"{}", stream=EVENT_STREAM, timeout=0.5)
    await connection.close()


async def test_which_is_why_a_service_takes_a_violation_as_fatal(server: EmbeddedNats) -> None:
    fatal: asyncio.Queue[str] = asyncio.Queue()
    settings = RuntimeSettings(nats_url=server.address, nats_user="interviewer", nats_password=PASSWORD)
    broker = make_broker("interviewer", settings, on_fatal=fatal.put_nowait)
    await broker.connect()
    await broker.publish(b"{}", event_subject("session.completed.v1", uuid4()))
    reason = await asyncio.wait_for(fatal.get(), 5)
    assert "permissions violation" in reason
    await broker.stop()


async def test_but_not_an_answer_that_comes_too_late(server: EmbeddedNats) -> None:
    """Whoever asked before the broker was restarted may not be answered after it: that is nobody's end."""
    fatal: asyncio.Queue[str] = asyncio.Queue()
    settings = RuntimeSettings(nats_url=server.address, nats_user="session", nats_password=PASSWORD)
    broker = make_broker("session", settings, on_fatal=fatal.put_nowait)
    await broker.connect()
    await broker.publish(b"{}", f"{inbox_prefix('gateway')}.somebody.1")
    await broker.ping(5)
    assert fatal.empty()
    await broker.publish(b"{}", event_subject("interviewer.replied.v1", uuid4()))
    assert "permissions violation" in await asyncio.wait_for(fatal.get(), 5)
    await broker.stop()


@pytest.mark.parametrize(
    ("name", "durable", "may"),
    [("session", "interviewer", True), ("session", "coach", True), ("interviewer", "coach", False)],
)
async def test_only_the_session_service_asks_others_again(
    server: EmbeddedNats, name: str, durable: str, may: bool
) -> None:
    connection = await login(server, name)
    js = connection.jetstream(timeout=0.5)
    if may:
        assert (await js.publish(retry_subject(durable, uuid4()), b"{}", stream=EVENT_STREAM)).seq == 1
    else:
        with pytest.raises(TimeoutError):
            await js.publish(retry_subject(durable, uuid4()), b"{}", stream=EVENT_STREAM)
    await connection.close()


@pytest.mark.parametrize(("name", "may"), [("session", True), ("interviewer", False)])
async def test_only_the_session_service_deletes_messages(server: EmbeddedNats, name: str, may: bool) -> None:
    admin = await nats.connect(server.url)
    await admin.jetstream().publish(event_subject("session.created.v1", uuid4()), b"{}")
    connection = await login(server, name)
    js = connection.jetstream(timeout=0.5)
    if may:
        assert await js.delete_msg(EVENT_STREAM, 1)
    else:
        with pytest.raises(TimeoutError):
            await js.delete_msg(EVENT_STREAM, 1)
    await connection.close()
    await admin.close()


@pytest.mark.parametrize(
    ("name", "may"), [("session", True), ("interviewer", False), ("coach", False), ("documents", False)]
)
async def test_only_the_session_service_reads_what_others_were_sent(server: EmbeddedNats, name: str, may: bool) -> None:
    admin = await nats.connect(server.url)
    await admin.jetstream().publish(event_subject("session.answer_recorded.v1", uuid4()), b"what somebody said")
    connection = await login(server, name)
    js = connection.jetstream(timeout=0.5)
    for direct in (False, True):
        if may:
            assert (await js.get_msg(EVENT_STREAM, 1, direct=direct)).data == b"what somebody said"
        else:
            with pytest.raises(TimeoutError):
                await js.get_msg(EVENT_STREAM, 1, direct=direct)
    await connection.close()
    await admin.close()


async def test_a_service_hears_no_answers_to_another(server: EmbeddedNats) -> None:
    refused: asyncio.Queue[str] = asyncio.Queue()

    async def on_error(error: Exception) -> None:
        refused.put_nowait(str(error).lower())

    connection = await nats.connect(server.address, user="interviewer", password=PASSWORD, error_cb=on_error)
    await connection.subscribe(f"{inbox_prefix('session')}.>")
    assert "permissions violation" in await asyncio.wait_for(refused.get(), 5)
    await connection.close()


async def test_a_password_changes_while_both_logins_work(tmp_path: Path) -> None:
    """As docs/operations.md has it: a second login for all, services go over to it, the first gets another password."""
    users = written_users()
    environment = {"NATS_ADMIN_PASSWORD": "of-the-admin"} | {
        f"NATS_PASSWORD_{name.upper()}{second}": f"first-of-{name}{second.lower()}"
        for name in installed_services()
        for second in ("", "_SECOND")
    }
    (tmp_path / "nats.conf").write_text(f'listen: "127.0.0.1:-1"\nports_file_dir: "{tmp_path}"\n{users}')
    async with running(tmp_path, environment) as url:
        for name in ("gateway", "gateway_second"):
            connection = await as_gateway(url, name, f"first-of-{name}")
            await connection.close()
    async with running(tmp_path, environment | {"NATS_PASSWORD_GATEWAY": "another"}) as url:
        with pytest.raises(nats.errors.Error):
            await as_gateway(url, "gateway", "first-of-gateway")
        connection = await as_gateway(url, "gateway_second", "first-of-gateway_second")
        refused = asyncio.get_running_loop().create_future()

        async def note(error: Exception) -> None:
            if not refused.done():
                refused.set_result(str(error))

        connection._error_cb = note
        await connection.subscribe("ask.gateway.anything")
        await connection.publish(event_subject("session.started.v1", uuid4()), b"{}")
        assert "permissions violation" in (await asyncio.wait_for(refused, 5)).lower()
        await connection.close()


def written_users() -> str:
    command = [sys.executable, "-m", "runtime", "nats-config", "--second"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def told_ports(folder: Path, pid: int) -> str:
    path = folder / f"nats-server_{pid}.ports"
    return path.read_text() if path.exists() else ""


@asynccontextmanager
async def running(folder: Path, environment: dict[str, str]) -> AsyncIterator[str]:
    """A server of the configuration in a folder; its address."""
    command = [Path(sys.executable).with_name("nats-server"), "-c", folder / "nats.conf"]
    process = await asyncio.create_subprocess_exec(*command, env=os.environ | environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            if told := told_ports(folder, process.pid):
                break
            await asyncio.sleep(0.05)
        yield json.loads(told)["nats"][0]
    finally:
        process.terminate()
        await process.wait()


async def as_gateway(url: str, user: str, password: str) -> Client:
    prefix = inbox_prefix("gateway").encode()
    return await nats.connect(
        url, user=user, password=password, inbox_prefix=prefix, allow_reconnect=False, max_reconnect_attempts=0
    )
