"""Places at one endpoint, shared by processes over a real broker."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import pytest
from devkit.embedded import EmbeddedNats
from devkit.fake_openai import Hang, OpenAIServer, Reply
from models import Models, ModelSettings, Role
from models.slots import Slots
from nats.js.api import StorageType
from runtime import leases
from runtime.broker import make_broker
from runtime.buckets import PLACE_BUCKET
from runtime.leases import SharedLeases
from runtime.permissions import nats_user
from runtime.provision import provision_broker
from runtime.settings import RuntimeSettings

PASSWORD = "of the tests"
KEY = "0123456789abcdef"
HOLDER = """
import asyncio, sys
from models.slots import Slots
from runtime.broker import make_broker
from runtime.leases import SharedLeases
from runtime.settings import RuntimeSettings

async def main():
    broker = make_broker("coach", RuntimeSettings(nats_url=sys.argv[1]))
    await broker.connect()
    slots = Slots("main", 1, SharedLeases(broker), sys.argv[2])
    async with slots.taken("interviewer", 5):
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""
"""Another process, with a place that it does not give back."""


@asynccontextmanager
async def process(url: str, places: int = 1, key: str = KEY, **login: str) -> AsyncIterator[Slots]:
    """What one service has, connection included."""
    broker = make_broker("coach", RuntimeSettings(nats_url=url, **login))  # type: ignore[arg-type]
    await broker.connect()
    shared = SharedLeases(broker)
    slots = Slots("main", places, shared, key)
    try:
        yield slots
    finally:
        slots.close()
        await shared.aclose()
        await broker.stop()


async def taking(slots: Slots, role: Role, order: list[str], name: str, seconds: float = 0.05) -> None:
    async with slots.taken(role, 10):
        order.append(name)
        await asyncio.sleep(seconds)


async def test_two_processes_have_one_place_between_them(nats_url: str) -> None:
    running = most = done = 0

    async def call(slots: Slots) -> None:
        nonlocal running, most, done
        async with slots.taken("coach", 20):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1
            done += 1

    async with process(nats_url) as one, process(nats_url) as other, process(nats_url, key="another") as apart:
        elsewhere = apart.taken("coach", 1)
        await elsewhere.__aenter__()
        await asyncio.gather(*(call(slots) for slots in (one, other) for _ in range(10)))
        await elsewhere.__aexit__(None, None, None)
    assert (most, done) == (1, 20)


async def test_two_places_are_two(nats_url: str) -> None:
    async with process(nats_url, places=2) as one, process(nats_url, places=2) as other:
        async with one.taken("coach", 1), other.taken("coach", 1):
            with pytest.raises(TimeoutError):
                async with one.taken("coach", 0.5):
                    raise AssertionError("there is no third")
        async with one.taken("coach", 1), one.taken("coach", 1):
            pass


async def test_a_reply_overtakes_feedback_that_waits_in_another_process(nats_url: str) -> None:
    order: list[str] = []
    async with process(nats_url) as coach, process(nats_url) as interviewer:
        async with coach.taken("interviewer", 1):  # nothing that gives way
            waiting = [asyncio.create_task(taking(coach, "coach", order, f"feedback {n}")) for n in range(3)]
            await asyncio.sleep(0.3)
            waiting.append(asyncio.create_task(taking(interviewer, "small", order, "acknowledgement")))
            waiting.append(asyncio.create_task(taking(interviewer, "interviewer", order, "reply")))
            await asyncio.sleep(0.5)
        await asyncio.gather(*waiting)
    assert order == ["reply", "acknowledgement", "feedback 0", "feedback 1", "feedback 2"]


async def test_feedback_that_is_worked_on_is_recalled_for_a_reply(nats_url: str) -> None:
    async with process(nats_url) as coach, process(nats_url) as interviewer:
        async with coach.taken("coach", 1) as place:
            reply = asyncio.create_task(taking(interviewer, "interviewer", [], "reply"))
            await asyncio.wait_for(place.recalled.wait(), 1)
        await asyncio.wait_for(reply, 1)
        async with coach.taken("interviewer", 1) as place:
            again = asyncio.create_task(taking(interviewer, "interviewer", [], "another"))
            await asyncio.sleep(0.6)
            assert not place.recalled.is_set()
        await asyncio.wait_for(again, 1)


async def test_the_place_of_a_process_that_is_killed_is_free_within_seconds(nats_url: str) -> None:
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, nats_url, KEY, stdout=asyncio.subprocess.PIPE
    )
    assert killed.stdout
    assert await asyncio.wait_for(killed.stdout.readline(), 20) == b"held\n"
    async with process(nats_url) as slots:
        with pytest.raises(TimeoutError):  # as long as it lives
            async with slots.taken("interviewer", leases.LEASE + 1):
                raise AssertionError("it was not free")
        killed.send_signal(signal.SIGKILL)
        await killed.wait()
        began = time.monotonic()
        async with slots.taken("interviewer", 10):
            assert time.monotonic() - began < leases.LEASE + 1


async def test_without_the_broker_each_process_counts_for_itself_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "ALONE", 0.2)
    order: list[str] = []
    server = EmbeddedNats(tmp_path)
    with server:
        admin = await nats.connect(server.url)
        await provision_broker(admin.jetstream())
        await admin.close()
        async with process(server.url) as one, process(server.url) as other:
            held = one.taken("interviewer", 1)
            await held.__aenter__()
            waiting = asyncio.create_task(taking(other, "interviewer", order, "other"))
            await asyncio.sleep(0.3)
            assert not order
            server.stop()
            await asyncio.wait_for(waiting, 1)
            began = time.monotonic()
            async with other.taken("interviewer", 1):
                assert time.monotonic() - began < 0.5
                with pytest.raises(TimeoutError):  # it still counts its own
                    async with other.taken("small", 0.1):
                        raise AssertionError("there is no second")
            await held.__aexit__(None, None, None)
            server.start()
            await asyncio.sleep(1.5)  # both have found it again
            async with other.taken("interviewer", 5):
                with pytest.raises(TimeoutError):
                    async with one.taken("small", 0.5):
                        raise AssertionError("it is shared again")


async def test_without_the_bucket_too(nats_url: str) -> None:
    admin = await nats.connect(nats_url)
    await admin.jetstream().delete_key_value(PLACE_BUCKET)
    await admin.close()
    async with process(nats_url) as slots:
        began = time.monotonic()
        async with slots.taken("interviewer", 1):
            assert time.monotonic() - began < 0.9


@pytest.mark.parametrize("service", ["interviewer", "coach", "documents"])
async def test_those_who_ask_models_may_share_places(tmp_path: Path, service: str) -> None:
    server = EmbeddedNats(tmp_path)
    server.users = [nats_user(name, PASSWORD) for name in ("interviewer", "coach", "documents")]
    with server:
        admin = await nats.connect(server.url)
        await provision_broker(admin.jetstream())
        bucket = await admin.jetstream().key_value(PLACE_BUCKET)
        status = await bucket.status()
        assert status.stream_info.config.storage == StorageType.FILE
        broker = make_broker(
            service, RuntimeSettings(nats_url=server.address, nats_user=service, nats_password=PASSWORD)
        )
        await broker.connect()
        shared = SharedLeases(broker)
        lease = await shared.lease(KEY, 1, lambda: (0, 0.0))
        assert lease is not None
        assert (await bucket.get(f"{KEY}.place.0")).value == lease.value
        lease.release()
        await shared.aclose()
        assert (await bucket.get(f"{KEY}.place.0")).value in (b"", None)
        await broker.stop()
        await admin.close()


async def test_two_services_never_work_a_server_of_one_slot_twice(nats_url: str) -> None:
    """The whole of it: chains of two services, and feedback that begins again after a reply."""
    async with OpenAIServer(Reply("Well done.", first_delay=0.5)) as server:
        settings = ModelSettings(openai_base_url=server.url, model_warm_up=False)
        brokers = [make_broker(name, RuntimeSettings(nats_url=nats_url)) for name in ("coach", "interviewer")]
        for broker in brokers:
            await broker.connect()
        coach, interviewer = (Models.from_settings(settings, leases=SharedLeases(broker)) for broker in brokers)
        server.enqueue(Hang())
        ask = [{"role": "user", "content": "What next?"}]
        feedback = asyncio.create_task(coach.chain("coach").text(ask, budget=20))  # type: ignore[union-attr]
        await asyncio.sleep(0.3)
        assert len(server.received) == 1
        began = time.monotonic()
        reply = await interviewer.chain("interviewer").text(ask, budget=5)  # type: ignore[union-attr]
        assert time.monotonic() - began < 1.5 and reply.attempts == 1
        assert server.received[0].left.is_set()  # the server was told before it was asked again
        judged = await feedback
        assert (judged.value, judged.attempts, len(server.received)) == ("Well done.", 1, 3)
        for models in (coach, interviewer):
            await models.aclose()
        for broker in brokers:
            await broker.stop()
