"""The encoder that is installed, as soon as it is."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from pathlib import Path

import numpy
import structlog
from local_models.installed import Installed, find
from prometheus_client import Gauge
from runtime.telemetry import failure

from documents.encoding.model import SentenceModel

log = structlog.get_logger()
LOOK_EVERY = 5.0
"""Seconds."""
_LIBRARIES = ("onnxruntime", "tokenizers")
LOADED = Gauge("parley_encoder_loaded", "1 while an encoder of sentences is in memory.")


class InstalledEncoder:
    """Looks in `directory` until an encoder is there, and loads it. `model` is None before."""

    def __init__(self, directory: Path, cores: int) -> None:
        self._directory = directory
        self._cores = cores
        self.model: SentenceModel | None = None

    @property
    def found(self) -> Installed | None:
        """What is there to be loaded."""
        there = find(self._directory, "encoder") if all(map(find_spec, _LIBRARIES)) else None
        return there if there and there.verified else None

    async def run(self) -> None:
        """Look again and again; it does not end, as tasks of a service must not."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Load it if it is there and was not before. What cannot be loaded is tried again: it may be being mended."""
        if self.model is None:
            self.model = await asyncio.to_thread(self._load)
            LOADED.set(self.model is not None)

    def _load(self) -> SentenceModel | None:
        found = self.found
        if found is None:
            return None
        try:
            model = _tried(found, self._cores)
        except Exception as error:
            log.error("a model cannot be loaded", model=found.id, **failure(error))
            return None
        log.info("model loaded", model=found.id, revision=found.revision)
        return model


def _tried(found: Installed, cores: int) -> SentenceModel:
    """The libraries are imported here, since they take a second that nobody without a model should wait for."""
    from documents.encoding.e5 import E5

    model = E5(found.folder, found.id, cores)
    [row] = model.rows(["Five years as a developer of payment services."])
    if row.ndim != 1 or not numpy.isclose(numpy.linalg.norm(row), 1, atol=1e-3):
        raise ValueError("its vectors are not of unit length")
    return model
