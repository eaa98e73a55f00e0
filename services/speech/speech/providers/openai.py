"""OpenAI's speech endpoint, and every server that speaks its protocol."""

from __future__ import annotations

import asyncio

import structlog
from contracts.speech.asks import AudioFormat
from models.endpoint import Endpoint
from models.errors import Failure, classify

from speech.ports import Busy, Failed, Line, Speaker, SpeakerCapabilities

log = structlog.get_logger()
VOICES = (
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer", "verse",
)  # fmt: skip
"""Those of OpenAI's own models, from the reference of its API (audio/createSpeech)."""
_BEGINNINGS: dict[AudioFormat, tuple[bytes, ...]] = {
    "wav": (b"RIFF",),
    "mp3": (b"ID3", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2"),
}
"""By which a file of the format is known: some servers answer with status 200 and something else."""


class OpenAISpeaker(Speaker):
    """`voices` are those that the server knows; any other name is spoken by `default_voice`."""

    def __init__(
        self, endpoint: Endpoint, model: str, default_voice: str, voices: tuple[str, ...], languages: frozenset[str]
    ) -> None:
        self.name = endpoint.name
        self._endpoint = endpoint
        self.capabilities = SpeakerCapabilities(
            model=model,
            voices=voices,
            default_voice=default_voice,
            languages=languages,
            formats=("wav", "mp3"),
        )

    @property
    def available(self) -> bool:
        circuit = self._endpoint.circuit
        # Out is tried again now and then by whoever speaks next: a probe would cost as much.
        return circuit.healthy or (circuit.out is not None and circuit.until <= self._endpoint.timing.clock())

    def identity(self, line: Line) -> str:
        return f"{self.name} {self._endpoint.host} {self.capabilities.model} {self._voice(line)}"

    async def speak(self, line: Line) -> bytes:
        try:
            async with asyncio.timeout(self._endpoint.timing.call):
                answer = await self._endpoint.client.audio.speech.create(
                    model=self.capabilities.model,
                    voice=self._voice(line),
                    input=line.text,
                    response_format=line.format,
                    speed=line.speed,
                )
                audio = await answer.aread()
        except TimeoutError:
            raise self._failed(Failure("timeout")) from None
        except Exception as error:
            raise self._failed(classify(error)) from None
        if not audio.startswith(_BEGINNINGS[line.format]):
            raise self._failed(Failure("malformed"))
        self._endpoint.circuit.answered()
        return audio

    def _voice(self, line: Line) -> str:
        wanted = line.voice.lower()
        return wanted if wanted in self.capabilities.voices else self.capabilities.default_voice

    def _failed(self, failure: Failure) -> Busy | Failed:
        if self._endpoint.circuit.failed(failure):
            log.warning("speech endpoint out", endpoint=self.name, kind=failure.kind)
        return Busy(failure.retry_after) if failure.kind == "rate_limited" else Failed(failure.kind)
