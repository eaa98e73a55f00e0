"""Better answers score higher, in whatever words: triples written as candidates speak, without a look at the cues.

Some strong ones are short or use no term of the field, some weak ones are long and fluent.
"""

from __future__ import annotations

from functools import cache
from statistics import fmean

import pytest
from coach_cases import LEVELS, TRIPLES, bank, judge

FEWEST = 100
ENOUGH_OF_ALL = 0.95
ENOUGH_OF_A_FAMILY = 0.9
EVERY_TRIPLE = [(family, number) for family, triples in TRIPLES.items() for number in range(len(triples))]


@cache
def scores(family: str, number: int) -> tuple[float, ...]:
    """Strong, average, weak; an answer without a score stands below all others."""
    triple = TRIPLES[family][number]
    found = (judge(bank()[triple["question"]], triple[level]).score for level in LEVELS)
    return tuple(-1.0 if score is None else score for score in found)


def in_order(family: str, number: int) -> bool:
    strong, average, weak = scores(family, number)
    return strong > average > weak


def test_there_are_enough_triples_in_enough_fields() -> None:
    assert len(EVERY_TRIPLE) >= FEWEST and len(TRIPLES) >= 10
    domains = {bank()[triple["question"]].domain for triples in TRIPLES.values() for triple in triples}
    assert len(domains) >= 20


def test_strong_beats_average_beats_weak_nearly_always() -> None:
    wrong = [TRIPLES[family][number]["question"] for family, number in EVERY_TRIPLE if not in_order(family, number)]
    assert len(wrong) <= (1 - ENOUGH_OF_ALL) * len(EVERY_TRIPLE), wrong


@pytest.mark.parametrize("family", TRIPLES)
def test_strong_beats_average_beats_weak_in_every_field(family: str) -> None:
    right = sum(in_order(family, number) for number in range(len(TRIPLES[family])))
    assert right >= ENOUGH_OF_A_FAMILY * len(TRIPLES[family])


@pytest.mark.parametrize(("family", "number"), EVERY_TRIPLE)
def test_a_good_answer_in_unusual_words_does_not_score_low(family: str, number: int) -> None:
    strong, _, weak = scores(family, number)
    assert strong >= 0.55
    assert strong > weak + 0.01


def test_the_scale_is_used() -> None:
    strong, average, weak = zip(*(scores(family, number) for family, number in EVERY_TRIPLE), strict=True)
    assert fmean(strong) > 0.8 and 0.5 < fmean(average) < 0.75 and fmean(weak) < 0.45
