"""How long things may take, and the clock that it is measured by."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from models.settings import ModelSettings

PAUSE = (0.1, 0.3)
"""Seconds before the same endpoint is asked again: from, to."""


@dataclass(frozen=True)
class Timing:
    """All in seconds. `attempt` is the limit to the first token and between two, `call` the limit of one answer."""

    attempt: float = 5.0
    call: float = 20.0
    probe: float = 15.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random

    @classmethod
    def of(cls, settings: ModelSettings) -> Timing:
        """As configured, by the real clock."""
        return cls(settings.model_attempt_timeout, settings.model_call_timeout, settings.model_probe_seconds)

    def pause(self) -> float:
        """A short delay, jittered so that calls that failed together do not return together."""
        low, high = PAUSE
        return low + (high - low) * self.random()
