"""How many recordings one caller may bring."""

from __future__ import annotations

from uuid import uuid4

import pytest
from devkit.memory_objects import MemoryObjects
from gateway.bus.commands import Caller
from gateway.usecases.recordings import Recordings, TooMuchSound
from memory_buckets import MemoryBuckets

MB = 1024 * 1024
ADA = Caller(uuid4(), network="address 192.0.2.1")
ANYONE = Caller(None, network="address 192.0.2.1")
HERE = Caller(None, network="address 127.0.0.1")


@pytest.fixture
def buckets() -> MemoryBuckets:
    return MemoryBuckets()


async def test_a_day_holds_so_much_and_what_is_over_is_not_stored(buckets: MemoryBuckets) -> None:
    objects = MemoryObjects()
    recordings = Recordings(objects, buckets, 3)
    for key in ("a", "b"):
        kept = await recordings.keep(ADA, key, b"x" * MB)
        assert (kept.key, kept.size) == (key, MB) and await objects.get(key)
    with pytest.raises(TooMuchSound) as refused:
        await recordings.keep(ADA, "c", b"x" * 2 * MB)
    assert not await objects.has("c")
    wait = int(refused.value.headers["Retry-After"])
    assert refused.value.status == 429 and 7.9 * 3600 < wait < 8.1 * 3600, "a third of a day brings the third of it"
    await recordings.keep(ADA, "d", b"x" * MB)
    await recordings.keep(ANYONE, "e", b"x" * 3 * MB)
    buckets.now += wait
    await recordings.keep(ADA, "f", b"x" * (MB - 2048))


async def test_without_a_limit_and_on_this_machine_nothing_is_counted(buckets: MemoryBuckets) -> None:
    for recordings, caller in (
        (Recordings(MemoryObjects(), buckets, 0), ADA),
        (Recordings(MemoryObjects(), buckets, 1, spares_loopback=True), HERE),
    ):
        for key in "abc":
            await recordings.keep(caller, key, b"x" * MB)
    assert buckets.asked == []
