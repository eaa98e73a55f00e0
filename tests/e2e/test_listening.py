"""Voices that are understood while they speak, over real sockets to a server with Deepgram's protocol.

What is "said" is a code that this server turns back into words: none may be lost, and none heard twice.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from devkit.fake_deepgram import DeepgramServer
from devkit.fake_server import Cut, Status, apart
from devkit.spoken_code import encode, silence, wav
from devkit.stack import Stack

WORDS = [f"word{number}" for number in range(24)]
STEP = 3200
"""Bytes of a tenth of a second."""
ClientOf = Callable[[Stack], Any]


@pytest.fixture(scope="module")
def deepgram() -> Iterator[DeepgramServer]:
    with apart(DeepgramServer()) as running:
        yield running


@pytest.fixture(scope="module")
def listening(deepgram: DeepgramServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Parley that listens."""
    env = {"DEEPGRAM_BASE_URL": deepgram.url, "MODEL_PROBE_SECONDS": "0.01", "RECOGNITION_STREAMS": "30"}
    with Stack(tmp_path_factory.mktemp("listening"), env) as running:
        yield running


@pytest.fixture
def client(listening: Stack, client_of: ClientOf, deepgram: DeepgramServer) -> Any:
    deepgram.streams.clear()
    return client_of(listening)


class Talk:
    """A socket, and what it said."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.said: list[dict[str, Any]] = []

    async def until(self, kind: str, **fields: Any) -> dict[str, Any]:
        async with asyncio.timeout(30):
            while True:
                message = await self.socket.receive_json()
                self.said.append(message)
                if message["type"] == kind and fields.items() <= message.items():
                    return dict(message)

    async def to_the_end(self) -> int:
        async with asyncio.timeout(30):
            async for message in self.socket:
                self.said.append(message.json())
        return int(self.socket.close_code)

    async def speak(self, sound: bytes, pace: float = 0.0) -> None:
        for start in range(0, len(sound), STEP):
            await self.socket.send_bytes(sound[start : start + STEP])
            await asyncio.sleep(pace)

    @property
    def words(self) -> list[str]:
        finals = [each["text"] for each in self.said if each["type"] == "transcript" and each["is_final"]]
        return " ".join(finals).replace(".", "").lower().split()


@asynccontextmanager
async def talking(client: Any, query: str = "", path: str = "/api") -> AsyncIterator[Talk]:
    async with client.http.ws_connect(f"{client.url}{path}/speech-to-text/stream{query}") as socket:
        talk = Talk(socket)
        await talk.until("connected")
        yield talk


def pcm(words: list[str]) -> bytes:
    return b"".join(encode(word) for word in words) + silence(0.5)


async def stopped(talk: Talk) -> int:
    await talk.socket.send_json({"type": "stop"})
    return await talk.to_the_end()


@pytest.mark.parametrize("path", ["/api", "/speech"])
async def test_words_come_while_they_are_spoken_and_once(client: Any, path: str) -> None:
    async with talking(client, "?session_id=null&token=none", path) as talk:
        sound = pcm(WORDS[:8])
        half = len(sound) // 2 // STEP * STEP
        for start in range(0, half, STEP):
            data = base64.b64encode(sound[start : start + STEP]).decode()
            await talk.socket.send_json({"type": "audio_chunk", "data": data})
            await asyncio.sleep(0.02)
        await talk.speak(sound[half:], 0.02)
        assert await stopped(talk) == 1000
    assert talk.words == WORDS[:8]
    kinds = {each["type"] for each in talk.said}
    assert {"connected", "speech_started", "transcript", "transcription"} <= kinds
    finals = [each["text"] for each in talk.said if each["type"] == "transcription"]
    assert " ".join(finals).replace(".", "").lower().split() == WORDS[:8]
    assert all(isinstance(each["timestamp"], float) for each in talk.said if each["type"] == "speech_started")


async def test_a_file_is_understood_as_it_comes(client: Any) -> None:
    async with talking(client) as talk:
        await talk.speak(wav(pcm(WORDS[:6])))
        assert await stopped(talk) == 1000
    assert talk.words == WORDS[:6]


async def test_who_falls_silent_without_a_word_has_said_all(client: Any) -> None:
    async with talking(client) as talk:
        await talk.speak(encode("alone") + silence(0.1))
        await talk.until("transcript", is_final=True)
        assert talk.words == ["alone"]


@pytest.mark.parametrize("message", ["{", '{"type": "audio_chunk", "data": "%"}', '{"type": "what"}', "[1]"])
async def test_what_cannot_be_read_is_an_error_and_the_socket_stays_open(client: Any, message: str) -> None:
    async with talking(client) as talk:
        await talk.socket.send_str(message)
        assert (await talk.until("error"))["error"]
        await talk.speak(pcm(WORDS[:2]))
        assert await stopped(talk) == 1000
    assert talk.words == WORDS[:2]


async def test_a_provider_that_cuts_the_stream_is_asked_again_and_no_word_is_lost(
    client: Any, deepgram: DeepgramServer
) -> None:
    deepgram.streams.extend([Cut(after=1.5), Cut(after=1.0), Status(500)])
    async with talking(client) as talk:
        await talk.speak(pcm(WORDS[:12]), 0.03)
        assert await stopped(talk) == 1000
    assert talk.words == WORDS[:12]


async def test_sound_that_nothing_can_be_made_of_ends_in_an_error(client: Any) -> None:
    async with talking(client) as talk:
        await talk.speak(b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 40)
        await talk.socket.send_json({"type": "stop"})
        assert await talk.to_the_end() in (1000, 1011)
    assert talk.words == []


async def test_killed_in_the_middle_of_twenty_voices(client: Any, listening: Stack) -> None:
    """Every word that was spoken is there, in order, once."""

    async def one(number: int) -> list[str]:
        mine = [f"{word}of{number}" for word in WORDS]
        async with talking(client) as talk:
            await talk.speak(pcm(mine), 0.05)
            assert await stopped(talk) == 1000
        assert talk.words == mine
        return talk.words

    voices = [asyncio.create_task(one(number)) for number in range(20)]
    await asyncio.sleep(3)
    assert listening.kill("speech")
    assert len(await asyncio.gather(*voices)) == 20


async def test_who_comes_back_within_a_minute_is_told_the_last_words(client: Any) -> None:
    session = uuid4()
    async with talking(client, f"?session_id={session}") as talk:
        await talk.speak(pcm(WORDS[:4]))
        # Closed without a stop, as the microphone button does it.
    for _ in range(100):
        async with talking(client, f"?session_id={session}") as again:
            await again.socket.send_json({"type": "stop"})
            await again.to_the_end()
        if again.words:
            break
        await asyncio.sleep(0.1)
    said = [word for word in talk.words if word not in again.words] + again.words
    assert said == WORDS[:4]
    async with talking(client, f"?session_id={uuid4()}") as stranger:
        await stopped(stranger)
    assert stranger.words == []
