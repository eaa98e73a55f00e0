"""Finds the chunk that a line stands in."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.documents.understanding import Chunk


class Locator:
    """Lines are looked up in the order of the document, so that most are found where the one before was."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = chunks
        self._at = 0

    def find(self, text: str) -> int | None:
        """The index of the first chunk from there on that has the text; None where none has."""
        for place in range(self._at, len(self._chunks)):
            if text in self._chunks[place].text:
                self._at = place
                return self._chunks[place].chunk_index
        return None
