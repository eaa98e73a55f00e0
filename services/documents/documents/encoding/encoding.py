"""Answers all who ask for vectors: what is urgent first, what waits together, and what was asked before at once."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

import numpy
import structlog
from contracts.documents.asks import EncodeAsk, Encoded
from parley_meaning import Cached, Floats, Vectors
from prometheus_client import Histogram
from runtime.telemetry import failure

from documents.encoding.model import SentenceModel

log = structlog.get_logger()
GATHER = 0.002
"""Seconds that the first text of a batch waits for others."""
BATCH_TEXTS = 8
BATCH_CHARACTERS = 2_000
"""Of one batch, if it has more than one text. It is small, since what is urgent waits for the batch that runs."""
WAITING_ASKS = 24
"""Asks that may wait, of those that are urgent and of the others. Fewer than half of those that are answered at a time,
so that neither can keep the others from being heard."""
WAITING_TEXTS = 512
"""Texts of theirs: some two seconds of work."""
REMEMBERED = 20_000
"""Vectors that are kept: 35 MB."""
BATCHES = Histogram("parley_encoder_batch_seconds", "Seconds that a batch of texts took to encode.")


class Busy(ConnectionError):
    """Too many wait already; whoever asks does better without."""


@dataclass(eq=False)
class _Asked:
    """Texts that wait for their rows."""

    texts: Sequence[str]
    done: asyncio.Future[Vectors]
    rows: dict[int, Floats] = field(default_factory=dict)


class Encoding:
    """Encodes by what `model` gives at the time; a thread of its own runs it, and `run` hands it what waits."""

    def __init__(self, model: Callable[[], SentenceModel | None]) -> None:
        self._model = model
        self._cached = Cached(REMEMBERED)
        self._waiting: dict[bool, deque[_Asked]] = {True: deque(), False: deque()}
        self._asked = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="encoder")

    async def encode(self, ask: EncodeAsk) -> Encoded:
        """The answer to an ask. Raises Busy at once where too many wait, and what the model does."""
        made = await self.vectors(ask.texts, urgent=ask.urgent)
        return pack(made) if made else Encoded()

    async def vectors(self, texts: Sequence[str], *, urgent: bool) -> Vectors | None:
        """The same as rows; None without a model."""
        if self._model() is None:
            return None
        return await self._cached.vectors(texts, self._asking(urgent))

    def _asking(self, urgent: bool) -> Callable[[Sequence[str]], Awaitable[Vectors]]:
        async def ask(texts: Sequence[str]) -> Vectors:
            queue = self._waiting[urgent]
            waiting = sum(len(each.texts) for each in queue)
            if len(queue) >= WAITING_ASKS or (queue and waiting + len(texts) > WAITING_TEXTS):
                raise Busy
            asked = _Asked(texts, asyncio.get_running_loop().create_future())
            queue.append(asked)
            self._asked.set()
            try:
                return await asked.done
            finally:
                with suppress(ValueError):
                    queue.remove(asked)

        return ask

    def close(self) -> None:
        """Let the thread end with its batch."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def run(self) -> None:
        """Encode what waits, a batch at a time, for ever."""
        while True:
            await self._asked.wait()
            await asyncio.sleep(GATHER)
            self._asked.clear()
            while batch := self._batch():
                await self._encode(batch)

    def _batch(self) -> list[tuple[_Asked, int]]:
        """The next texts and whose they are, the urgent ones before the others."""
        batch: list[tuple[_Asked, int]] = []
        characters = 0
        for asked in (*self._waiting[True], *self._waiting[False]):
            if asked.done.done():
                continue
            for at, text in enumerate(asked.texts):
                if at in asked.rows:
                    continue
                characters += len(text)
                if batch and (len(batch) == BATCH_TEXTS or characters > BATCH_CHARACTERS):
                    return batch
                batch.append((asked, at))
        return batch

    async def _encode(self, batch: list[tuple[_Asked, int]]) -> None:
        asks = list(dict.fromkeys(asked for asked, _ in batch))
        model = self._model()
        try:
            if model is None:
                raise ConnectionError("the model is gone")
            texts = [asked.texts[at] for asked, at in batch]
            loop = asyncio.get_running_loop()
            with BATCHES.time():
                rows = await loop.run_in_executor(self._thread, model.rows, texts)
        except Exception as error:
            log.error("texts were not encoded", **failure(error))
            for asked in asks:
                if not asked.done.done():
                    asked.done.set_exception(error)
            return
        # Now, and not with the whole answer: who asks for the same after another gave up begins where that one stopped.
        self._cached.keep(Vectors(model.name, rows), texts)
        for (asked, at), row in zip(batch, rows, strict=True):
            asked.rows[at] = row
        for asked in asks:
            if len(asked.rows) == len(asked.texts) and not asked.done.done():
                ordered = numpy.stack([asked.rows[at] for at in range(len(asked.texts))])
                asked.done.set_result(Vectors(model.name, ordered))


def pack(made: Vectors) -> Encoded:
    """Vectors as they travel."""
    packed = b64encode(made.rows.astype("<f2").tobytes()).decode()
    return Encoded(model=made.model, dimensions=made.rows.shape[1], vectors=packed)
