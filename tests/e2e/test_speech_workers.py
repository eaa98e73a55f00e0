"""More than one speech worker: they share the work, keep to what each can do, and stand in for one that dies."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
from devkit.embedded import free_port
from devkit.fake_deepgram import DeepgramServer
from devkit.fake_openai import Hang, OpenAIServer
from devkit.fake_server import apart
from devkit.spoken_code import encode, wav
from devkit.stack import Stack

from tests.e2e.test_listening import Talk, pcm, stopped, talking

RECORDING = wav(encode("Measured first."))
ClientOf = Callable[[Stack], Any]


@pytest.fixture
def deepgram() -> Iterator[DeepgramServer]:
    with apart(DeepgramServer()) as running:
        yield running


@contextmanager
def more_workers(stack: Stack, count: int, log: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """With the settings of the first."""
    first = psutil.Process(stack.pid_of("speech")).environ()
    with log.open("wb") as output:
        workers = [
            subprocess.Popen(
                [sys.executable, "-m", "speech"],
                env=first | {"HEALTH_PORT": str(free_port())},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            for _ in range(count)
        ]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(30)


async def eventually(holds: Callable[[], bool], seconds: float = 40) -> None:
    for _ in range(int(seconds * 20)):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came to that")


async def test_four_workers_understand_four_recordings_at_a_time(
    server: OpenAIServer, client_of: ClientOf, tmp_path: Path
) -> None:
    server.transcription = Hang()
    env = {"STT_BASE_URL": server.url, "RECOGNITION_JOBS": "1", "MODEL_CALL_TIMEOUT": "120", "RECOGNITION_QUEUE": "4"}

    def under_way() -> int:
        return len(server.bodies("/audio/transcriptions"))

    with Stack(tmp_path / "parley", env) as stack:
        client = client_of(stack)
        for _ in range(6):
            form = aiohttp.FormData({"language": "en"})
            form.add_field("audio_file", RECORDING, filename="blob")
            assert (await client.call("POST", "/api/speech-to-text", data=form)).status == 200
        await eventually(lambda: under_way() == 1)
        await asyncio.sleep(2)
        assert under_way() == 1, "one at a time, as it was told"
        assert await _refused(client, RECORDING) > 0, "four wait, and are seen to"
        with more_workers(stack, 3, tmp_path / "workers.log"):
            await eventually(lambda: under_way() == 4)
    server.transcription = None


async def test_a_voice_goes_to_a_worker_with_room_and_none_is_squeezed_in(
    deepgram: DeepgramServer, client_of: ClientOf, tmp_path: Path
) -> None:
    env = {"DEEPGRAM_BASE_URL": deepgram.url, "RECOGNITION_STREAMS": "1"}
    with Stack(tmp_path / "parley", env) as stack:
        client = client_of(stack)
        async with talking(client) as first:
            await first.speak(pcm(["first"]))
            await first.until("transcript")
            async with client.http.ws_connect(f"{client.url}/api/speech-to-text/stream") as socket:
                refused = Talk(socket)
                assert "busy" in (await refused.until("error"))["error"]
                assert await refused.to_the_end() == 1008
            with more_workers(stack, 1, tmp_path / "workers.log") as [other]:
                second = await _let_in(client)
                await second.speak(pcm(["second"]), 0.02)
                await second.until("transcript")
                other.terminate()  # as in a new deployment; the first worker has no room yet
                assert await stopped(first) == 1000 and first.words == ["first"]
                assert await stopped(second) == 1000 and second.words == ["second"]
                await second.socket.close()


async def _refused(client: Any, recording: bytes) -> int:
    """After how many seconds it may come again, once what waits is known; nothing that is taken before counts."""
    for _ in range(20):
        form = aiohttp.FormData({"language": "en"})
        form.add_field("audio_file", recording, filename="blob")
        answer = await client.call("POST", "/api/speech-to-text", data=form)
        if answer.status == 429:
            return int(answer.headers["Retry-After"])
        await asyncio.sleep(1)
    raise AssertionError("all were taken")


async def _let_in(client: Any) -> Talk:
    """As soon as somebody has room."""
    for _ in range(100):
        socket = await client.http.ws_connect(f"{client.url}/api/speech-to-text/stream")
        talk = Talk(socket)
        if (await socket.receive_json())["type"] == "connected":
            return talk
        await socket.close()
        await asyncio.sleep(0.2)
    raise AssertionError("nobody has room")


async def test_killed_in_the_middle_of_a_sentence_it_is_heard_once(
    server: OpenAIServer, client_of: ClientOf, tmp_path: Path
) -> None:
    server.speech = Hang()
    with Stack(tmp_path / "parley", {"SPEECH_BASE_URL": server.url}) as stack:
        client = client_of(stack)
        asked = asyncio.create_task(client.call("POST", "/api/text-to-speech", data={"text": "Well done."}))
        await eventually(lambda: len(server.bodies("/audio/speech")) == 1)
        server.speech = None
        assert stack.kill("speech")
        reply = await asked
    assert reply.status == 200 and reply.body.count(b"Well done.") == 1
