"""OpenAI's speech endpoints, and every server that speaks its protocol."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from statistics import fmean
from typing import Any

import openai
import structlog
from contracts.speech.asks import AudioFormat
from contracts.vocabulary.hearing import MAX_HEARD_WORDS, Heard, HeardWord
from models.endpoint import Endpoint
from models.errors import Failure, classify

from speech.ports import (
    Line,
    Progress,
    Recording,
    Speaker,
    SpeakerCapabilities,
    Transcriber,
    TranscriberCapabilities,
    unheeded,
)
from speech.providers.health import Health
from speech.providers.recordings import SHORTEST, file_of, limit, nothing_heard

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
UNTOLD_CONFIDENCE = 0.8
"""Of words whose recogniser does not say how sure it is: no guess, but nothing to build on either."""
_CODES = {
    "arabic": "ar", "chinese": "zh", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en", "finnish": "fi",
    "french": "fr", "german": "de", "greek": "el", "hebrew": "he", "hindi": "hi", "hungarian": "hu",
    "indonesian": "id", "italian": "it", "japanese": "ja", "korean": "ko", "norwegian": "no", "polish": "pl",
    "portuguese": "pt", "romanian": "ro", "russian": "ru", "spanish": "es", "swedish": "sv", "turkish": "tr",
    "ukrainian": "uk", "vietnamese": "vi",
}  # fmt: skip
"""OpenAI's own server tells the language by its name, others by its code."""


class OpenAISpeaker(Speaker):
    """`voices` are those that the server knows; any other name is spoken by `default_voice`."""

    def __init__(
        self, endpoint: Endpoint, model: str, default_voice: str, voices: tuple[str, ...], languages: frozenset[str]
    ) -> None:
        self.name = endpoint.name
        self._endpoint = endpoint
        self._health = Health(endpoint.name, endpoint.circuit)
        self.capabilities = SpeakerCapabilities(
            model=model,
            voices=voices,
            default_voice=default_voice,
            languages=languages,
            formats=("wav", "mp3"),
        )

    @property
    def available(self) -> bool:
        return self._health.available

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
            raise self._health.failed(Failure("timeout")) from None
        except Exception as error:
            raise self._health.failed(classify(error)) from None
        if not audio.startswith(_BEGINNINGS[line.format]):
            raise self._health.failed(Failure("malformed"))
        self._health.answered()
        return audio

    def _voice(self, line: Line) -> str:
        wanted = line.voice.lower()
        return wanted if wanted in self.capabilities.voices else self.capabilities.default_voice


class OpenAITranscriber(Transcriber):
    """Words have their times where the model tells them, as whisper-1 and local servers do; others are asked for plain
    text from the second recording on. Does not stream. `languages` are codes; none stands for any."""

    def __init__(self, endpoint: Endpoint, model: str, languages: frozenset[str]) -> None:
        self.name = endpoint.name
        self._endpoint = endpoint
        self._health = Health(endpoint.name, endpoint.circuit)
        self._tells_times = True
        self.capabilities = TranscriberCapabilities(model, languages, streams=False, quality={})

    @property
    def available(self) -> bool:
        return self._health.available

    async def transcribe(self, recording: Recording, progress: Progress = unheeded) -> Heard:
        if recording.seconds < SHORTEST:
            return nothing_heard(recording)
        try:
            async with asyncio.timeout(limit(recording, self._endpoint.timing)):
                heard = _heard(recording, await self._asked(recording))
        except TimeoutError:
            raise self._health.failed(Failure("timeout")) from None
        except (AttributeError, TypeError, ValueError):
            raise self._health.failed(Failure("malformed")) from None
        except Exception as error:
            raise self._health.failed(classify(error)) from None
        self._health.answered()
        return heard

    async def _asked(self, recording: Recording) -> Any:
        if not self._tells_times:
            return await self._sent(recording, response_format="json")
        try:
            granularities = ["word", "segment"]
            return await self._sent(recording, response_format="verbose_json", timestamp_granularities=granularities)
        except (openai.BadRequestError, openai.UnprocessableEntityError):
            answer = await self._sent(recording, response_format="json")
        # Only now is it certain that the format was what it did not like.
        self._tells_times = False
        log.warning("speech provider tells no times", provider=self.name, model=self.capabilities.model)
        return answer

    async def _sent(self, recording: Recording, **form: Any) -> Any:
        form |= {"language": recording.language} if recording.language else {}
        form |= {"prompt": ", ".join(recording.terms)} if recording.terms else {}
        file = ("speech.wav", file_of(recording), "audio/wav")
        return await self._endpoint.client.audio.transcriptions.create(file=file, model=self.capabilities.model, **form)


def _heard(recording: Recording, answer: Any) -> Heard:
    """What a transcription says. Raises AttributeError, TypeError or ValueError for what is none."""
    segments = getattr(answer, "segments", None) or []
    words = [_word(each, segments) for each in getattr(answer, "words", None) or [] if each.word.strip()]
    text = answer.text.strip()
    if not text:
        return nothing_heard(recording)
    sure = fmean(map(_sureness, segments), [1 + len(each.text) for each in segments]) if segments else UNTOLD_CONFIDENCE
    told = (getattr(answer, "language", None) or "").lower()
    language = recording.language or _CODES.get(told, told if len(told) == 2 else "")
    timed = tuple(words[:MAX_HEARD_WORDS])
    return Heard(text=text, words=timed, language=language, confidence=sure, duration=recording.seconds)


def _word(word: Any, segments: Sequence[Any]) -> HeardWord:
    told = getattr(word, "probability", None)  # of servers that build on faster-whisper
    if told is None:
        told = next((_sureness(each) for each in segments if each.start <= word.start <= each.end), UNTOLD_CONFIDENCE)
    return HeardWord(text=word.word.strip(), start=word.start, end=max(word.start, word.end), confidence=told)


def _sureness(segment: Any) -> float:
    """0-1: how likely its words are, as the model sees it, if anything was said at all."""
    told = getattr(segment, "avg_logprob", None)
    if told is None:
        return UNTOLD_CONFIDENCE
    return math.exp(min(0.0, told)) * (1.0 - (getattr(segment, "no_speech_prob", None) or 0.0))
