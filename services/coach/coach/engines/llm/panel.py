"""Several judgements of one criterion become one: the median level, and the words of the judge who is nearest to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from contracts.vocabulary.judgement import TOP_LEVEL, CriterionName, Judgement
from contracts.vocabulary.question import Phase

from coach.engines.llm.verdicts import DepthVerdict, Verdict, verified
from coach.rubric import anchor
from coach.said import Said


@dataclass(frozen=True)
class Judged:
    """What a criterion came to, and the verdict whose words are used."""

    judgement: Judgement
    verdict: Verdict


MOST_BY_FALSE = (TOP_LEVEL, 2, 1)
"""The highest level of depth with none, one, and more false statements."""
SUPPORTED_FROM = 1
"""From this level on a judgement needs words that support it."""


def supported(verdict: Verdict, answer: Said) -> int | None:
    """The level that a verdict may claim: none where nothing that was said supports it, and of depth no high one beside
    what is false."""
    if verdict.level is None or verdict.level < SUPPORTED_FROM:
        return verdict.level
    return min(verdict.level, _most(verdict, answer)) if verified(verdict.quotes, answer) else None


def _most(verdict: Verdict, answer: Said) -> int:
    """What false statements leave of the level of depth, if they were said."""
    if not isinstance(verdict, DepthVerdict):
        return TOP_LEVEL
    return MOST_BY_FALSE[min(len(verified(verdict.false_statements, answer)), len(MOST_BY_FALSE) - 1)]


def median_level(levels: Sequence[int | None]) -> int | None:
    """The median of those that have a level, rounded down; None where most have none."""
    known = [level for level in levels if level is not None]
    return median_low(known) if len(known) * 2 > len(levels) else None


def level_of(verdicts: Sequence[Verdict], answer: Said) -> int | None:
    """The level that several verdicts come to."""
    return median_level([supported(verdict, answer) for verdict in verdicts])


def judged(criterion: CriterionName, verdicts: Sequence[Verdict], answer: Said, phase: Phase) -> Judged:
    """What several verdicts come to."""
    return judged_as(criterion, verdicts, level_of(verdicts, answer), answer, phase)


def judged_as(
    criterion: CriterionName, verdicts: Sequence[Verdict], level: int | None, answer: Said, phase: Phase
) -> Judged:
    """A level that was settled on, in the words of the verdict that is nearest to it."""
    spoken = nearest(verdicts, [supported(verdict, answer) for verdict in verdicts], level)
    settled = Judgement(
        criterion=criterion,
        level=level,
        anchor=anchor(criterion, level, phase) if level is not None else "",
        explanation=spoken.explanation,
        quotes=verified(spoken.quotes, answer),
    )
    return Judged(settled, spoken)


def nearest(verdicts: Sequence[Verdict], levels: Sequence[int | None], level: int | None) -> Verdict:
    """The first of the verdicts whose level is nearest to the one that was settled on."""
    if level is None:
        return next((each for each, found in zip(verdicts, levels, strict=True) if found is None), verdicts[0])
    distances = [TOP_LEVEL + 1 if found is None else abs(found - level) for found in levels]
    return verdicts[distances.index(min(distances))]
