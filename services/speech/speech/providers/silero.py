"""Silero's voice activity detection, version 6."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from speech.ports import SAMPLE_RATE, Samples, VoiceActivity
from speech.providers.onnx import open_model

_CONTEXT = 64
"""Samples of the frame before that the model hears again."""


class SileroActivity(VoiceActivity):
    """`model` is the file silero_vad.onnx; all that are made of it share what they can. Raises FileNotFoundError."""

    frame = 512

    def __init__(self, model: Path) -> None:
        self._session = _shared(model)
        self._context = np.zeros(_CONTEXT, np.float32)
        self._state = np.zeros((2, 1, 128), np.float32)

    def probability(self, frame: Samples) -> float:
        heard = np.concatenate([self._context, frame])
        inputs = {"input": heard[None], "state": self._state, "sr": np.array(SAMPLE_RATE)}
        likely, self._state = self._session.run(None, inputs)
        self._context = heard[-_CONTEXT:]
        return float(likely[0, 0])

    def reset(self) -> None:
        self._context, self._state = np.zeros_like(self._context), np.zeros_like(self._state)


_shared = cache(open_model)
