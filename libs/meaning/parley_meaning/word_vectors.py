"""Word vectors of a language model, averaged, where the package that ships them is installed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy

from parley_meaning.counted_words import CountedWords
from parley_meaning.vectors import Floats, Vectors, cleaned, readable, unit

log = logging.getLogger(__name__)
_PACKAGE = "wordllama"
_LONGEST = 20_000
"""Characters of a text that are read: each takes a kilobyte while it is."""


def installed() -> bool:
    """Whether the extra `local` is."""
    return find_spec(_PACKAGE) is not None


class WordVectors:
    """WordLlama: half a second and 60 MB once for the process, then under a millisecond a text. It knows English best.

    Its weights are part of the package; nothing is fetched. Where it is not installed or cannot be loaded, words are
    counted instead; `Vectors.model` tells.
    """

    model = "wordllama-l2-supercat-256"

    def __init__(self) -> None:
        self._counted = CountedWords()
        self._usable = installed()

    async def vectors(self, texts: Sequence[str]) -> Vectors:
        """In a thread, so that nothing waits for the weights."""
        if self._usable:
            try:
                return Vectors(self.model, await asyncio.to_thread(self.rows, texts))
            except Exception as error:
                # It failed as a package, whatever the texts were, and would again.
                log.warning("word vectors cannot be used, words are counted: %s", type(error).__name__)
                self._usable = False
        return await self._counted.vectors(texts)

    def rows(self, texts: Sequence[str]) -> Floats:
        """The same by waiting. Raises what the package does."""
        given = [cleaned(text, _LONGEST) if readable(text) else "" for text in texts]
        # One by one: a batch is padded to its longest, which takes memory and no less time.
        return unit(numpy.asarray(_weights().embed(given, norm=False, batch_size=1), dtype=numpy.float32))


_loading = Lock()
_loaded: list[Any] = []


def _weights() -> Any:
    """One copy for the process, whoever asks first."""
    with _loading:
        if not _loaded:
            from wordllama import WordLlama

            spec = find_spec(_PACKAGE)
            folder = Path(str(spec.origin)).parent if spec else None
            _loaded.append(WordLlama.load(cache_dir=folder, disable_download=True))
        return _loaded[0]
