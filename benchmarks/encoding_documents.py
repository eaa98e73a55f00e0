"""The documents service with the encoder in SHAPED_ENCODER as if it were installed."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from documents import main as documents

from benchmarks.shaped_encoder import ShapedEncoder


class MeasuredEncoder:
    """There from the beginning; see `documents.encoding.InstalledEncoder`."""

    def __init__(self, *_: Any) -> None:
        self.model = ShapedEncoder(Path(os.environ["SHAPED_ENCODER"]))
        self.found = SimpleNamespace(id=self.model.name)

    async def run(self) -> None:
        """Loaded before the first text waits for it."""
        self.model.rows(["Five years as a developer of payment services."])


if __name__ == "__main__":
    with mock.patch.object(documents, "InstalledEncoder", MeasuredEncoder):
        documents.main()
