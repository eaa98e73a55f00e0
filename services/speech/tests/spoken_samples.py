"""Audio of words, as the ports take it."""

from __future__ import annotations

import numpy as np
from devkit.spoken_code import encode, floats, silence
from speech.ports import Samples


def saying(*parts: str | float) -> Samples:
    """Words, and between them seconds of silence."""
    pcm = b"".join(encode(part) if isinstance(part, str) else silence(part) for part in parts)
    return np.asarray(floats(pcm), dtype=np.float32)
