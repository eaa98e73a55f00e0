"""Rated answers with their features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from coach.engines.scripted.estimate import Coefficients, Estimate, estimate, telling
from coach.engines.scripted.features import features
from coach.engines.scripted.heard import Heard, hear
from coach.engines.scripted.seen import Comparer, Matrix
from coach.text import Sentence, words

from evals.judging.learning import Numbers
from evals.judging.rated import Rated
from evals.judging.styles import STYLES

Pair = tuple[str, Matrix]
PARTS = 10
PENALTY_OF_SENTENCES, PENALTY_OF_WORDS = 10.0, 50.0
"""On the direction; its rows have unit length, so this is a small part of what thousands of sentences weigh. Vectors of
words learn by heart which words stood in what was empty, so that they have to pay more."""


@dataclass(frozen=True)
class Row:
    """A rated answer and its features."""

    rated: Rated
    found: dict[str, float]
    nearest: Numbers
    """For each point, how near the nearest sentence is."""
    told_parts: Numbers
    """For each sentence, how near it is to ones that tell a result."""
    told: Numbers
    """For each sentence, how much it tells."""

    def values(self, names: Sequence[str]) -> list[float]:
        """Features by name."""
        return [self.found[name] for name in names]


class Directions:
    """In which direction of meaning sentences lie that tell something, learnt from those of `told` and `empty` answers.

    An answer is seen by what was learnt without a tenth of the questions, its own among them, so that what is learnt
    from it afterwards is no better than it will be for answers that nobody has seen.
    """

    def __init__(self, told: Sequence[Pair], empty: Sequence[Pair], penalty: float) -> None:
        found = [(fold, rows, label) for label, pairs in ((1.0, told), (-1.0, empty)) for fold, rows in pairs]
        self._parts = [_direction([e for e in found if _part(e[0]) != part], penalty) for part in range(PARTS)]
        self.whole = _direction(found, penalty)

    def without(self, fold: str) -> list[float]:
        """As if the question had not been known."""
        return self._parts[_part(fold)]


def _part(fold: str) -> int:
    return crc32(fold.encode()) % PARTS


def _direction(found: Sequence[tuple[str, Matrix, float]], penalty: float) -> list[float]:
    rows = np.concatenate([each for _, each, _ in found])
    labels = np.concatenate([np.full(len(each), label) for _, each, label in found])
    shares = np.where(labels > 0, 1 / (labels > 0).sum(), 1 / (labels < 0).sum()) * len(labels) / 2
    middle = np.average(rows, axis=0, weights=shares)
    z = rows - middle
    normal = (z * shares[:, None]).T @ z + penalty * np.eye(z.shape[1])
    found_direction = np.linalg.solve(normal, (z * shares[:, None]).T @ labels)
    return [*map(float, found_direction), float(middle @ found_direction)]


async def sentences_of(comparer: Comparer, rated: Rated) -> Pair | None:
    """The question that an answer is kept out with, and the vectors of its sentences, each as it stands and in another
    style; None where nothing counts."""
    heard = hear(rated.answer)
    if not heard.sentences:
        return None
    styled = (_as_said(each, STYLES[place % len(STYLES)](each.text)) for place, each in enumerate(heard.sentences))
    both = Heard((*heard.sentences, *styled))
    return rated.fold, (await comparer.see(both, rated.asked)).sentences


def _as_said(sentence: Sentence, text: str) -> Sentence:
    return Sentence(text, sentence.start, sentence.end, words(text))


async def row(comparer: Comparer, rated: Rated, direction: Sequence[float]) -> Row | None:
    """None where nothing in the answer counts."""
    heard = hear(rated.answer)
    if not heard.sentences:
        return None
    seen = await comparer.see(heard, rated.asked)
    told = telling(direction, seen.sentences)
    nearest = (seen.sentences @ seen.points.T).max(axis=0) if len(seen.points) else np.zeros(0)
    return Row(rated, features(seen, heard, rated.asked, told), nearest, seen.nearest("result"), told)


async def rows(comparer: Comparer, answers: Sequence[Rated], directions: Directions) -> list[Row]:
    """Those of which something counts."""
    made = [await row(comparer, each, directions.without(each.fold)) for each in answers]
    return [each for each in made if each]


def table(found: Sequence[Row], names: Sequence[str]) -> Numbers:
    """A row for each answer, a column for each feature."""
    return np.array([each.values(names) for each in found], dtype=float)


def of(found: Row, by: Coefficients) -> Estimate:
    """What coefficients say of it."""
    return estimate(found.found, found.rated.asked, by)
