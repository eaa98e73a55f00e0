"""What audio is once it is decoded. Here by itself, so that a process that only decodes loads nothing else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Hertz, of all audio that is recognised: one channel."""
Samples = NDArray[np.float32]
"""Shape [n], full scale -1 to 1, at SAMPLE_RATE."""
