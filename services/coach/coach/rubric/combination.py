"""From levels to numbers, mechanically: the same levels give the same numbers, whoever found them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contracts.vocabulary.judgement import TOP_LEVEL, Criteria, CriterionName, Judgement
from contracts.vocabulary.question import Phase

from coach.rubric.anchors import CRITERIA
from coach.rubric.phases import WEIGHTS

_ACCURACY_BY_DEPTH = 0.6


def criteria_of(levels: Mapping[CriterionName, int | None]) -> Criteria:
    """The score of each criterion: its level divided by the top level; None where there is no level."""
    return Criteria(**{name: None if level is None else level / TOP_LEVEL for name, level in levels.items()})


def levels_of(judgements: Iterable[Judgement]) -> dict[CriterionName, int | None]:
    """The level of each criterion that was judged."""
    return {each.criterion: each.level for each in judgements}


def combined(criteria: Criteria, phase: Phase) -> float | None:
    """The score, 0 to 1: the weighted mean of the criteria that have a value; None when none has."""
    values = {name: value for name in CRITERIA if (value := getattr(criteria, name)) is not None}
    weights = WEIGHTS[phase]
    total = sum(weights[name] for name in values)
    return round(sum(value * weights[name] for name, value in values.items()) / total, 3) if total else None


def technical_accuracy(criteria: Criteria) -> float:
    """How far an answer speaks to the substance, 0 to 1: mostly depth, for the rest relevance.

    No script can know whether a statement is true; an engine that can lowers depth for what is wrong.
    """
    depth, relevance = criteria.depth or 0, criteria.relevance or 0
    return round(_ACCURACY_BY_DEPTH * depth + (1 - _ACCURACY_BY_DEPTH) * relevance, 3)


def completeness(covered: int, expected: int, criteria: Criteria) -> float:
    """The share of the expected points that an answer speaks of; its depth where none are expected."""
    return round(covered / expected, 3) if expected else criteria.depth or 0.0
