"""From features to a score with its interval, by coefficients that were learnt from answers that people had rated.

The score is a mixture: with the probability that an answer is one to this question, what a ridge regression says of its
quality, and else nearly nothing. Its interval is the mixture's spread: wide where it is hard to tell whether an answer
belongs to the question at all. See `evals.judging` for how the coefficients were learnt, and docs/quality.md for how
well they do on answers that they were not learnt from.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np

from coach.engines.scripted.features import QUALITY, SUBJECT, SUBSTANCE
from coach.engines.scripted.seen import Asked, Matrix
from coach.rubric import AnswerKind

Known = Literal["points", "no points"]
"""Whether the expected points of a question are known: without them an answer has less to be compared with."""
DOUBT = 0.25
"""Less likely than this, an answer is taken for one to another question; from here to one half nobody can tell."""
OTHER_SUBJECT = 0.05
"""The score of an answer to another question."""
FAR = 0.8
"""Where 1 and -1 are meant for sentences that tell something and for those that do not."""
PLAIN = ("told", "spread", "widest", "recognised", "absent", "part", "concrete", "languages")
"""Coefficients that are written as they are."""
EMPTY = 0.15
EMPTY_SPREAD = 0.1
"""Of an answer that only sounds like one."""
WITHIN = 1.28
"""Standard deviations on either side that hold a score four times of five."""


@dataclass(frozen=True)
class Linear:
    """A weighted sum of standardised features."""

    mean: Sequence[float]
    scale: Sequence[float]
    weights: Sequence[float]
    intercept: float

    def of(self, values: Sequence[float]) -> float:
        """The sum for features in the order of the weights."""
        standard = (np.asarray(values) - self.mean) / self.scale
        return float(self.intercept + standard @ np.asarray(self.weights))


@dataclass(frozen=True)
class Coefficients:
    """What was learnt for one encoder. `spread` is the standard deviation of a rating from the estimate; `recognised`
    is how near a sentence has to be to a point to speak of it, and where none is nearer than `absent` the point is
    missing; `part` is the same for the parts of a story; `told` is the direction in which sentences lie that tell
    something, and at its end where the middle is; `concrete` are the bounds of four levels of it; `languages` are those
    in which it was measured."""

    quality: Mapping[Known, Mapping[AnswerKind, Linear]]
    told: Sequence[float]
    subject: Mapping[Known, Mapping[AnswerKind, Linear]]
    substance: Mapping[Known, Linear]
    spread: float
    widest: float
    recognised: float
    absent: float
    part: float
    concrete: Sequence[float]
    languages: Sequence[str]

    def telling(self, sentences: Matrix) -> Matrix:
        """How much each sentence tells of a case: above 0 more than it says nothing."""
        return telling(self.told, sentences)


def telling(direction: Sequence[float], sentences: Matrix) -> Matrix:
    """How far sentences lie in a direction, less its last number; further than far enough counts no more."""
    along = sentences @ np.asarray(direction[:-1], dtype=np.float32) - direction[-1]
    return np.asarray(np.clip(along, -FAR, FAR))


@dataclass(frozen=True)
class Estimate:
    """A score, 0 to 1, and the range in which it lies four times of five. `certain` is whether the range is narrow
    enough to name a score; `on_subject` is the probability that the answer is one to this question."""

    score: float
    low: float
    high: float
    on_subject: float
    certain: bool


def estimate(found: Mapping[str, float], asked: Asked, by: Coefficients) -> Estimate:
    """The estimate for the features of an answer."""
    known: Known = "points" if asked.points_known else "no points"
    quality = min(1.0, max(OTHER_SUBJECT, by.quality[known][asked.kind].of([found[name] for name in QUALITY])))
    belongs = by.subject[known].get(asked.kind)
    on_subject = _chance(belongs.of([found[name] for name in SUBJECT])) if belongs else 1.0
    whole = by.substance[known].of([found[name] for name in SUBSTANCE])
    substance = _chance(whole) if asked.kind != "introduction" else 1.0
    substantial = substance * quality + (1 - substance) * min(quality, EMPTY)
    own = substance * by.spread**2 + (1 - substance) * EMPTY_SPREAD**2
    own += substance * (1 - substance) * (quality - min(quality, EMPTY)) ** 2
    spread = math.sqrt(on_subject * own + on_subject * (1 - on_subject) * (substantial - OTHER_SUBJECT) ** 2)
    # Doubt about the subject is a reason to give no score, and none to give a lower one.
    score = substantial if on_subject >= DOUBT else on_subject * substantial + (1 - on_subject) * OTHER_SUBJECT
    return Estimate(
        score=round(score, 3),
        low=round(max(0.0, score - WITHIN * spread), 3),
        high=round(min(1.0, score + WITHIN * spread), 3),
        on_subject=on_subject,
        certain=spread <= by.widest and not DOUBT <= on_subject < 0.5,
    )


def _chance(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


@lru_cache(maxsize=1)
def coefficients() -> Mapping[str, Coefficients]:
    """What was learnt, by the name of the encoder's model; one in fewer bits shares what was learnt by the other."""
    raw = json.loads(files("coach").joinpath("engines/scripted/coefficients.json").read_text(encoding="utf-8"))
    return {model: coefficients_from(found) for found in raw for model in found["models"]}


def coefficients_from(raw: Mapping[str, Any]) -> Coefficients:
    """Coefficients as they are written in the package."""
    return Coefficients(
        quality=_by_kind(raw["quality"]),
        subject=_by_kind(raw["subject"]),
        substance={known: Linear(**found) for known, found in raw["substance"].items()},
        **{name: raw[name] for name in PLAIN},
    )


def _by_kind(raw: Mapping[Known, Any]) -> dict[Known, dict[AnswerKind, Linear]]:
    return {known: {kind: Linear(**found) for kind, found in kinds.items()} for known, kinds in raw.items()}
