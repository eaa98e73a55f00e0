"""The seams between the service and whatever can speak, recognise speech, or tell speech from silence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from contracts.speech.asks import AudioFormat
from contracts.vocabulary.hearing import Heard, HeardWord

from speech.samples import SAMPLE_RATE as SAMPLE_RATE
from speech.samples import Samples as Samples


class SpeechError(Exception):
    """A provider gave nothing. Others may be asked."""


class Busy(SpeechError):
    """It asks to be left alone for `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("the provider is busy")
        self.retry_after = retry_after


class Failed(SpeechError):
    """It is away, broken, or sent what makes no sense."""


def language_code(language: str) -> str:
    """Without the region: "de" for "de-AT"; empty stays empty."""
    return language.replace("_", "-").split("-", 1)[0].lower()


@dataclass(frozen=True)
class Line:
    """What is to be said, and how. `speed` 1 is the voice's own."""

    text: str
    language: str
    voice: str
    speed: float
    format: AudioFormat

    @property
    def code(self) -> str:
        """Without the region."""
        return language_code(self.language)


@dataclass(frozen=True)
class SpeakerCapabilities:
    """`languages` are codes, and none stands for any: the model itself decides how well. `voices` by the names that
    clients use."""

    model: str
    voices: tuple[str, ...]
    default_voice: str
    languages: frozenset[str]
    formats: tuple[AudioFormat, ...]

    def serves(self, line: Line) -> bool:
        """Never with a voice of another language."""
        return line.format in self.formats and (not self.languages or line.code in self.languages)


class Speaker(ABC):
    """Turns a line into audio."""

    name: str
    capabilities: SpeakerCapabilities

    @property
    @abstractmethod
    def available(self) -> bool:
        """Whether it is worth asking now."""

    @abstractmethod
    def identity(self, line: Line) -> str:
        """What the audio depends on beside the line: provider, model, and the voice that it comes to."""

    @abstractmethod
    async def speak(self, line: Line) -> bytes:
        """The audio file. Raises Busy and Failed."""


@dataclass(frozen=True)
class Recording:
    """What is to be recognised. `language` is a code, empty where nobody knows. `terms` are words that may well be
    said, such as names of products: a hint that a recogniser may use."""

    samples: Samples
    language: str = ""
    terms: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / SAMPLE_RATE


Progress = Callable[[float], Awaitable[None]]
"""Is told how much of a recording is understood: 0-1."""


async def unheeded(share: float) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class TranscriberCapabilities:
    """`languages` are codes, and none stands for any: the model itself decides how well. `quality` says by language
    how well it understands, as far as that was measured: a sentence for a person. `streams`: it can be listened
    through while somebody speaks."""

    model: str
    languages: frozenset[str]
    streams: bool
    quality: dict[str, str]

    def serves(self, language: str) -> bool:
        """Whether it recognises a language; where nobody knows which it is, it may try."""
        return not self.languages or not language or language_code(language) in self.languages


@dataclass(frozen=True)
class SpeechStarted:
    """Somebody began to speak at `at` seconds of the stream."""

    at: float


@dataclass(frozen=True)
class Partial:
    """The words since the last final, so far. The first `stable` of them, counted in characters of `text`, are not
    expected to change."""

    text: str
    stable: int = 0


@dataclass(frozen=True)
class Final:
    """Words that will not change. `words` have their times in seconds of the stream; the audio before `until` seconds
    is done with, and need not be heard again by whoever takes over."""

    text: str
    words: tuple[HeardWord, ...]
    until: float
    confidence: float
    language: str = ""


@dataclass(frozen=True)
class UtteranceEnded:
    """A longer pause: whoever spoke last spoke until `last_spoken_at` seconds of the stream."""

    last_spoken_at: float


StreamEvent = SpeechStarted | Partial | Final | UtteranceEnded


class RecognitionStream(ABC):
    """One voice, while it is heard. Used by one task that sends and one that reads `events`."""

    @abstractmethod
    async def send(self, samples: Samples) -> None:
        """More of what is heard. Raises Busy and Failed."""

    @abstractmethod
    async def finalize(self) -> None:
        """What was sent so far becomes final at once, without a pause. Raises Busy and Failed."""

    @abstractmethod
    def events(self) -> AsyncIterator[StreamEvent]:
        """What is heard, until `end` was called and all is final. Raises Busy and Failed."""

    @abstractmethod
    async def end(self) -> None:
        """No more is sent: what was becomes final, and `events` ends. Safe to call twice."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of it, whatever is not final. Safe to call twice, and never raises."""


class Transcriber(ABC):
    """Turns speech into text."""

    name: str
    capabilities: TranscriberCapabilities

    @property
    @abstractmethod
    def available(self) -> bool:
        """Whether it is worth asking now."""

    @abstractmethod
    async def transcribe(self, recording: Recording, progress: Progress = unheeded) -> Heard:
        """All words; none where nothing was said. Tells `progress` how far it is, if it can. Raises
        Busy and Failed."""

    async def listen(self, language: str) -> RecognitionStream:
        """A stream; only where `capabilities.streams`. Raises Busy and Failed."""
        raise NotImplementedError(f"{self.name} does not stream")


class VoiceActivity(ABC):
    """Tells speech from everything else, frame by frame; one for each voice, since it remembers what came before."""

    frame: int
    """Samples of a frame."""

    @abstractmethod
    def probability(self, frame: Samples) -> float:
        """How likely the next frame, of `frame` samples, is speech: 0-1. Quick enough for an event loop."""

    @abstractmethod
    def reset(self) -> None:
        """Forget what came before."""
