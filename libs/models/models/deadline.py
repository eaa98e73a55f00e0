"""One budget for a job that asks models more than once."""

from __future__ import annotations

import time


class Deadline:
    """`seconds` from now. Whoever waits for the job asks again after that, so each step gets what is left of it."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self, at_most: float | None = None) -> float:
        """Seconds that are left, or `at_most` so many; never less than none."""
        left = max(0.0, self._at - time.monotonic())
        return left if at_most is None else min(left, at_most)
