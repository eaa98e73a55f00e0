"""Ends what was begun and left: interrupted deletions, uploads that were never read, vectors still to be made; and
forgets what belongs to nobody when its time is up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from uuid import UUID

import structlog
from contracts.topology import consumer
from runtime.objects import ObjectStore, document_key
from runtime.telemetry import failure, session_tag

from documents.application import FAILURES_IN_A_ROW, Documents
from documents.store import DocumentStore

log = structlog.get_logger()
ROUND_SECONDS = 20.0
DELETION_SECONDS = 30.0
"""A deletion takes much less; one that is older was interrupted."""
SWEEP_SECONDS = 600.0
LEFTOVER_SECONDS = 3600.0
"""No upload takes so long."""
MOST_TO_READ = 10
"""In one round: deletions are not to wait for long."""
READING_SECONDS = consumer("documents").hard_timeout


class Janitor:
    """A document that is in work for longer than `timeout` seconds is read, or lost where its file is not there; one
    that belongs to no account is deleted after `days`."""

    def __init__(
        self, store: DocumentStore, objects: ObjectStore, documents: Documents, timeout: float, days: float
    ) -> None:
        self._store = store
        self._objects = objects
        self._documents = documents
        self._timeout = timeout
        self._days = days
        self._sweep_at = 0.0

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
        await self._end_deletions()
        await self._read_left()
        await self._documents.index_missing()
        await self._sweep()

    async def _end_deletions(self) -> None:
        failed = 0
        for document_id in await self._store.deletions(DELETION_SECONDS):
            done = await self._tried("deletion", document_id, self._delete(document_id))
            failed = 0 if done else failed + 1
            if failed == FAILURES_IN_A_ROW:
                return

    async def _delete(self, document_id: UUID) -> None:
        await self._objects.delete(document_key(document_id))
        await self._store.delete(document_id)

    async def _read_left(self) -> None:
        failed = 0
        for _ in range(MOST_TO_READ):
            document = await self._store.claim_unread(self._timeout)
            if document is None:
                return
            done = await self._tried("reading", document.id, self._documents.catch_up(document))
            failed = 0 if done else failed + 1
            if failed == FAILURES_IN_A_ROW:
                return

    async def _sweep(self) -> None:
        if time.monotonic() < self._sweep_at:
            return
        self._sweep_at = time.monotonic() + SWEEP_SECONDS
        found = await self._objects.sweep(LEFTOVER_SECONDS)
        if found:
            log.info("leftovers of uploads forgotten", count=found)

    async def _tried(self, what: str, document_id: UUID, work: Awaitable[None]) -> bool:
        """Whether it was done. What cannot be done for one document holds up no other."""
        try:
            async with asyncio.timeout(READING_SECONDS):
                await work
        except Exception as error:
            log.warning("not finished", what=what, document=session_tag(document_id), **failure(error))
            return False
        log.info("finished", what=what, document=session_tag(document_id))
        return True
