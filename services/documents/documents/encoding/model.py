"""The port of models that encode sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from parley_meaning import Floats


class SentenceModel(Protocol):
    """A model in memory. `name` names what made a vector."""

    name: str

    def rows(self, texts: Sequence[str]) -> Floats:
        """A unit vector for each text, (texts, dimensions), for comparing texts of the same kind. It blocks, and is
        called from one thread at a time."""
