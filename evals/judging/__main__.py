"""Learn the coefficients of the built-in coach, and measure how it judges.

    python -m evals.judging --ratings FOLDER [--encoder encoder|words|counted ...] [--write]

FOLDER holds `judgements.json` and `saf/`, which are not part of the project. Every figure on rated answers is of
coefficients that were learnt without the question at hand. Nothing is written without --write.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
from coach.engines.scripted.estimate import PLAIN, Coefficients, Linear
from coach.engines.scripted.features import QUALITY, SUBJECT, SUBSTANCE
from coach.engines.scripted.seen import Comparer
from coach.rubric import AnswerKind
from parley_meaning import Encoder

from evals.encoders import encoder_named
from evals.judging import figures
from evals.judging.learning import logistic, ridge
from evals.judging.rated import Rated, emptied, judgements, put_elsewhere, short_answers, triples
from evals.judging.rows import PENALTY_OF_SENTENCES, PENALTY_OF_WORDS, Directions, Row, of, rows, sentences_of, table

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "services/coach/coach/engines/scripted/coefficients.json"
_NUMBERS = re.compile(r"\[[-\d.e,\s]+\]")
PENALTY = 10.0
MEANT_WEIGHT = 0.1
"""Of an answer whose worth its author meant, where one that a person rated counts 1."""
TOLD = {"told": ("triple-strong",), "empty": ("triple-weak", "made-empty")}
"""Whose sentences tell something, and whose do not."""
SHORT_WEIGHT = {"e5-small-q4": 0.035}
FAINT = 0.01
"""The same where an encoder knows words better than sentences: what short answers teach it helps little elsewhere."""
SUBSTANTIAL = 0.35
"""Worth more than this, an answer has something in it."""
HOLLOW = 0.2
"""The share of answers that are taken to have nothing in them."""
KINDS: tuple[AnswerKind, ...] = get_args(AnswerKind)
PRIOR: dict[AnswerKind, float] = {"knowledge": 0.2, "story": 0.1}
"""How many answers are taken to be to another question: stories fit more than one."""
SEED = 3
OPTIMISM = 1.15
"""By how much errors on answers that were not learnt from are larger than on those that were."""
WIDEST = 0.28
"""The spread from which on no score is named: a third of the scale on either side."""
FOREIGN = 0.02
"""The share of points of other fields' questions that may be recognised by mistake."""
ABSENT = 0.5
"""A point is missing where nothing is nearer to it than in half of the answers to other fields' questions."""
NOT_FOR_QUALITY = ("gaming-other-question", "gaming-inverted", "gaming-generic", "elsewhere", "short")
LANGUAGES = {"e5-small-q4": ["en", "de"]}
SAME = {"e5-small-q4": ["e5-small", "e5-small-q4"]}
"""What is learnt with the encoder of the tests, in four bits, is used for the one that is installed, in eight."""


@dataclass(frozen=True)
class Material:
    """What coefficients are learnt from: answers that people rated, those whose worth was meant by their author, short
    ones, and good ones that were put to another question."""

    human: list[Row]
    meant: list[Row]
    short: list[Row]
    elsewhere: list[Row]

    def without(self, fold: str) -> Material:
        """The same without all that has to do with one question."""
        return Material(*([r for r in group if r.rated.fold != fold] for group in self.groups))

    @property
    def groups(self) -> tuple[list[Row], ...]:
        return self.human, self.meant, self.short, self.elsewhere


def _used(material: Material) -> list[Row]:
    human = [each for each in material.human if each.rated.kind not in NOT_FOR_QUALITY]
    return [*human, *material.meant, *material.short]


def _quality(material: Material, short: float) -> dict[AnswerKind, Linear]:
    """For each kind of question: what makes a short answer to a technical one says little about stories."""
    used = _used(material)
    technical = _weighed([each for each in used if each.rated.asked.kind == "knowledge"], short)
    other = _weighed([each for each in used if each.rated.kind != "short"], short)
    return {kind: technical if kind == "knowledge" else other for kind in KINDS}


def _weighed(used: Sequence[Row], short: float) -> Linear:
    weights = np.array([_weight(each.rated.kind, short) for each in used])
    return ridge(table(used, QUALITY), np.array([each.rated.worth for each in used]), weights, PENALTY)


def _weight(kind: str, short: float) -> float:
    if kind == "short":
        return short
    return MEANT_WEIGHT if kind.startswith(("triple", "beginning", "made")) else 1.0


def _subject(material: Material) -> dict[AnswerKind, Linear]:
    found: dict[AnswerKind, Linear] = {}
    for kind, prior in PRIOR.items():
        own = [r for r in _used(material) if r.rated.asked.kind == kind and r.rated.worth >= 0.5]
        own = [r for r in own if r.rated.kind not in ("short", "made-stock")]
        other = [r for r in material.elsewhere if r.rated.asked.kind == kind]
        labels = np.r_[np.ones(len(own)), np.zeros(len(other))]
        share = np.where(labels == 1, (1 - prior) / len(own), prior / len(other)) * len(labels)
        found[kind] = logistic(table([*own, *other], SUBJECT), labels, share)
    return found


def _substance(material: Material, short: float) -> Linear:
    used = [r for r in _used(material) if r.rated.asked.kind != "introduction"]
    labels = np.array([float(each.rated.worth > SUBSTANTIAL) for each in used])
    weights = np.array([_weight(each.rated.kind, short) for each in used])
    weights = (
        np.where(labels == 1, (1 - HOLLOW) / weights[labels == 1].sum(), HOLLOW / weights[labels == 0].sum()) * weights
    )
    return logistic(table(used, SUBSTANCE), labels, weights * len(used))


def learn(material: Material, bare: Material, direction: Sequence[float], model: str) -> Coefficients:
    """Coefficients from all of it; `bare` is the same as if no expected points were known, `direction` the one in which
    sentences lie that tell something."""
    short = SHORT_WEIGHT.get(model, FAINT)
    quality = {"points": _quality(material, short), "no points": _quality(bare, short)}
    foreign = np.concatenate([r.nearest for r in material.elsewhere if r.rated.asked.kind == "knowledge"])
    told = [r.found["best_told"] for r in _used(material) if r.rated.kind != "short"]
    weak = np.concatenate([r.told_parts for r in material.meant if r.rated.kind == "triple-weak"])
    rated = [r for r in material.human if r.rated.kind not in NOT_FOR_QUALITY]
    error = [quality["points"][r.rated.asked.kind].of(r.values(QUALITY)) - r.rated.worth for r in rated]
    return Coefficients(
        told=[round(each, 4) for each in direction],
        quality=quality,  # type: ignore[arg-type]
        substance={"points": _substance(material, short), "no points": _substance(bare, short)},
        subject={"points": _subject(material), "no points": _subject(bare)},
        spread=round(float(np.sqrt(np.mean(np.square(error)))) * OPTIMISM, 3),
        widest=WIDEST,
        recognised=round(float(np.quantile(foreign, 1 - FOREIGN)), 4),
        absent=round(float(np.quantile(foreign, ABSENT)), 4),
        part=round(float(np.quantile(weak, 0.92)), 4),
        concrete=[round(float(q), 4) for q in np.quantile(told, [0.1, 0.35, 0.6, 0.85])],
        languages=LANGUAGES.get(model, ["en"]),
    )


def without_points(answers: Sequence[Rated]) -> list[Rated]:
    """The same answers, as if nothing was known of what a good one shows."""
    return [replace(each, asked=replace(each.asked, points=(), cues=())) for each in answers]


async def gathered(comparer: Comparer, groups: Sequence[Sequence[Rated]], directions: Directions) -> Material:
    """The features of everything that is learnt from."""
    return Material(*[await rows(comparer, group, directions) for group in groups])


async def directions_of(comparer: Comparer, made: Sequence[Rated], penalty: float) -> Directions:
    """Learnt from the sentences of answers that were meant to be strong, and of those that were meant to be empty."""
    found = {kind: [await sentences_of(comparer, e) for e in made if e.kind in kinds] for kind, kinds in TOLD.items()}
    told, empty = ([each for each in found[kind] if each] for kind in ("told", "empty"))
    return Directions(told, empty, penalty)


async def measure(name: str, encoder: Encoder, ratings: Path, chance: random.Random) -> dict[str, Any]:
    """All figures of one encoder, and the coefficients from everything."""
    model = (await encoder.vectors(["a"])).model
    comparer = Comparer(encoder, models=[model])
    spoken = {language: short_answers(ratings / "saf" / language) for language in ("english", "german")}
    short = spoken["english"] + (spoken["german"] if "de" in LANGUAGES.get(model, []) else [])
    rated, made, meant = judgements(ratings / "judgements.json"), triples(), [*triples(), *emptied(random.Random(SEED))]
    good = [each for each in made if each.kind == "triple-strong"]
    good += [each for each in rated if each.worth >= 0.6 and each.asked.kind != "introduction"]
    groups = (rated, meant, short, list(put_elsewhere(good, random.Random(SEED))))
    penalty = PENALTY_OF_SENTENCES if model in LANGUAGES else PENALTY_OF_WORDS
    directions = await directions_of(comparer, meant, penalty)
    material = await gathered(comparer, groups, directions)
    unknown = [without_points(group) for group in (rated, meant, (), groups[3])]
    bare = await gathered(comparer, unknown, directions)
    shorts = {language: await rows(comparer, answers, directions) for language, answers in spoken.items()}

    def without(fold: str) -> Coefficients:
        return learn(material.without(fold), bare.without(fold), directions.without(fold), model)

    print(f"\n## {name} ({model})")
    by_fold = {fold: without(fold) for fold in {r.rated.fold for r in material.human}}
    estimates = [of(r, by_fold[r.rated.fold]) for r in material.human]
    figures.agreement(material.human, estimates)
    for language, found in shorts.items():
        figures.short(language, found, {fold: without(fold) for fold in {r.rated.fold for r in found}})
    everything = learn(material, bare, directions.whole, model)
    await figures.wordings(comparer, everything, directions)
    await figures.speakers(comparer, everything, directions, made)
    await figures.names(comparer, everything, directions)
    await figures.gaming(comparer, everything, directions, made, chance)
    figures.points(material.meant, material.elsewhere, everything)
    return {"models": SAME.get(model, [model])} | as_json(everything)


def as_json(found: Coefficients) -> dict[str, Any]:
    def linear(each: Any) -> dict[str, Any]:
        return {
            "mean": [round(v, 5) for v in each.mean],
            "scale": [round(v, 5) for v in each.scale],
            "weights": [round(v, 5) for v in each.weights],
            "intercept": round(each.intercept, 5),
        }

    return {
        "quality": {known: {k: linear(e) for k, e in kinds.items()} for known, kinds in found.quality.items()},
        "substance": {known: linear(each) for known, each in found.substance.items()},
        "subject": {known: {k: linear(e) for k, e in kinds.items()} for known, kinds in found.subject.items()},
        **{name: getattr(found, name) for name in PLAIN},
    }


def _on_one_line(numbers: re.Match[str]) -> str:
    return " ".join(numbers[0].split()).replace("[ ", "[").replace(" ]", "]")


def main() -> None:
    """Measure, and write what was learnt if that is wished."""
    parser = argparse.ArgumentParser(prog="evals.judging", description=__doc__)
    parser.add_argument("--ratings", type=Path, required=True)
    parser.add_argument("--encoder", nargs="*", default=["encoder", "words", "counted"])
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    learnt: list[dict[str, Any]] = json.loads(OUT.read_text(encoding="utf-8")) if OUT.exists() else []
    for name in options.encoder:
        found = asyncio.run(measure(name, encoder_named(name), options.ratings, random.Random(SEED)))
        by_models = {tuple(each["models"]): each for each in (*learnt, found)}
        learnt = list(by_models.values())
    if options.write:
        OUT.write_text(_NUMBERS.sub(_on_one_line, json.dumps(learnt, indent=1)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
