"""Audio for tests of recognition, and how many words were understood."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import av
import numpy as np
import pytest
from speech.ports import SAMPLE_RATE, Samples

_AS_WORDS = {"mr": "mister", "40": "forty", "3": "three", "5": "five", "10": "ten", "%": " percent"}


def models_of_tests() -> tuple[str, bool]:
    """The directory of real models, empty without one, and whether tests with them have to run."""
    directory, required = os.environ.get("PARLEY_MODELS_DIR", ""), os.environ.get("PARLEY_REQUIRE_MODELS") == "1"
    if required and not Path(directory or "-").is_dir():
        raise pytest.UsageError("PARLEY_REQUIRE_MODELS=1, but PARLEY_MODELS_DIR names no directory")
    return directory, required


def samples(audio: bytes) -> Samples:
    """Of a file, as a recogniser takes them."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    with av.open(io.BytesIO(audio)) as container:
        frames = [each for frame in [*container.decode(audio=0), None] for each in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().ravel() for frame in frames])


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def word_error_rate(said: str, heard: str) -> float:
    """Words that were left out, put in or taken for another, for each that was said."""
    expected, found = _words(said), _words(heard)
    row = list(range(len(found) + 1))
    for number, word in enumerate(expected, 1):
        before, row[0] = row[0], number
        for at, other in enumerate(found, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (word != other))
    return row[-1] / len(expected)


def _words(text: str) -> list[str]:
    """As they are said: numbers in words, compounds in parts, without capitals and marks."""
    spelled = re.sub(r"[a-z]+|\d+|%", lambda found: _AS_WORDS.get(found.group(), found.group()), text.lower())
    return re.findall(r"[a-z0-9']+", spelled)
