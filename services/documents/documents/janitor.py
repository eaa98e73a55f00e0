"""Ends what was begun and left: interrupted deletions, uploads that never came, vectors still to be made; and forgets
what belongs to nobody when its time is up."""

from __future__ import annotations

import asyncio

import structlog
from runtime.objects import ObjectStore
from runtime.telemetry import session_tag

from documents.answers import object_key
from documents.processing import LOST, Processing
from documents.store import DocumentStore

log = structlog.get_logger()
ROUND_SECONDS = 20.0
DELETION_SECONDS = 30.0
"""A deletion takes much less; one that is older was interrupted."""


class Janitor:
    """A document that is in work for longer than `patience` seconds is lost; one that belongs to no account is deleted
    after `days`."""

    def __init__(
        self, store: DocumentStore, objects: ObjectStore, processing: Processing, patience: float, days: float
    ) -> None:
        self._store = store
        self._objects = objects
        self._processing = processing
        self._patience = patience
        self._days = days

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            await self.round()

    async def round(self) -> None:
        """Once. Several replicas at once do no harm: each step may be done twice."""
        expired = await self._store.begin_deleting_anonymous(self._days)
        if expired:
            log.info("documents without account expired", count=expired)
        for document, deleting in await self._store.unfinished(DELETION_SECONDS):
            if deleting:
                await self._objects.delete(object_key(document.id))
                await self._store.delete(document.id)
                log.info("deletion finished", document=session_tag(document.id))
        for document, deleting in await self._store.unfinished(self._patience):
            if not deleting and await self._store.fail(document, "lost", LOST):
                log.warning("document lost", document=session_tag(document.id))
        await self._processing.index_missing()
