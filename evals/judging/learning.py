"""Ridge and logistic regression in a few lines, rank correlation, and bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from coach.engines.scripted.estimate import Linear
from numpy.typing import NDArray

Numbers = NDArray[np.floating[Any]]


def standardised(rows: Numbers, weights: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Rows less their mean, over their spread."""
    mean = np.average(rows, axis=0, weights=weights)
    scale = np.sqrt(np.average((rows - mean) ** 2, axis=0, weights=weights))
    scale = np.where(scale < 1e-6, 1.0, scale)  # what never varies tells nothing
    return (rows - mean) / scale, mean, scale


def ridge(rows: Numbers, worth: Numbers, weights: Numbers, penalty: float) -> Linear:
    """Weighted least squares with a penalty on the weights of standardised features."""
    z, mean, scale = standardised(rows, weights)
    middle = float(np.average(worth, weights=weights))
    normal = (z * weights[:, None]).T @ z + penalty * np.eye(z.shape[1])
    found = np.linalg.solve(normal, (z * weights[:, None]).T @ (worth - middle))
    return Linear(mean.tolist(), scale.tolist(), found.tolist(), middle)


def logistic(rows: Numbers, belongs: Numbers, weights: Numbers, penalty: float = 1.0, steps: int = 50) -> Linear:
    """Weighted logistic regression by Newton's method."""
    z, mean, scale = standardised(rows, weights)
    z = np.c_[z, np.ones(len(z))]
    found, keep = np.zeros(z.shape[1]), np.r_[np.full(z.shape[1] - 1, penalty), 1e-6]
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-np.clip(z @ found, -30, 30)))
        slope = z.T @ (weights * (chance - belongs)) + keep * found
        curve = (z * (weights * chance * (1 - chance))[:, None]).T @ z + np.diag(keep)
        found -= np.linalg.solve(curve, slope)
    return Linear(mean.tolist(), scale.tolist(), found[:-1].tolist(), float(found[-1]))


def ranks(values: Any) -> Numbers:
    """The rank of each, equal ones sharing the middle."""
    found = np.asarray(values, dtype=float)
    order = found.argsort(kind="stable")
    places = np.empty(len(found))
    places[order] = np.arange(len(found))
    for value in np.unique(found):
        same = found == value
        places[same] = places[same].mean()
    return places


def pearson(a: Any, b: Any) -> float:
    """The correlation; 0 where one of them does not vary."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 0 and b.std() > 0 else 0.0


def spearman(a: Any, b: Any) -> float:
    """The rank correlation."""
    return pearson(ranks(a), ranks(b))


def interval(
    measure: Callable[[Numbers, Numbers], float], a: Sequence[float], b: Sequence[float], times: int = 1000
) -> tuple[float, float]:
    """The middle 95% of a measure over bootstrap samples of the pairs."""
    one, two, chance = np.asarray(a, dtype=float), np.asarray(b, dtype=float), np.random.default_rng(7)
    places = [chance.integers(0, len(one), len(one)) for _ in range(times)]
    low, high = np.quantile([measure(one[each], two[each]) for each in places], [0.025, 0.975])
    return round(float(low), 2), round(float(high), 2)


def auc(positive: Any, negative: Any) -> float:
    """The chance that one of the first is above one of the second."""
    p, n = np.asarray(positive)[:, None], np.asarray(negative)[None, :]
    return float((p > n).mean() + 0.5 * (p == n).mean())
