"""Rated answers with their features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from coach.engines.scripted.estimate import Coefficients, Estimate, estimate
from coach.engines.scripted.features import features
from coach.engines.scripted.heard import hear
from coach.engines.scripted.seen import Comparer

from evals.judging.learning import Numbers
from evals.judging.rated import Rated


@dataclass(frozen=True)
class Row:
    """A rated answer and its features."""

    rated: Rated
    found: dict[str, float]
    nearest: Numbers
    """For each point, how near the nearest sentence is."""
    told_parts: Numbers
    """For each sentence, how near it is to ones that tell a result."""

    def values(self, names: Sequence[str]) -> list[float]:
        """Features by name."""
        return [self.found[name] for name in names]


async def row(comparer: Comparer, rated: Rated) -> Row | None:
    """None where nothing in the answer counts."""
    heard = hear(rated.answer)
    if not heard.sentences:
        return None
    seen = await comparer.see(heard, rated.asked)
    nearest = (seen.sentences @ seen.points.T).max(axis=0) if len(seen.points) else np.zeros(0)
    return Row(rated, features(seen, heard, rated.asked), nearest, seen.nearest("result"))


async def rows(comparer: Comparer, answers: Sequence[Rated]) -> list[Row]:
    """Those of which something counts."""
    return [found for each in answers if (found := await row(comparer, each))]


def table(found: Sequence[Row], names: Sequence[str]) -> Numbers:
    """A row for each answer, a column for each feature."""
    return np.array([each.values(names) for each in found], dtype=float)


def of(found: Row, by: Coefficients) -> Estimate:
    """What coefficients say of it."""
    return estimate(found.found, found.rated.asked, by)
