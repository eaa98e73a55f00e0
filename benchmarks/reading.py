"""How long it takes to read an answer on one core, and the memory of the encoder. `python -m benchmarks.reading`.

All that is said in the listening sets, hard negatives included, is read as the interviewer does. Vectors are made
before, so that an encoder's own time is not in it; `--encoders` says of which. Beside the time that passes stands the
processor time, which other work on the machine hardly moves.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Sequence

import psutil
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.question import Question
from contracts.vocabulary.turn import Budget, TurnContext
from interviewer.reading import read
from parley_listening import Listener

from evals.encoders import encoder_named
from evals.listening.measuring import hard_negatives, utterances

AIM = 15.0
"""Milliseconds at p95."""
QUESTION = Question(text="Tell me about a change that you led against resistance.", kind="question", phase="behavioral")


def context_of(text: str, language: str) -> TurnContext:
    """The answer to a question, in the middle of an interview."""
    config = SessionConfig(language=language, job_role="Registered Nurse")
    return TurnContext(
        config=config,
        question=QUESTION,
        answer=text,
        transcript=(),
        budget=Budget(asked=3, target=8, elapsed=300, duration=1200, time_based=False),
    )


async def measure(kind: str) -> None:
    """Print p50 and p95 of the second reading of each text: the first one makes the vectors."""
    process = psutil.Process()
    before = process.memory_info().rss
    encoder = encoder_named(kind)
    await encoder.vectors(["Five years as a nurse."])
    memory = (process.memory_info().rss - before) / 2**20
    listener = Listener(encoder)
    await listener.prepare()
    took: list[float] = []
    worked: list[float] = []
    for each in [*utterances(), *hard_negatives()]:
        context = context_of(each.text, each.language)
        for measured in (False, True):
            began, busy = time.perf_counter(), time.thread_time()
            heard = await listener.heard(each.text, QUESTION.text)
            read(each.text, context, heard)
            if measured:
                took.append((time.perf_counter() - began) * 1000)
                worked.append((time.thread_time() - busy) * 1000)
    verdict = "kept" if p95(took) <= AIM else "missed"
    print(f"{kind:<8} p50 {statistics.median(took):6.2f}  p95 {p95(took):6.2f} ms of {len(took)} answers", end="")
    print(f"   aim {AIM:g}: {verdict}   processor p95 {p95(worked):.2f} ms", end="")
    print(f"   memory of the encoder {memory:.0f} MiB, libraries included   load {os.getloadavg()[0]:.1f}")


def p95(found: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(found, n=20)[18]


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--encoders", nargs="+", choices=("words", "encoder", "counted"), default=["words", "encoder"])
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for kind in options.encoders:
        asyncio.run(measure(kind))


if __name__ == "__main__":
    main()
