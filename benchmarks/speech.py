"""What Parley adds to speech: beside a provider that takes 150 ms, and with models on this machine.

`python -m benchmarks.speech [--models DIR]`. With providers that are servers of the tests: a recording to its text, the
end of what is said to the last words, a clause to its first sound, again from what is kept, and the processor time that
voices cost the speech worker and the gateway (clients and provider apart). With models: how long they take for a second
of audio, and how soon a clause is heard.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from devkit.fake_deepgram import DeepgramServer
from devkit.fake_openai import OpenAIServer
from devkit.fake_server import Slow, apart
from devkit.spoken_code import encode, silence, wav
from devkit.stack import Stack

PROVIDER = 0.15
"""Seconds that the provider takes for a recording."""
TIMES = 20
VOICES, SECONDS = 20, 15.0
STEP = 0.1
"""Seconds of sound in a message."""
SENTENCE = "We measured where the time went before we changed anything at all."
CLAUSE = "Thank you, that is helpful; let us go on with number {}."


async def main() -> int:
    """Print it all; 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--models", type=lambda given: Path(given).absolute(), help="a directory of models, to measure as well"
    )
    options = parser.parse_args()
    with apart(OpenAIServer()) as openai, apart(DeepgramServer()) as deepgram, tempfile.TemporaryDirectory() as folder:
        openai.transcription = Slow(PROVIDER)
        await _remote(Path(folder), openai, deepgram)
    if options.models:
        with tempfile.TemporaryDirectory() as folder:
            await _local(Path(folder), options.models)
    return 0


async def _remote(folder: Path, openai: OpenAIServer, deepgram: DeepgramServer) -> None:
    env = {"LOG_LEVEL": "ERROR", "SPEECH_BASE_URL": openai.url, "RATE_LIMIT_SPEECH": "0"}
    with Stack(folder / "batch", {**env, "STT_BASE_URL": openai.url}) as stack:
        async with aiohttp.ClientSession() as http:
            taken = await _repeated(lambda _: _recognised(http, stack.url, wav(encode(SENTENCE))))
            _say(f"recording to text, provider {PROVIDER * 1000:.0f} ms", taken, PROVIDER)
            _say("text to sound, new", await _repeated(lambda n: _spoken(http, stack.url, CLAUSE.format(n))))
            _say("text to sound, kept", await _repeated(lambda _: _spoken(http, stack.url, CLAUSE.format(0))))
    with Stack(folder / "live", {**env, "DEEPGRAM_BASE_URL": deepgram.url, "RECOGNITION_STREAMS": "100"}) as stack:
        async with aiohttp.ClientSession() as http:
            _say("end of speech to last words", await _repeated(lambda _: _last_words(http, stack.url, pace=0.0)))
            before = _processor(stack)
            began = time.monotonic()
            await asyncio.gather(*(_last_words(http, stack.url, STEP, SECONDS) for _ in range(VOICES)))
            lasted = time.monotonic() - began
            for name, used in _processor(stack).items():
                share = (used - before[name]) / (VOICES * lasted)
                print(
                    f"{name:>32}: {share * 1000:6.1f} ms of processor for a second of a voice, {1 / share:.0f} a core"
                )


async def _local(folder: Path, models: Path) -> None:
    env = {"LOG_LEVEL": "ERROR", "PARLEY_MODELS_DIR": str(models), "RATE_LIMIT_SPEECH": "0"}
    with Stack(folder, env) as stack:
        async with aiohttp.ClientSession() as http:
            await _loaded(http, stack.url)
            began = time.monotonic()
            sound = await _bytes(http, stack.url, f"{SENTENCE} {SENTENCE} {SENTENCE}")
            made = time.monotonic() - began
            began = time.monotonic()
            seconds = await _recognised(http, stack.url, sound)
            heard = time.monotonic() - began
            print(f"{'sound by the local voice':>32}: {made / seconds:.2f} of its length")
            print(f"{'text by the local recogniser':>32}: {heard / seconds:.2f} of its length")
            _say("text to sound, new", await _repeated(lambda n: _spoken(http, stack.url, CLAUSE.format(n)), 5))
            _say("text to sound, kept", await _repeated(lambda _: _spoken(http, stack.url, CLAUSE.format(0)), 5))


async def _loaded(http: aiohttp.ClientSession, url: str) -> None:
    for _ in range(600):
        async with http.get(f"{url}/api/v1/speech") as response:
            page = await response.json()
        if page["speaks"] and page["listens"]:
            return
        await asyncio.sleep(0.2)
    raise RuntimeError("the models were not loaded")


async def _recognised(http: aiohttp.ClientSession, url: str, sound: bytes) -> float:
    """Have it recognised; its length in seconds."""
    form = aiohttp.FormData({"language": "en"})
    form.add_field("audio_file", sound, filename="blob")
    async with http.post(f"{url}/api/speech-to-text", data=form) as response:
        task = (await response.json())["task_id"]
    while True:
        async with http.get(f"{url}/api/speech-to-text/status/{task}") as response:
            found = await response.json()
        if found["status"] == "error":
            raise RuntimeError(found["error"])
        if found["status"] == "completed":
            return float(found["result"]["duration"])
        await asyncio.sleep(0.01)


async def _bytes(http: aiohttp.ClientSession, url: str, text: str) -> bytes:
    async with http.post(f"{url}/api/text-to-speech", data={"text": text}) as response:
        response.raise_for_status()
        return await response.read()


async def _spoken(http: aiohttp.ClientSession, url: str, text: str) -> None:
    """Until the first of it is here."""
    async with http.post(f"{url}/api/text-to-speech/stream", data={"text": text}) as response:
        response.raise_for_status()
        await response.content.readany()


async def _last_words(http: aiohttp.ClientSession, url: str, pace: float, seconds: float = 2.0) -> float:
    """Seconds from the end of the sound to the end of the words."""
    sound = (encode(SENTENCE) + silence(0.2)) * 20
    size = int(STEP * 32_000)
    async with http.ws_connect(f"{url}/api/speech-to-text/stream") as socket:
        reading = asyncio.create_task(_read(socket))
        for start in range(0, int(seconds / STEP) * size, size):
            await socket.send_bytes(sound[start : start + size])
            await asyncio.sleep(pace)
        ended = time.monotonic()
        await socket.send_json({"type": "stop"})
        await reading
        return time.monotonic() - ended


async def _read(socket: aiohttp.ClientWebSocketResponse) -> None:
    async for _ in socket:
        pass


async def _repeated(once: Callable[[int], Awaitable[Any]], times: int = TIMES) -> list[float]:
    """Seconds that each took, or that it says itself; the first is not counted."""
    found = []
    for number in range(times + 1):
        began = time.monotonic()
        said = await once(number)
        found.append(said if isinstance(said, float) and said < 1 else time.monotonic() - began)
    return found[1:]


def _say(what: str, seconds: list[float], provider: float = 0.0) -> None:
    middle = statistics.median(seconds)
    ratio = f", {middle / provider:.2f} of the provider's" if provider else ""
    print(f"{what:>32}: p50 {middle * 1000:6.0f} ms, most {max(seconds) * 1000:6.0f} ms{ratio}")


def _processor(stack: Stack) -> dict[str, float]:
    """Seconds of processor time so far, with those of children."""
    found = {}
    for name in ("gateway", "speech", "nats"):
        times = psutil.Process(stack.pid_of(name)).cpu_times()
        found[name] = times.user + times.system + times.children_user + times.children_system
    return found


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
