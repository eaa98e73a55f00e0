"""What every recogniser on the other side of a network does with a recording."""

from __future__ import annotations

import io
import wave

import numpy as np
from contracts.vocabulary.hearing import Heard
from models.timing import Timing

from speech.ports import SAMPLE_RATE, Recording, Samples

SHORTEST = 0.1
"""Seconds. Servers refuse less, and nobody says a word in it."""
SLOWEST = 0.5
"""Seconds that a recogniser may take for each second of the recording, on top of the time for any call."""


def pcm(samples: Samples) -> bytes:
    """As 16-bit integers, little-endian. What is louder than full scale is cut."""
    return np.clip(np.rint(samples * 32_768), -32_768, 32_767).astype("<i2").tobytes()


def wav(pcm: bytes, rate: int) -> bytes:
    """A WAV file of one channel of 16-bit samples."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(pcm)
    return file.getvalue()


def file_of(recording: Recording) -> bytes:
    """The recording as a WAV file."""
    return wav(pcm(recording.samples), SAMPLE_RATE)


def limit(recording: Recording, timing: Timing) -> float:
    """Seconds that one waits for its words."""
    return timing.call + recording.seconds * SLOWEST


def nothing_heard(recording: Recording) -> Heard:
    """For a recording without words."""
    return Heard(text="", language=recording.language, confidence=0.0, duration=recording.seconds)
