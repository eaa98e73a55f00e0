"""A second look at answers whose score lies near a boundary, where the order of the anchors may have decided.

The order in which a judge reads the levels moves its choice. That matters where a little makes another level of the
whole, and only there is it worth as many tokens again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contracts.vocabulary.judgement import TOP_LEVEL, Criteria, CriterionName, Interval
from contracts.vocabulary.question import Phase

from coach.engines.llm.panel import Judged, judged_as, level_of
from coach.engines.llm.verdicts import Verdict
from coach.rubric import CRITERIA, combined, criteria_of
from coach.said import Said

NEAR = 0.03
"""Of a score, 0 to 1: less than one level in one criterion makes."""
BOUNDARIES = tuple((level + 0.5) / TOP_LEVEL for level in range(TOP_LEVEL))
"""Where a score becomes the next level of the whole."""
Verdicts = Mapping[CriterionName, Sequence[Verdict]]


def is_near_a_boundary(score: float | None) -> bool:
    """Whether a score lies so near that another order of the levels might put it on the other side."""
    return score is not None and any(abs(score - each) <= NEAR for each in BOUNDARIES)


def levels_in(verdicts: Verdicts, said: Said) -> dict[CriterionName, int | None]:
    """The level of each criterion by one look."""
    return {name: level_of(verdicts[name], said) for name in CRITERIA}


def together(first: Verdicts, second: Verdicts, said: Said, phase: Phase) -> dict[CriterionName, Judged]:
    """What two looks come to: of each criterion the mean of both levels, rounded down where a whole one is to be named,
    and the words of the judge who is nearest to it. Where one look found no level, the other one's counts."""
    before, after = levels_in(first, said), levels_in(second, said)
    return {
        name: judged_as(name, [*first[name], *second[name]], _between(before[name], after[name]), said, phase)
        for name in CRITERIA
    }


def criteria_by(first: Verdicts, second: Verdicts, said: Said) -> Criteria:
    """The numbers of two looks: of each criterion the mean of both levels, not rounded."""
    one, two = (criteria_of(levels_in(each, said)).model_dump() for each in (first, second))
    known = {name: [each[name] for each in (one, two) if each[name] is not None] for name in CRITERIA}
    return Criteria(**{name: sum(found) / len(found) if found else None for name, found in known.items()})


def interval(first: Verdicts, second: Verdicts, said: Said, phase: Phase) -> Interval | None:
    """From the lower of both scores to the higher one, and on either side as far as a boundary was taken for near: the
    more two looks disagree, the wider it is. None without a score."""
    scores = [combined(criteria_of(levels_in(each, said)), phase) for each in (first, second)]
    known = [each for each in scores if each is not None]
    if not known:
        return None
    return Interval(low=round(max(0.0, min(known) - NEAR), 3), high=round(min(1.0, max(known) + NEAR), 3))


def _between(one: int | None, two: int | None) -> int | None:
    if one is None or two is None:
        return one if two is None else two
    return (one + two) // 2
