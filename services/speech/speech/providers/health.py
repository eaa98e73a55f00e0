"""Whether a provider is worth asking, by how it answered before."""

from __future__ import annotations

import structlog
from models.circuit import Circuit
from models.errors import Failure

from speech.ports import Busy, Failed

log = structlog.get_logger()


class Health:
    """Of what is called `name` in logs. One that is out is tried again now and then by whoever needs it next: a probe
    would cost as much."""

    def __init__(self, name: str, circuit: Circuit) -> None:
        self._name = name
        self._circuit = circuit

    @property
    def available(self) -> bool:
        """May be asked now."""
        circuit = self._circuit
        return circuit.healthy or (circuit.out is not None and circuit.until <= circuit.timing.clock())

    def failed(self, failure: Failure) -> Busy | Failed:
        """Note a failure; what to raise for it."""
        if self._circuit.failed(failure):
            log.warning("speech provider out", provider=self._name, kind=failure.kind)
        return Busy(failure.retry_after) if failure.kind == "rate_limited" else Failed(failure.kind)

    def answered(self) -> None:
        """It did what it was asked for."""
        if self._circuit.out:
            log.info("speech provider back", provider=self._name)
        self._circuit.answered()
