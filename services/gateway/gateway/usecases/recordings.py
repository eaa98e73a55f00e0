"""Where recordings go until somebody has listened to them, and how much of them one caller may bring."""

from __future__ import annotations

import asyncio
import hashlib
import math

from contracts.vocabulary.hearing import RecordingRef
from runtime.objects import ObjectStore

from gateway.bus.commands import Caller
from gateway.edge.limits import Buckets, is_loopback
from gateway.problems import Problem

A_DAY = 24 * 60
"""Minutes."""
_MB = 1024 * 1024


class TooMuchSound(Problem):
    """A caller's recordings of a day are as many as may be."""

    def __init__(self, megabytes: int, wait: float) -> None:
        sentence = (
            f"Your recordings of the last 24 hours have reached the limit of {megabytes} MB. Please answer in writing,"
            " or go on later."
        )
        super().__init__(429, sentence, {"Retry-After": str(max(1, math.ceil(wait)))})


class Recordings:
    """Keeps recordings for the speech service. `most_a_day` is in MB of 2^20 bytes for one account, or for one address
    where there is none; 0 is without limit."""

    def __init__(
        self, objects: ObjectStore, buckets: Buckets, most_a_day: int, *, spares_loopback: bool = False
    ) -> None:
        self._objects = objects
        self._buckets = buckets
        self._most_a_day = most_a_day
        self._spares_loopback = spares_loopback

    async def keep(self, caller: Caller, key: str, data: bytes) -> RecordingRef:
        """Store a recording. Raises TooMuchSound, and then nothing is stored."""
        await self._count(f"user {caller.user_id}" if caller.user_id else caller.network, len(data))
        sha256 = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
        await self._objects.put(key, data)
        return RecordingRef(key=key, size=len(data), sha256=sha256)

    async def _count(self, whose: str, size: int) -> None:
        if not self._most_a_day or (self._spares_loopback and is_loopback(whose)):
            return
        held = self._most_a_day * _MB
        grant = await self._buckets.take(f"recording {whose}", math.ceil(held / A_DAY), size, held, whole=True)
        if not grant.count:
            raise TooMuchSound(self._most_a_day, grant.wait)
