"""Three servers of NATS, as `deploy/k8s/components/nats-cluster` has them: all is on each of them, and one may go."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import nats
import pytest_asyncio
from contracts.topology import EVENT_STREAM
from devkit.embedded import free_port
from nats.aio.client import Client
from runtime.buckets import ACTIVITY_BUCKET, TICKET_BUCKET
from runtime.installed import installed_services
from runtime.provision import provision_broker

COMPONENT = Path(__file__).resolve().parents[4] / "deploy/k8s/components/nats-cluster/nats.conf"
USERS = Path(__file__).resolve().parents[4] / "deploy/nats/users.conf"
PASSWORD = "of-the-tests"


class Cluster:
    """Its servers by number, each with a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = [(free_port(), free_port(), free_port()) for _ in range(3)]
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def urls(self) -> list[str]:
        """Where clients reach them."""
        return [f"nats://127.0.0.1:{client}" for client, _, _ in self._ports]

    def start(self, number: int) -> None:
        """With the component's configuration, on ports and in a folder of the test's."""
        client, monitor, cluster = self._ports[number]
        folder = self._folder / f"nats-{number}"
        folder.mkdir(exist_ok=True)
        text = COMPONENT.read_text()
        for before, after in (
            ("0.0.0.0:4222", f"127.0.0.1:{client}"),
            ("0.0.0.0:8222", f"127.0.0.1:{monitor}"),
            ("0.0.0.0:6222", f"127.0.0.1:{cluster}"),
            ('"/data"', f'"{folder}/data"'),
            *((f"nats-{other}.nats-cluster:6222", f"127.0.0.1:{self._ports[other][2]}") for other in range(3)),
        ):
            assert before in text
            text = text.replace(before, after)
        (folder / "nats.conf").write_text(text)
        (folder / "users.conf").write_text(USERS.read_text())
        passwords = {f"NATS_PASSWORD_{name.upper()}": PASSWORD for name in installed_services()}
        environment = os.environ | passwords | {"NATS_ADMIN_PASSWORD": PASSWORD, "POD_NAME": f"nats-{number}"}
        command = [Path(sys.executable).with_name("nats-server"), "-c", folder / "nats.conf"]
        with (folder / "log").open("ab") as log:
            self._processes[number] = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def kill(self, number: int) -> None:
        """As a node that fails."""
        process = self._processes.pop(number)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """All of them."""
        for number in list(self._processes):
            self.kill(number)


@pytest_asyncio.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    made = Cluster(tmp_path)
    for number in range(3):
        made.start(number)
    yield made
    made.stop()


@pytest_asyncio.fixture
async def client(cluster: Cluster) -> AsyncIterator[Client]:
    """The administrator, once the servers have found each other."""
    connection = await nats.connect(
        cluster.urls, user="parley", password=PASSWORD, max_reconnect_attempts=-1, reconnect_time_wait=0.2
    )
    for _ in range(150):
        with suppress(Exception):
            await connection.jetstream().account_info()
            break
        await asyncio.sleep(0.2)
    yield connection
    await connection.close()


async def test_everything_is_on_all_three_and_one_may_go(cluster: Cluster, client: Client) -> None:
    js = client.jetstream(timeout=10)
    await provision_broker(js, replicas=1)
    await provision_broker(js, replicas=3)
    await until_current(client)
    wanted = {EVENT_STREAM, f"KV_{ACTIVITY_BUCKET}", f"KV_{TICKET_BUCKET}"}
    assert {name: (await js.stream_info(name)).config.num_replicas for name in wanted} == dict.fromkeys(wanted, 3)
    # A list of a cluster may lack what a busy server has not told yet, and never has another number.
    assert {each.config.num_replicas for each in await js.streams_info()} == {3}

    cluster.kill(0)
    assert (await again(lambda: js.publish("evt.session.created.v1.x", b"{}", stream=EVENT_STREAM))).seq
    tickets = await again(lambda: js.key_value(TICKET_BUCKET))
    await again(lambda: tickets.put("ticket", b"1"))


async def until_current(client: Client) -> None:
    """Each stream has a leader and followers that have caught up."""
    js = client.jetstream(timeout=10)
    for _ in range(150):
        found = [each.cluster for each in await js.streams_info()]
        if all(each and each.leader and all(peer.current for peer in each.replicas or []) for each in found):
            return
        await asyncio.sleep(0.2)
    raise AssertionError("the servers do not catch up")


async def again(do):  # type: ignore[no-untyped-def]
    """While another leader is chosen, what is asked is not answered."""
    for _ in range(60):
        try:
            return await do()
        except Exception:
            await asyncio.sleep(0.5)
    return await do()
