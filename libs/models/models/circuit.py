"""The health of an endpoint, shared by all roles and calls."""

from __future__ import annotations

from dataclasses import dataclass

from models.errors import Failure, Kind
from models.timing import Timing

FAILURES_TO_OUT = 3


@dataclass
class Circuit:
    """Out (by `out`, the failure that did it) until a probe or an answer brings it back; and resting until the time
    that a rate limit asked for. Orders by `until` which of several unhealthy ones to try first."""

    timing: Timing
    out: Kind | None = None
    failures: int = 0
    until: float = 0.0
    listing_tells: bool = True
    """False once the endpoint listed its models and failed all the same: then only a completion is proof."""
    _back_by_listing: bool = False

    @property
    def healthy(self) -> bool:
        """May be asked now."""
        return self.out is None and self.rest == 0.0

    @property
    def rest(self) -> float:
        """Seconds that a rate limit still asks for; an endpoint that is out need not be waited for."""
        return 0.0 if self.out else max(0.0, self.until - self.timing.clock())

    def failed(self, failure: Failure) -> bool:
        """Note a failure; True when the endpoint goes out by it."""
        policy = failure.policy
        if failure.kind == "rate_limited":
            self.until = self.timing.clock() + failure.retry_after
        if not policy.counts:
            self.failures = 0
        elif failure.blames_endpoint:
            self.failures += 1
        if not policy.out and self.failures < FAILURES_TO_OUT:
            return False
        return self._go_out(failure.kind)

    def _go_out(self, kind: Kind) -> bool:
        was_in, self.out = self.out is None, kind
        self.until = self.timing.clock() + self.timing.probe
        if self._back_by_listing:
            self.listing_tells = self._back_by_listing = False
        return was_in

    def spoke(self) -> None:
        """A token came: others may ask, too. Its failures are forgotten only after a whole answer."""
        if self.out:
            self.out, self.until = None, 0.0

    def answered(self) -> None:
        """A whole answer came."""
        self.spoke()
        self.failures, self.listing_tells, self._back_by_listing = 0, True, False

    def probed(self, *, by_listing: bool) -> None:
        """A probe succeeded. The next failure in a call puts it out again."""
        self.spoke()
        self.failures = FAILURES_TO_OUT - 1
        self._back_by_listing = by_listing
