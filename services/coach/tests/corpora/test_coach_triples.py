"""Better answers score higher, in whatever words: triples written as candidates speak, without a look at the cues.

Some strong ones are short or use no term of the field, some weak ones are long and fluent.
"""

from __future__ import annotations

from functools import cache
from statistics import fmean

from coach_cases import LEVELS, TRIPLES, bank, judge

FEWEST = 100
EVERY_TRIPLE = [(family, number) for family, triples in TRIPLES.items() for number in range(len(triples))]


@cache
def scores(family: str, number: int) -> tuple[float | None, ...]:
    """Strong, average, weak; None where it abstains."""
    triple = TRIPLES[family][number]
    return tuple(judge(bank()[triple["question"]], triple[level]).score for level in LEVELS)


def test_there_are_enough_triples_in_enough_fields() -> None:
    assert len(EVERY_TRIPLE) >= FEWEST and len(TRIPLES) >= 10
    domains = {bank()[triple["question"]].domain for triples in TRIPLES.values() for triple in triples}
    assert len(domains) >= 20


def test_strong_beats_weak_nearly_always() -> None:
    pairs = [(found[0], found[2]) for each in EVERY_TRIPLE if None not in (found := scores(*each))]
    assert len(pairs) >= 0.7 * len(EVERY_TRIPLE), "it abstains on few"
    assert sum(strong > weak for strong, weak in pairs) >= 0.9 * len(pairs)  # type: ignore[operator]


def test_the_scale_is_used() -> None:
    strong, average, weak = (
        fmean(score for each in EVERY_TRIPLE if (score := scores(*each)[level]) is not None) for level in range(3)
    )
    assert strong > average + 0.1 and average > weak + 0.05
