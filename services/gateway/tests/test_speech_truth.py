"""What is said where speech is missing is true: nothing at all is there, or only not this language."""

from __future__ import annotations

from typing import Any

import pytest
from contracts.speech.asks import RecognitionProvider, SpeakAsk, SpeechCapabilities, Spoken, VoiceProvider
from devkit.memory_objects import MemoryObjects
from gateway.usecases.speech import NO_SPEECH, NOT_HEARD, NOT_SPOKEN, Busy, NoSpeech, Speech, recorded_as
from memory_lines import MemoryLines

VOICE = VoiceProvider(
    name="kokoro", model="k", voices=(), default_voice="", languages=("en",), formats=("wav",), available=True
)
WHOLE = RecognitionProvider(name="openai", model="w", languages=(), streams=False, available=True)
LIVE = RecognitionProvider(name="whisper", model="w", languages=("en", "de"), streams=True, available=True)


class Commands:
    """A speech service with these capabilities, which speaks nothing."""

    def __init__(self, capabilities: SpeechCapabilities) -> None:
        self._capabilities = capabilities

    async def ask(self, service: str, question: str, *_: Any, **__: Any) -> Any:
        return self._capabilities if question == "capabilities" else Spoken(refusal="no_voice")


def speech(*recognisers: RecognitionProvider, voices: tuple[VoiceProvider, ...] = (), full: bool = False) -> Speech:
    commands = Commands(SpeechCapabilities(voices=voices, recognisers=recognisers, full=full))
    return Speech(commands, MemoryObjects(), MemoryObjects(), MemoryLines())  # type: ignore[arg-type]


async def test_where_too_many_recordings_wait_another_had_better_come_later() -> None:
    await speech(WHOLE).must_have_room()
    with pytest.raises(Busy) as refused:
        await speech(WHOLE, full=True).must_have_room()
    assert refused.value.status == 429 and int(refused.value.headers["Retry-After"]) > 0


@pytest.mark.parametrize(("voices", "sentence"), [((), NO_SPEECH), ((VOICE,), NOT_SPOKEN)])
async def test_a_language_that_nobody_speaks(voices: tuple[VoiceProvider, ...], sentence: str) -> None:
    with pytest.raises(NoSpeech) as missing:
        await speech(voices=voices).speak(SpeakAsk(text="Hallo", language="de"))
    assert missing.value.detail == sentence and missing.value.status == 503


@pytest.mark.parametrize(
    ("recognisers", "language", "live", "sentence"),
    [
        ((), "en", False, NO_SPEECH),
        ((LIVE,), "fr", False, NOT_HEARD),
        ((LIVE,), "fr-CA", True, NOT_HEARD),
        ((WHOLE,), "en", True, NO_SPEECH),
        ((WHOLE, LIVE), "fr", True, NOT_HEARD),
        ((LIVE,), "de_AT", True, None),
        ((LIVE,), "", False, None),
        ((WHOLE,), "fr", False, None),
    ],
)
async def test_a_language_that_nobody_understands(
    recognisers: tuple[RecognitionProvider, ...], language: str, live: bool, sentence: str | None
) -> None:
    hearing = speech(*recognisers)
    if sentence is None:
        await hearing.must_hear(language, live=live)
        return
    with pytest.raises(NoSpeech) as missing:
        await hearing.must_hear(language, live=live)
    assert missing.value.detail == sentence


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [
        (b"\x1a\x45\xdf\xa3", "audio/webm"), (b"OggS", "audio/ogg"), (b"RIFF", "audio/wav"), (b"fLaC", "audio/flac"),
        (b"\0\0\0\x20ftypM4A ", "audio/mp4"), (b"ID3", "audio/mpeg"), (b"\xff\xfb", "audio/mpeg"),
    ],
)  # fmt: skip
def test_a_recording_is_played_as_what_it_is(beginning: bytes, kind: str) -> None:
    assert recorded_as(beginning + bytes(20)) == kind
