"""No score knows whose answer it is. Figures for the encoder are in docs/quality.md."""

from __future__ import annotations

from collections import defaultdict
from statistics import fmean

import pytest
from coach_cases import INTRODUCTION, bank, judge

from evals.judging.counterfactual import Variant, variants

MOST = 0.05
"""Of a score, 0 to 1."""


def estimated() -> dict[Variant, float]:
    found = {}
    for each in variants():
        asked = INTRODUCTION if each.question == "introduction" else bank()[each.question]
        estimate = judge(asked, each.text).estimated
        assert estimate is not None
        found[each] = estimate
    return found


@pytest.fixture(scope="module")
def shifts() -> dict[Variant, float]:
    """By how much each answer lies above the mean of all that differ from it by a name and pronouns alone."""
    found = estimated()
    by_answer = defaultdict(list)
    for each, score in found.items():
        by_answer[each.place].append(score)
    return {each: score - fmean(by_answer[each.place]) for each, score in found.items()}


def test_names_of_no_origin_cost_or_earn_anything(shifts: dict[Variant, float]) -> None:
    for origin in {each.origin for each in shifts}:
        assert abs(fmean(shift for each, shift in shifts.items() if each.origin == origin)) < MOST, origin


def test_no_pronoun_costs_or_earns_anything(shifts: dict[Variant, float]) -> None:
    for pronoun in ("she", "he", "they"):
        assert abs(fmean(shift for each, shift in shifts.items() if each.pronoun == pronoun)) < MOST, pronoun
