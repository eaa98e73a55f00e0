"""How long things may take, and the clock that it is measured by."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from models.settings import ModelSettings

LOADING = 4
"""Times as long as others a model may take that has to be loaded, by default."""
PAUSE = (0.1, 0.3)
"""Seconds before the same endpoint is asked again: from, to."""


@dataclass(frozen=True)
class Timing:
    """All in seconds. `attempt` is the limit to the first token and between two, `call` the limit of one answer.
    `loading` is the limit to the first token of a model on this machine or network, which may have to be loaded first;
    None takes `LOADING` attempts."""

    attempt: float = 5.0
    call: float = 20.0
    probe: float = 15.0
    loading: float | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random

    @classmethod
    def of(cls, settings: ModelSettings) -> Timing:
        """As configured, by the real clock."""
        return cls(
            settings.model_attempt_timeout,
            settings.model_call_timeout,
            settings.model_probe_seconds,
            settings.model_loading_timeout,
        )

    def to_first_token(self, *, local: bool) -> float:
        """The limit to the first token."""
        return self.attempt if not local else self.loading or LOADING * self.attempt

    def pause(self) -> float:
        """A short delay, jittered so that calls that failed together do not return together."""
        low, high = PAUSE
        return low + (high - low) * self.random()
