"""Somebody who holds an interview by ear, with files as browsers and programs make them."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import aiohttp
import av
import numpy as np
from devkit.spoken_code import wav

from services.speech.tests.hearing import samples, silence
from tests.e2e.conftest import Client, Reply

Samples = Any
BROWSER_RATE = 48_000


class Candidate(Client):
    """Speaks by the API's own voice, and understands by its own ear."""

    async def voice(self, text: str, voice: str = "Matthew") -> Samples:
        """What it sounds like."""
        form = {"text": text, "voice_id": voice}
        return samples((await self.patiently("POST", "/api/text-to-speech", data=form)).body)

    async def understand(self, audio: bytes) -> dict[str, Any]:
        """What the task becomes of a recording that was uploaded."""
        started = await self.call("POST", "/api/speech-to-text", data=form(audio, "audio_file"))
        path = f"/api/speech-to-text/status/{started.body['task_id']}"
        while (found := await self.get(path)).body["status"] == "processing":  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.2)
        return dict(found.body)

    async def transcript(self, audio: bytes) -> str:
        """Its words."""
        found = await self.understand(audio)
        assert found["status"] == "completed", found
        return str(found["transcript"])

    async def patiently(self, method: str, path: str, **options: Any) -> Reply:
        """Again, while it is not ready: what is being spoken meanwhile is kept."""
        while (reply := await self.call(method, path, **options)).status in (429, 503, 504):  # noqa: ASYNC110
            await asyncio.sleep(1)
        assert reply.status == 200, reply
        return reply


def form(audio: bytes, name: str) -> aiohttp.FormData:
    """As a page sends it."""
    made = aiohttp.FormData()
    made.add_field(name, audio, filename="blob", content_type="application/octet-stream")
    return made


def wav_file(audio: Samples) -> bytes:
    """As a program records it."""
    return wav((np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes())


class _Pipe:
    """What a recorder writes to: it cannot go back and put down how long it became."""

    def __init__(self) -> None:
        self.written = io.BytesIO()
        self.write = self.written.write


def webm_file(audio: Samples, leading: float) -> bytes:
    """As a browser records it: Opus in WebM, without a duration, with `leading` seconds before the first word."""
    quiet = np.concatenate([silence(leading), audio]).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(quiet[None], format="flt", layout="mono")
    frame.sample_rate = 16_000
    pipe = _Pipe()
    with av.open(pipe, "w", format="webm") as file:
        stream = file.add_stream("libopus", rate=BROWSER_RATE, layout="mono")
        size = stream.codec_context.frame_size
        resampler = av.AudioResampler(stream.format.name, "mono", BROWSER_RATE, frame_size=size)
        for each in [*resampler.resample(frame), *resampler.resample(None), None]:
            file.mux(stream.encode(each))
    return pipe.written.getvalue()


def duration_told(file: bytes) -> int | None:
    """What the file itself says of how long it is."""
    with av.open(io.BytesIO(file)) as opened:
        return opened.duration
