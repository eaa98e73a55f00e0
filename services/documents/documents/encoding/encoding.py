"""Answers all who ask for vectors: what is urgent first, what waits together, and what was asked before at once."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
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
SMOOTHING = 0.1
"""What the last batch weighs in the moving average of how long a character takes."""
PART_OF_THE_TIME = 0.4
"""The share of an asker's time that may pass, as far as one can tell: a reply asks more than once, and what takes
nearly all of the time is often not done in time."""
NICENESS = 19
"""Nice levels by which encoding comes after all else on the host: where the processor is short, replies do without."""
BATCHES = Histogram("parley_encoder_batch_seconds", "Seconds that a batch of texts took to encode.")


class Busy(ConnectionError):
    """Too many wait already; whoever asks does better without."""


@dataclass(eq=False)
class _Asked:
    """Texts that wait for their rows."""

    texts: Sequence[str]
    done: asyncio.Future[Vectors]
    rows: dict[int, Floats] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """Characters that are not encoded yet."""
        return sum(len(text) for at, text in enumerate(self.texts) if at not in self.rows)


class Encoding:
    """Encodes by what `model` gives at the time; a thread of its own runs it, and `run` hands it what waits."""

    def __init__(self, model: Callable[[], SentenceModel | None]) -> None:
        self._model = model
        self._cached = Cached(REMEMBERED)
        self._waiting: dict[bool, deque[_Asked]] = {True: deque(), False: deque()}
        self._asked = asyncio.Event()
        self._pace = 0.0
        """Seconds that a character takes, of late."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="encoder", initializer=_lower_priority)

    async def encode(self, ask: EncodeAsk) -> Encoded:
        """The answer to an ask, at once where it would come too late. Raises what the model does."""
        try:
            made = await self.vectors(ask.texts, urgent=ask.urgent, seconds=ask.seconds)
        except Busy:
            return Encoded(busy=True)
        return pack(made) if made else Encoded()

    async def vectors(self, texts: Sequence[str], *, urgent: bool, seconds: float | None = None) -> Vectors | None:
        """The same as rows; None without a model. Raises Busy at once where too many wait, or where what comes before
        takes longer than `seconds`."""
        if self._model() is None:
            return None
        return await self._cached.vectors(texts, self._asking(urgent, seconds))

    def _asking(self, urgent: bool, seconds: float | None) -> Callable[[Sequence[str]], Awaitable[Vectors]]:
        async def ask(texts: Sequence[str]) -> Vectors:
            queue = self._waiting[urgent]
            waiting = sum(len(each.texts) for each in queue)
            if len(queue) >= WAITING_ASKS or (queue and waiting + len(texts) > WAITING_TEXTS):
                raise Busy
            asked = _Asked(texts, asyncio.get_running_loop().create_future())
            before = [*self._waiting[True], *queue] if not urgent else queue
            # Where nothing waits it is tried all the same, so that a pace of bad times is not kept for ever.
            if before and seconds is not None:
                left = sum(each.left for each in (*before, asked))
                if left * self._pace > seconds * PART_OF_THE_TIME:
                    raise Busy
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
            loop, began = asyncio.get_running_loop(), time.perf_counter()
            with BATCHES.time():
                rows = await loop.run_in_executor(self._thread, model.rows, texts)
            pace = (time.perf_counter() - began) / max(1, sum(map(len, texts)))
            self._pace += (pace - self._pace) * (SMOOTHING if self._pace else 1)
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


def _lower_priority() -> None:
    """Let this thread come after others. Where niceness is of whole processes, nothing is done."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def pack(made: Vectors) -> Encoded:
    """Vectors as they travel."""
    packed = b64encode(made.rows.astype("<f2").tobytes()).decode()
    return Encoded(model=made.model, dimensions=made.rows.shape[1], vectors=packed)
