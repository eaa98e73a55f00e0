"""Vectors that were made before, by the hash of their text."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256

import numpy

from parley_meaning.vectors import Floats, Vectors

Ask = Callable[[Sequence[str]], Awaitable[Vectors]]


class Cached:
    """Remembers the last `entries` vectors. It keeps hashes of texts, and no texts."""

    def __init__(self, entries: int) -> None:
        self._entries = entries
        self._model = ""
        self._rows: OrderedDict[bytes, Floats] = OrderedDict()

    async def vectors(self, texts: Sequence[str], ask: Ask) -> Vectors:
        """Asks for what is new, and passes errors on. All are of one model: if another has answered than did before, it
        is asked for the others, too."""
        wanted = list(dict.fromkeys(texts))
        model, known = self._model, self._known(self._model, wanted)
        new = [text for text in wanted if text not in known]
        if new or not wanted:
            made = await ask(new)
            if made.model != model:
                known = self._known(made.model, wanted)
                rest = [text for text in wanted if text not in known and text not in new]
                if rest:
                    made, new = await ask(wanted), wanted
            model = self._model = made.model
            known |= dict(zip(new, made.rows, strict=True))
            self.keep(made, new)
            if not wanted:
                return made
        return Vectors(model, numpy.stack([known[text] for text in texts]))

    def _known(self, model: str, texts: Sequence[str]) -> dict[str, Floats]:
        found: dict[str, Floats] = {}
        for text in texts:
            key = _key(model, text)
            if key in self._rows:
                self._rows.move_to_end(key)
                found[text] = self._rows[key]
        return found

    def keep(self, made: Vectors, texts: Sequence[str]) -> None:
        """Remember what was made of some texts."""
        for text, row in zip(texts, made.rows, strict=True):
            # A copy: a row of an answer would keep all the others of it alive.
            self._rows[_key(made.model, text)] = row.copy()
        while len(self._rows) > self._entries:
            self._rows.popitem(last=False)


def _key(model: str, text: str) -> bytes:
    return sha256(f"{model}\n{text}".encode("utf-8", "surrogatepass")).digest()
