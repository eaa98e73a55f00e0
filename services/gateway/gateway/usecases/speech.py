"""What the dialects ask of speech. There is no speech service yet: nobody listens, and what is said is silence."""

from __future__ import annotations

import io
import wave

from gateway.problems import Problem

SILENCE_SECONDS = 0.25
SAMPLE_RATE = 8000


class NoSpeech(Problem):
    """Nothing here can listen or speak."""

    def __init__(self) -> None:
        super().__init__(503, "Speech is not available on this installation. Interviews by text are.")


class Speech:
    """Ears and voice of the dialects that carry recordings in their own messages."""

    async def recognise(self, recording: bytes) -> str:
        """The words of a recording. Raises NoSpeech."""
        raise NoSpeech

    async def say(self, text: str) -> bytes:
        """A WAV file of the text; a short silence without a voice, since clients wait for something to be played."""
        return silence()


def silence() -> bytes:
    """A WAV file in which nothing is heard: mono, 16 bit."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(SAMPLE_RATE)
        written.writeframes(bytes(2 * int(SILENCE_SECONDS * SAMPLE_RATE)))
    return file.getvalue()
