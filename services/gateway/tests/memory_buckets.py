"""Buckets as Postgres keeps them, with a clock that tests turn."""

from __future__ import annotations

import math

from gateway.edge.limits import Grant


class MemoryBuckets:
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked: list[tuple[str, int]] = []
        self.fails: Exception | None = None
        self._levels: dict[str, tuple[float, float]] = {}

    async def take(self, name: str, limit: int, count: int, held: int | None = None, *, whole: bool = False) -> Grant:
        """Up to `count`."""
        if self.fails:
            raise self.fails
        self.asked.append((name, count))
        tokens, since = self._levels.get(name, (float(held or limit), self.now))
        tokens = min(float(held or limit), tokens + (self.now - since) * limit / 60)
        granted = 0 if whole and tokens < count else min(count, math.floor(tokens))
        self._levels[name] = (tokens - granted, self.now)
        return Grant(granted, max(0.0, ((count if whole else 1) - tokens + granted) * 60 / limit))
