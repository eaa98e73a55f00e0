"""What storage does to us: a disk that fills up, a file that is damaged, a volume that is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import psutil
import pytest
from candidates import Candidate
from devkit.stack import Stack

SIZE = "400m"
RESUME = (
    b"Ada Example\n\nExperience\n\nBackend Engineer, Example Ltd, 2019 - 2024\n- Built queues in Python and Postgres.\n"
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, which can be filled without harm to others."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("only root can mount a small file system to fill")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


@pytest.fixture
def own(tmp_path: Path) -> Stack:
    return Stack(tmp_path / "parley", {"LOG_LEVEL": "WARNING"})


async def begun(http: aiohttp.ClientSession, stack: Stack, number: int = 0) -> Candidate:
    candidate = Candidate(http, stack.url, number=number)
    await candidate.begin(questions=20)
    return candidate


async def say(candidate: Candidate, text: str) -> Any:
    reply = await candidate.say(text)
    candidate.acknowledged.append(text)
    return reply


async def health(http: aiohttp.ClientSession, stack: Stack) -> tuple[int, str]:
    """Its status and text; 0 where the gateway does not answer."""
    try:
        async with http.get(f"{stack.url}/health", timeout=aiohttp.ClientTimeout(total=3)) as response:
            return response.status, await response.text()
    except (aiohttp.ClientError, TimeoutError) as error:
        return 0, str(error)


async def until_health(http: aiohttp.ClientSession, stack: Stack, status: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while (last := await health(http, stack))[0] != status:
        assert time.monotonic() < deadline, (
            f"health is not {status} within {seconds} s, but {last}\n{stack.log.read_text()[-2000:]}"
        )
        await asyncio.sleep(0.2)


async def until_healed(http: aiohttp.ClientSession, stack: Stack, broker: int, seconds: float = 60) -> None:
    """A new broker runs and turns succeed. Health lags by up to 5 s: until then it speaks of the old one."""
    deadline = time.monotonic() + seconds
    while stack.pid_of("nats") in (None, broker):
        assert time.monotonic() < deadline, "the broker was not started again"
        await asyncio.sleep(0.1)
    await asyncio.sleep(5)
    await until_health(http, stack, 200, seconds)


async def history_of(candidate: Candidate) -> list[dict[str, Any]]:
    async with candidate.http.get(f"{candidate.url}/interview/history", headers=candidate.headers) as response:
        assert response.status == 200, await response.text()
        history: list[dict[str, Any]] = (await response.json())["history"]
    return history


async def answers_of(candidate: Candidate) -> list[str]:
    return [each["content"] for each in await history_of(candidate) if each["role"] == "user"]


async def until_replied(candidate: Candidate, seconds: float = 60) -> None:
    """What was recorded while little worked is answered late: it is asked for again."""
    deadline = time.monotonic() + seconds
    while (await history_of(candidate))[-1]["role"] != "assistant":
        assert time.monotonic() < deadline, "no reply came"
        await asyncio.sleep(0.5)


def fill(folder: Path) -> Path:
    """Take every byte that is left."""
    filling = folder / "filling"
    with filling.open("wb", buffering=0) as file:
        for piece in (1_000_000, 10_000, 100):
            try:
                while True:
                    file.write(bytes(piece))
            except OSError:
                continue
    return filling


@pytest.mark.timeout(300)
async def test_a_disk_that_is_full_is_told_and_healed_once_there_is_space(small_disk: Path) -> None:
    with Stack(small_disk / "parley", {"LOG_LEVEL": "WARNING"}) as stack:
        async with aiohttp.ClientSession() as http:
            candidate = await begun(http, stack)
            await say(candidate, "I built a queue before the disk was full.")
            broker = stack.pid_of("nats")
            filling = await asyncio.to_thread(fill, small_disk)  # or the server hangs up on a client that is asleep
            said = "I say this while the disk is full."
            async with http.post(
                f"{stack.url}/interview/message",
                json={"message": said},
                headers=candidate.headers,
                timeout=aiohttp.ClientTimeout(total=60),
            ) as refused:
                assert refused.status in (503, 504)
                if "saved" in (await refused.json())["detail"]:  # Postgres may have had room in a file of its own
                    candidate.acknowledged.append(said)
            await until_health(http, stack, 503, 10)
            await asyncio.sleep(15)
            assert stack.pid_of("nats") == broker, "a restart helps only once there is space"
            filling.unlink()
            await until_health(http, stack, 200, 150)  # a first restart may not be enough: a second follows
            await until_replied(candidate)
            await say(candidate, "There is space again, and my interview goes on with another story.")
            assert set(candidate.acknowledged) <= set(await answers_of(candidate))
            assert stack.log.read_text().count("could not store messages") <= 2, "it restarts the broker in a loop"


@pytest.mark.timeout(200)
@pytest.mark.parametrize("to_its_end", [True, False])
async def test_a_damaged_event_stream_heals_and_what_is_published_meanwhile_is_handled(
    own: Stack, to_its_end: bool
) -> None:
    with own:
        async with aiohttp.ClientSession() as http:
            candidate = await begun(http, own)
            for number in range(6):
                await say(candidate, f"Answer number {number}: I measured it before I changed anything at all.")
            supervisor = psutil.Process(own.processes()[0].ppid())
            supervisor.suspend()  # or the broker would be back before its file is damaged
            broker = psutil.Process(own.pid_of("nats") or 0)
            broker.send_signal(signal.SIGINT)
            with contextlib.suppress(psutil.TimeoutExpired):
                broker.wait(10)
            damage(own.data_dir / "nats" / "store", to_its_end)
            supervisor.resume()
            await until_healed(http, own, broker.pid)
            await say(candidate, "This is what I said after the stream had lost its end.")
            assert await answers_of(candidate) == candidate.acknowledged


def damage(store: Path, to_its_end: bool) -> None:
    """Noise in the newest block of the event stream: 4 KiB in its middle, or all of its second half."""
    block = max(store.glob("jetstream/*/streams/EVENTS/msgs/*.blk"), key=lambda each: each.stat().st_mtime)
    raw = bytearray(block.read_bytes())
    middle = len(raw) // 2
    length = len(raw) - middle if to_its_end else min(4096, len(raw) - middle)
    raw[middle : middle + length] = random.randbytes(length)
    block.write_bytes(raw)


@pytest.mark.timeout(200)
async def test_a_lost_volume_of_the_broker_loses_no_answer_and_names_the_files_that_it_had(own: Stack) -> None:
    with own:
        async with aiohttp.ClientSession() as http:
            candidate = await begun(http, own)
            await say(candidate, "I said this before the volume was lost, and it counts.")
            document_id = await uploaded(http, own)
            supervisor = psutil.Process(own.processes()[0].ppid())
            supervisor.suspend()
            broker = own.pid_of("nats") or 0
            os.kill(broker, signal.SIGKILL)
            shutil.rmtree(own.data_dir / "nats" / "store")
            supervisor.resume()
            await until_healed(http, own, broker)
            await say(candidate, "The volume is empty, and my interview goes on at the same question.")
            assert await answers_of(candidate) == candidate.acknowledged
            async with http.get(f"{own.url}/api/v1/documents/{document_id}/file") as lost:
                assert lost.status == 404
                assert "lost with its storage" in (await lost.json())["detail"]
            assert document_id in named_as_lost(own), "an operator is told which"
            async with http.get(f"{own.url}/api/v1/documents/{document_id}/text") as text:
                assert "Built queues in Python" in (await text.json())["text"]
            assert await uploaded(http, own)


def named_as_lost(stack: Stack) -> str:
    """What `parley-documents lost` prints."""
    env = os.environ | {"NATS_URL": stack.nats_url, "DATABASE_URL": stack.service_database_url("documents")}
    command = [sys.executable, "-m", "documents", "lost"]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=30).stdout


async def uploaded(http: aiohttp.ClientSession, stack: Stack) -> str:
    form = aiohttp.FormData()
    form.add_field("file", RESUME + str(uuid4()).encode(), filename="resume.txt", content_type="text/plain")
    async with http.post(f"{stack.url}/files/upload-resume", data=form) as response:
        assert response.status == 200, await response.text()
        return str((await response.json())["resume_id"])
