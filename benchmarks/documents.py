"""From upload to processed, documents a minute, and search, beside the worker alone. `python -m benchmarks.documents`.

The seeds aim at 20 to 30 s for a document and at 100 to 300 ms for a search.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
from contracts.documents.asks import DocumentAnswer, DocumentViewAsk, RegisterAsk, SearchAnswer, SearchAsk
from contracts.documents.understanding import Chunk, Understanding
from devkit.stack import Stack
from documents.embeddings import LocalEmbedder
from documents.store import DocumentStore, Reading, content_hash
from documents.workers import Workers
from fpdf import FPDF
from runtime.broker import ask, make_broker
from runtime.database import Database
from runtime.settings import DatabaseSettings, RuntimeSettings

CHUNKS = 10_000
PER_DOCUMENT = 40
SIDE_BY_SIDE = 8
RUNS = ((1, None, True), (2, None, False), (1, LocalEmbedder(), True))
"""Files read at a time, what makes vectors, and whether search is measured too."""
TOOLS = ("Go", "Python", "Kafka", "Postgres", "Redis", "Kubernetes", "Terraform", "React", "Spark", "Airflow", "Rust")
DID = ("Built", "Led", "Moved", "Measured", "Replaced", "Designed", "Automated", "Reviewed", "Scaled", "Documented")
WHAT = ("payments", "billing", "search", "reports", "routing", "invoices", "ledgers", "logins", "imports", "backups")
WHY = (
    "after customers had been charged twice",
    "to halve its hosting costs",
    "for three hundred drivers",
    "in a month",
)


def point(chance: random.Random) -> str:
    """A line as résumés have them."""
    first, second = chance.sample(TOOLS, 2)
    did, what, why = chance.choice(DID), chance.choice(WHAT), chance.choice(WHY)
    return f"{did} {what} with {first} and {second} {why}, number {chance.randrange(10**6)}."


def two_pages(seed: int) -> bytes:
    """A résumé of two pages, some 700 words."""
    chance = random.Random(seed)
    made = FPDF()
    made.add_page()

    def line(text: str, size: int = 10, style: str = "") -> None:
        made.set_font("helvetica", style, size)
        made.multi_cell(0, size * 0.48, text, new_x="LMARGIN", new_y="NEXT")

    line("Anne Example", 18, "B")
    line("anne@example.org | +49 30 1234567")
    line("Experience", 14, "B")
    for job in range(8):
        line(f"Backend Developer, Company {chr(65 + job)}", 11, "B")
        line(f"March {2024 - 2 * job} - February {2026 - 2 * job}")
        for _ in range(7):
            line(f"- {point(chance)}")
    line("Skills", 14, "B")
    line(", ".join(TOOLS))
    assert made.pages_count == 2
    return bytes(made.output())


def shown(name: str, milliseconds: Sequence[float], beside: float | None = None) -> float:
    """Print percentiles; the median."""
    cuts = statistics.quantiles(milliseconds, n=100)
    ratio = f"   {cuts[49] / beside:6.1f} x the floor" if beside else ""
    print(f"  {name:44} p50 {cuts[49]:8.1f} ms   p95 {cuts[94]:8.1f} ms   p99 {cuts[98]:8.1f} ms{ratio}", flush=True)
    return cuts[49]


async def timed(work: Callable[[int], Awaitable[Any]], times: int) -> list[float]:
    """Milliseconds of each, one after another."""
    taken = []
    for number in range(times):
        began = time.perf_counter()
        await work(number)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


async def worker_alone(files: Sequence[bytes]) -> float:
    """Reading and understanding in their process and nothing else: the floor."""
    async with Workers(1) as workers:

        async def read(number: int) -> None:
            await workers.read(files[number], filename="cv.pdf", kind="resume", today=datetime.now(UTC).date())

        await read(0)
        taken = await timed(read, len(files))
    return shown("the worker alone", taken)


async def upload(http: aiohttp.ClientSession, url: str, raw: bytes) -> None:
    """Upload a résumé and wait until it is processed."""
    form = aiohttp.FormData()
    form.add_field("file", raw, filename="cv.pdf")
    async with http.post(f"{url}/api/v1/resumes/upload", data=form) as response:
        body = await response.json()
        assert response.status == 200 and body["skills"], body


async def uploads(stack: Stack, files: Sequence[bytes], floor: float, workers: int) -> None:
    """One after another, then side by side."""
    account = {"email": f"{uuid4().hex}@example.com", "password": "correct horse", "name": "Ada"}
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{stack.url}/auth/register", json=account) as response:
            http.headers["Authorization"] = f"Bearer {(await response.json())['access_token']}"
        await upload(http, stack.url, two_pages(-workers))
        half = len(files) // 2
        taken = await timed(lambda number: upload(http, stack.url, files[number]), half)
        shown(f"upload to processed, {workers} reading", taken, floor)
        waiting = list(files[half:])

        async def drain() -> None:
            while waiting:
                await upload(http, stack.url, waiting.pop())

        began = time.perf_counter()
        await asyncio.gather(*(drain() for _ in range(SIDE_BY_SIDE)))
        seconds = time.perf_counter() - began
        per_minute = (len(files) - half) / seconds * 60
        ceiling = 60_000 / floor * workers
        share = f"{per_minute / ceiling:.0%} of what the workers alone would allow"
        print(f"  {f'documents a minute, {workers} reading':44} {per_minute:12.0f}      {share}", flush=True)


async def fill(stack: Stack, user_id: UUID, embedder: LocalEmbedder | None) -> list[UUID]:
    """Documents of one user with so many pieces."""
    chance = random.Random(1)
    ids = []
    async with Database(DatabaseSettings(database_url=stack.database_url)).open() as database:
        store = DocumentStore(database)
        for number in range(CHUNKS // PER_DOCUMENT):
            chunks = tuple(
                Chunk(chunk_index=place, parent_section="experience", chunk_type="point", text=point(chance))
                for place in range(PER_DOCUMENT)
            )
            texts = [chunk.text for chunk in chunks]
            vectors = (
                dict(zip(map(content_hash, texts), await embedder.embed(texts), strict=True)) if embedder else None
            )
            wanted = RegisterAsk(
                document_id=uuid4(),
                user_id=user_id,
                kind="resume",
                filename="cv.pdf",
                size=1,
                sha256=hashlib.sha256(f"{number}".encode()).hexdigest(),
            )
            await store.register(wanted)
            document = await store.find(wanted.document_id, user_id)
            assert document
            reading = Reading(
                "pdf",
                "",
                "",
                chunks,
                Understanding(),
                2,
                700,
                False,
                "en",
                embedder.model if embedder else None,
                vectors,
            )
            await store.complete(document, reading)
            ids.append(document.id)
        await database.pool.execute("ANALYZE")
    return ids


async def searches(stack: Stack, embedder: LocalEmbedder | None, times: int) -> None:
    """As the interviewer asks, over the broker."""
    user_id = uuid4()
    ids = await fill(stack, user_id, embedder)
    broker = make_broker("benchmark", RuntimeSettings(nats_url=stack.nats_url))
    await broker.connect()
    queries = [point(random.Random(seed)) for seed in range(times)]

    async def view(number: int) -> None:
        wanted = DocumentViewAsk(document_id=ids[number % len(ids)], user_id=user_id, understanding=False)
        assert (await ask(broker, "documents", "view", wanted, DocumentAnswer)).document

    def search(count: int) -> Callable[[int], Awaitable[None]]:
        async def one(number: int) -> None:
            some = random.Random(number).sample(ids, count)
            wanted = SearchAsk(user_id=user_id, document_ids=some, query=queries[number])
            assert (await ask(broker, "documents", "search", wanted, SearchAnswer)).hits

        return one

    await timed(search(2), 20)
    way = "words and meaning" if embedder else "words"
    floor = shown("an ask that reads one row", await timed(view, times))
    shown(f"search by {way}, 2 documents", await timed(search(2), times), floor)
    shown(f"search by {way}, 100 documents", await timed(search(100), times), floor)
    await broker.stop()


async def main(files: int, times: int) -> None:
    print(f"Two pages as PDF, {files} of them; search over {CHUNKS} pieces, {times} times.")
    made = [two_pages(seed) for seed in range(files)]
    floor = await worker_alone(made)
    with tempfile.TemporaryDirectory() as folder:
        for number, (workers, embedder, searched) in enumerate(RUNS):
            env = {"DOCUMENT_WORKERS": str(workers), "EMBEDDINGS": "local" if embedder else "off"}
            print(f"{workers} reading at a time, embeddings {env['EMBEDDINGS']}")
            with Stack(Path(folder) / str(number), env) as stack:
                await uploads(stack, made, floor, workers)
                if searched:
                    await searches(stack, embedder, times)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=80)
    parser.add_argument("--times", type=int, default=300)
    given = parser.parse_args()
    asyncio.run(main(given.files, given.times))
