"""What texts mean, for services that compare them: from the one encoder of the host, or from what is in this process.

It needs the extra `meaning`.
"""

from __future__ import annotations

import asyncio
import time
from base64 import b64decode
from collections.abc import Awaitable, Callable, Sequence

import numpy
import structlog
from contracts.documents.asks import MAX_ENCODED, MAX_ENCODED_TEXTS, EncodeAsk, Encoded
from faststream.nats import NatsBroker
from parley_meaning import Cached, Encoder, Floats, Vectors, WordVectors, cleaned, readable, unit
from prometheus_client import Counter

from runtime.broker import ask
from runtime.telemetry import failure

log = structlog.get_logger()
URGENT_SECONDS = 0.3
"""What a call takes at most where somebody waits for a reply."""
SECONDS = 2.0
AGAIN = 5.0
"""Seconds for which nobody is asked after there was no answer."""
REMEMBERED = 5_000
"""Vectors that are kept: 9 MB."""
CALLS = Counter("parley_encoder_calls", "Calls for vectors, by the model that made them.", ["model"])
Asking = Callable[[EncodeAsk], Awaitable[Encoded]]
"""Asks the encoder. What it raises is taken for silence."""


class _NoEncoder(Exception):
    """Whoever was asked has no vectors. The message is why, in a word."""


class _Busy(_NoEncoder):
    """Not this time, and next time perhaps."""


class RemoteEncoder:
    """The encoder behind `asking`, within `limit` seconds for a call, however many texts it has. Where it is busy or
    silent, `local` answers the whole call; who was silent is not asked for `AGAIN` seconds."""

    def __init__(self, asking: Asking, local: Encoder, *, urgent: bool, limit: float) -> None:
        self._asking = asking
        self._local = local
        self._urgent = urgent
        self._limit = limit
        self._cached = Cached(REMEMBERED)
        self._silent_until = 0.0
        self._away = False

    async def vectors(self, texts: Sequence[str]) -> Vectors:
        """All of one model, and never an error."""
        made = await self._remote(texts) or await self._local.vectors(texts)
        CALLS.labels(made.model).inc()
        return made

    async def _remote(self, texts: Sequence[str]) -> Vectors | None:
        given = [cleaned(text, MAX_ENCODED) for text in texts]
        said = list(filter(readable, given))
        if not said:
            return None
        try:
            async with asyncio.timeout(self._limit):
                made = await self._cached.vectors(said, self._ask)
        except Exception as error:  # whatever it is, words can be compared
            self._note(error)
            return None
        rows = numpy.zeros((len(given), made.rows.shape[1]), dtype=numpy.float32)
        rows[[at for at, text in enumerate(given) if readable(text)]] = made.rows
        rows.flags.writeable = False
        return Vectors(made.model, rows)

    async def _ask(self, texts: Sequence[str]) -> Vectors:
        if time.monotonic() < self._silent_until:
            raise _NoEncoder("silent")
        parts = [texts[at : at + MAX_ENCODED_TEXTS] for at in range(0, len(texts), MAX_ENCODED_TEXTS)]
        asks = (self._asking(EncodeAsk(texts=tuple(part), urgent=self._urgent, seconds=self._limit)) for part in parts)
        answers = await asyncio.gather(*asks)
        if any(answer.busy for answer in answers):
            raise _Busy
        model = answers[0].model
        if not model:
            raise _NoEncoder("none installed")
        if any(answer.model != model for answer in answers):
            raise _NoEncoder("two models")
        rows = numpy.concatenate([_unpacked(answer, len(part)) for answer, part in zip(answers, parts, strict=True)])
        if self._away:
            self._away = False
            log.info("the encoder answers again", model=model)
        return Vectors(model, rows)

    def _note(self, error: Exception) -> None:
        """Ask nobody for a while; say it once. Who is busy says so at once, which keeps nobody waiting."""
        if isinstance(error, _Busy) or time.monotonic() < self._silent_until:
            return
        self._silent_until = time.monotonic() + AGAIN
        if not self._away:
            self._away = True
            log.info("texts are compared without the encoder", **failure(error))


def _unpacked(answer: Encoded, count: int) -> Floats:
    """Raises ValueError for anything but `count` vectors."""
    rows = numpy.frombuffer(b64decode(answer.vectors, validate=True), dtype="<f2").astype(numpy.float32)
    return unit(rows.reshape(count, answer.dimensions))


def make_encoder(broker: NatsBroker, *, urgent: bool) -> Encoder:
    """The encoder of the host, asked over this broker: `urgent` where somebody waits for a reply. Before the broker is
    connected, and where nobody answers, this process makes vectors of words."""
    limit = URGENT_SECONDS if urgent else SECONDS

    async def asking(request: EncodeAsk) -> Encoded:
        return await ask(broker, "documents", "encode", request, Encoded, timeout=limit)

    return RemoteEncoder(asking, WordVectors(), urgent=urgent, limit=limit)
