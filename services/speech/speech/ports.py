"""The seam between the service and whatever can speak."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from contracts.speech.asks import AudioFormat


class SpeechError(Exception):
    """A provider gave no audio. Others may be asked."""


class Busy(SpeechError):
    """It asks to be left alone for `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("the provider is busy")
        self.retry_after = retry_after


class Failed(SpeechError):
    """It is away, broken, or sent what is no audio."""


@dataclass(frozen=True)
class Line:
    """What is to be said, and how. `speed` 1 is the voice's own."""

    text: str
    language: str
    voice: str
    speed: float
    format: AudioFormat

    @property
    def language_code(self) -> str:
        """Without the region: "de" for "de-AT"."""
        return self.language.replace("_", "-").split("-", 1)[0].lower()


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
        return line.format in self.formats and (not self.languages or line.language_code in self.languages)


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
