"""Questions to the speech service, over NATS request-reply."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from contracts.envelope import Contract

MAX_SPOKEN = 5_000
"""Characters that are spoken at once."""
AudioFormat = Literal["wav", "mp3"]
SpeechRefusal = Literal["no_voice", "busy", "failed"]


class SpeakAsk(Contract):
    """Say a text. `voice` is a name that a provider, or a client, knows; one that nobody knows is the default voice."""

    text: str = Field(min_length=1, max_length=MAX_SPOKEN)
    language: str = "en"
    voice: str = ""
    speed: float = Field(1.0, ge=0.5, le=2.0)
    format: AudioFormat = "wav"


class Spoken(Contract):
    """Where the audio lies in the speech bucket. `refusal` says why there is none: no voice speaks the language, all
    that do are busy for `retry_after` seconds, or none succeeded."""

    key: str | None = None
    provider: str = ""
    cached: bool = False
    refusal: SpeechRefusal | None = None
    retry_after: float = 0.0


class CapabilitiesAsk(Contract):
    """What can be spoken here?"""


class VoiceProvider(Contract):
    """Something that speaks; `languages` are codes, none for any language. `available`: it answered the last time."""

    name: str
    model: str
    voices: tuple[str, ...]
    default_voice: str
    languages: tuple[str, ...]
    formats: tuple[AudioFormat, ...]
    available: bool


class RecognitionProvider(Contract):
    """Something that understands speech; `languages` are codes, none for any language. `streams`: it understands while
    somebody speaks, too. `quality` says by language how well, where that was measured. `available`: it answered the
    last time."""

    name: str
    model: str
    languages: tuple[str, ...]
    streams: bool
    quality: dict[str, str] = {}
    available: bool


class SpeechCapabilities(Contract):
    """All that speaks and all that understands, in the order in which it is asked. `full`: as many recordings wait as
    may."""

    voices: tuple[VoiceProvider, ...] = ()
    recognisers: tuple[RecognitionProvider, ...] = ()
    full: bool = False
