"""When a client was last heard of in each session, shared by all gateways through a key-value bucket."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from uuid import UUID

import structlog
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from runtime.buckets import ACTIVITY_BUCKET
from runtime.telemetry import failure

log = structlog.get_logger()
WRITE_EVERY = 30.0
"""Seconds between two notes about one session: idle time is counted in minutes."""
_TRACKED = 20_000


class Activity:
    """Notes calls, and tells how long ago the last one was."""

    def __init__(self, js: Callable[[], JetStreamContext]) -> None:
        self._js = js
        self._noted: OrderedDict[UUID, float] = OrderedDict()

    async def touch(self, session_id: UUID) -> None:
        """A call was made. Never fails: a candidate's answer matters more than this note."""
        now = time.time()
        if now - self._noted.get(session_id, 0.0) < WRITE_EVERY:
            return
        self._noted[session_id] = now
        self._noted.move_to_end(session_id)
        if len(self._noted) > _TRACKED:
            self._noted.popitem(last=False)
        try:
            bucket = await self._js().key_value(ACTIVITY_BUCKET)
            await bucket.put(str(session_id), repr(now).encode())
        except Exception as error:
            log.warning("activity not noted", **failure(error))

    async def idle_seconds(self, session_id: UUID) -> float:
        """Seconds since the last call that was noted; 0 when none was in the last day, or notes are lost."""
        try:
            bucket = await self._js().key_value(ACTIVITY_BUCKET)
            entry = await bucket.get(str(session_id))
        except NotFoundError:  # the key, or the whole bucket, which is kept in memory
            return 0.0
        return max(0.0, time.time() - float(entry.value or b"0"))
