"""The port: texts in, vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[numpy.float32]


@dataclass(frozen=True)
class Vectors:
    """A row for each text, in order. `model` names what made them: vectors of two models are never compared.

    `rows` is (texts, dimensions), read-only. Each has unit length, so that `rows @ rows.T` are cosines, but for a text
    in which there is nothing to read: its row is zero, and as far from everything.
    """

    model: str
    rows: Floats


class Encoder(Protocol):
    """Turns texts into vectors, all of one model within a call; the next call may be of another."""

    async def vectors(self, texts: Sequence[str]) -> Vectors:
        """The vectors of any number of texts of any length and language. Never raises."""


def readable(text: str) -> bool:
    """Whether there is anything in a text but punctuation and space."""
    return any(map(str.isalnum, text))


def cleaned(text: str, longest: int) -> str:
    """At most `longest` characters of a text, as valid UTF-8."""
    return text[:longest].encode("utf-8", "replace").decode()


def unit(rows: Floats) -> Floats:
    """Rows of unit length, read-only; what is zero or no number becomes zero."""
    lengths = numpy.linalg.norm(rows, axis=1, keepdims=True)
    usable = numpy.isfinite(lengths) & (lengths > 0)
    scaled = numpy.where(usable, rows / numpy.where(usable, lengths, 1), 0).astype(numpy.float32)
    scaled.flags.writeable = False
    return scaled
