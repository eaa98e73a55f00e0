"""What is printed of how the built-in coach judges."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import yaml
from coach.engines.scripted.estimate import Coefficients, Estimate
from coach.engines.scripted.seen import Asked, Comparer
from coach.text import content
from contracts.vocabulary.question import Question

from evals.judging.counterfactual import Variant, variants
from evals.judging.learning import Numbers, auc, interval, pearson, spearman
from evals.judging.rated import Rated, bank, put_elsewhere
from evals.judging.rows import Directions, Row, of, row, rows
from evals.judging.styles import simple, stumbling, terse, typed

HERE = Path(__file__).parent
HIGH = 3.0
"""Of ten: what does not deserve more."""
EVERY = 3
"""Of strong answers so many are one that is said in other styles."""
_INTRODUCTION = Question(kind="introduction", text="Could you introduce yourself?", phase="intro")
EACH = 40
"""Questions that a text is put to."""


def agreement(human: Sequence[Row], estimates: Sequence[Estimate]) -> None:
    """With a person, on answers whose question was not learnt from."""
    worth = [r.rated.worth for r in human]
    scores = [e.score for e in estimates]
    overlap = [r.found["shared"] for r in human]
    sure = [(e.score, w) for e, w in zip(estimates, worth, strict=True) if e.certain]
    error = float(np.mean(np.abs(np.array(scores) - worth))) * 10
    within = float(np.mean([e.low <= w <= e.high for e, w in zip(estimates, worth, strict=True)]))
    print(f"rated answers: {len(human)}, each judged without its question")
    print(f"  Spearman {spearman(scores, worth):.2f}, 95% {interval(spearman, scores, worth)}")
    print(
        f"  word overlap {spearman(overlap, worth):.2f}; mean error {error:.1f} of 10; within the interval {within:.0%}"
    )
    print(f"  of the {len(sure)} with a score {spearman(*zip(*sure, strict=True)):.2f}")
    print(f"  abstains on {1 - len(sure) / len(human):.0%}: {_counts(human, estimates)}")
    for r, e in sorted(zip(human, estimates, strict=True), key=lambda pair: pair[0].rated.worth):
        shown = f"{e.score * 10:4.1f} [{e.low * 10:.0f}-{e.high * 10:.0f}]"
        print(f"    {r.rated.worth * 10:4.1f} {shown} {r.rated.kind}{'' if e.certain else ', abstains'}")


def _counts(human: Sequence[Row], estimates: Sequence[Estimate]) -> str:
    kinds = [r.rated.kind for r, e in zip(human, estimates, strict=True) if not e.certain]
    return ", ".join(sorted(kinds)) or "none"


def short(language: str, found: Sequence[Row], by_fold: Mapping[str, Coefficients]) -> None:
    """With trained graders, on short answers whose question was not learnt from."""
    worth = [r.rated.worth for r in found]
    scores = [of(r, by_fold[r.rated.fold]).score for r in found]
    overlap = pearson([recall(r.rated) for r in found], worth)
    bounds = interval(pearson, scores, worth, 200)
    print(f"short answers, {language}: r {pearson(scores, worth):.3f}, 95% {bounds}; word overlap {overlap:.3f}")


def recall(rated: Rated) -> float:
    """Word overlap: the share of the reference's words that the answer has."""
    wanted = content(" ".join(rated.asked.points))
    return len(content(rated.answer) & wanted) / max(1, len(wanted))


async def wordings(comparer: Comparer, by: Coefficients, directions: Directions) -> None:
    """The same facts in five Englishes."""
    for group in _data("wordings"):
        asked = Asked.of(_by_id(group.pop("question")))
        found = {
            name: await row(comparer, Rated(asked, text, 0, name, ""), directions.whole) for name, text in group.items()
        }
        scores = {name: of(r, by) for name, r in found.items() if r}
        marks = [f"{name} {e.score * 10:.1f}{'' if e.certain else ' (abstains)'}" for name, e in scores.items()]
        values = [e.score * 10 for e in scores.values()]
        print(f"same facts: {', '.join(marks)}; gap {max(values) - min(values):.1f}")


async def speakers(comparer: Comparer, by: Coefficients, directions: Directions, made: Sequence[Rated]) -> None:
    """How often there is no score, by who speaks: whether abstaining hides somewhere."""
    strong = [each for each in made if each.kind == "triple-strong"]
    kinds: dict[str, Callable[[str], str]] = {"as written": str, "typed": typed, "terse": terse, "learner": simple}
    kinds |= {"stumbling": stumbling}
    for name, said in kinds.items():
        answers = [replace(each, answer=said(each.answer)) for each in strong[::EVERY]]
        got = [of(r, by) for r in await rows(comparer, answers, directions)]
        without = sum(not each.certain for each in got)
        print(f"strong answers, {name}: {len(got)}, {without} without a score; mean {_mean(got):.1f}")


def _mean(got: Sequence[Estimate]) -> float:
    return float(np.mean([each.score for each in got])) * 10


async def names(comparer: Comparer, by: Coefficients, directions: Directions) -> None:
    """By how much names of an origin, and pronouns, move scores on average, on the scale of 0 to 1."""
    found: dict[Variant, float] = {}
    for each in variants():
        asked = Asked.of(_INTRODUCTION if each.question == "introduction" else _by_id(each.question))
        if r := await row(comparer, Rated(asked, each.text, 0, "", ""), directions.whole):
            found[each] = of(r, by).score
    means = {place: fmean(s for v, s in found.items() if v.place == place) for place in {v.place for v in found}}
    for kind in ("origin", "pronoun"):
        shifts: dict[str, list[float]] = {}
        for variant, score in found.items():
            shifts.setdefault(getattr(variant, kind), []).append(score - means[variant.place])
        told = ", ".join(f"{name} {fmean(moved):+.3f}" for name, moved in shifts.items())
        print(f"mean shift by {kind}, {len(found)} variants: {told}")


async def gaming(
    comparer: Comparer, by: Coefficients, directions: Directions, made: Sequence[Rated], chance: random.Random
) -> None:
    """Text that must not pay, and beside it what does."""
    kinds = _data("gaming")
    knowledge, stories = _of_kind("knowledge"), _of_kind("story")
    strong = [each for each in made if each.kind == "triple-strong"]
    weak = [each for each in made if each.kind == "triple-weak"]
    moved = list(put_elsewhere(strong, chance, 1))
    stock = " ".join(kinds["stock"])
    cases: dict[str, Sequence[Rated]] = {
        "generic paragraphs": [_put(q, text) for text in kinds["generic"] for q in chance.sample(knowledge, EACH)],
        "empty stories": [_put(q, text) for text in kinds["empty_story"] for q in chance.sample(stories, EACH)],
        "keywords": [_put(q, ", ".join(Asked.of(q).cues)) for q in chance.sample(knowledge, EACH)],
        "knowledge, to another field's question": [e for e in moved if e.asked.kind == "knowledge"],
        "stories, to another question": [e for e in moved if e.asked.kind == "story"],
        "weak answers": weak,
        "weak answers and two stock sentences": [replace(e, answer=f"{e.answer} {stock}") for e in weak],
        "strong answers": strong,
    }
    for kind, answers in cases.items():
        found = await rows(comparer, answers, directions)
        got = [of(r, by) for r in found]
        known = [e.score * 10 for e in got if e.certain]
        nothing = len(answers) - len(known)
        over = sum(score > HIGH for score in known)
        mean = np.mean(known) if known else 0.0
        print(f"{kind}: {len(answers)}, {nothing} without a score, {over} above {HIGH:g}; mean {mean:.1f}")


def points(meant: Sequence[Row], elsewhere: Sequence[Row], by: Coefficients) -> None:
    """How often points, and the results of stories, are recognised where they are and where they are not."""
    by_level = {
        level: [r for r in meant if r.rated.kind == f"triple-{level}"] for level in ("strong", "average", "weak")
    }
    other = _nearest(r for r in elsewhere if r.rated.asked.kind == "knowledge")
    for level, found in by_level.items():
        stories = [r for r in found if r.rated.asked.kind == "story"]
        told = np.mean([r.told_parts.max() > by.part for r in stories])
        recognised = np.mean(_nearest(found) > by.recognised)
        print(f"{level}: {recognised:.0%} of points recognised, {told:.0%} with a result")
    apart = auc(_nearest(by_level["strong"]), other)
    print(f"of other fields' points {np.mean(other > by.recognised):.0%}; auc {apart:.2f}")


def _nearest(found: Iterable[Row]) -> Numbers:
    return np.concatenate([r.nearest for r in found])


def _put(question: Question, text: str) -> Rated:
    return Rated(Asked.of(question), text, 0, "gaming", "")


def _of_kind(kind: str) -> list[Question]:
    return [question for question, _ in bank().values() if Asked.of(question).kind == kind]


def _by_id(name: str) -> Question:
    return next(question for question, _ in bank().values() if question.bank_id == name)


def _data(name: str) -> Any:
    return yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
