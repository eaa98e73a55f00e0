"""What kind of remark a short text is by its likeness to exemplars, whatever encoder there is."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
from contracts.vocabulary.listening import Accommodation
from parley_meaning import CountedWords, Encoder, Floats, Vectors, WordVectors, unit
from parley_text.packaged import loaded
from parley_text.sentences import QUESTION_MARKS

from parley_listening.heard import PAUSING, Kind

_HERE = Path(__file__).parent / "exemplars"
_COUNTED = 0.6
"""What shared words weigh beside meaning: meaning alone takes opposites for the same, words alone know no synonyms."""
_INTERRUPTING = PAUSING | {"empty"}
_SURE = 0.25
"""By how much more these have to show, where 1 is what tells exemplars apart: an answer that is taken for one of them
is an answer interrupted, and what is said outright rules hear anyway."""
_ASKING = 0.5
"""What a question mark weighs."""
_AT_ONCE = 64
_COUNTER = CountedWords()
_RIDGE = 2.0
_FALSE = 0.03
"""The share of the exemplars of answers that may look like a remark, each judged by all the others."""


@dataclass(frozen=True)
class Likeness:
    """The kind that a text is likest to, and what is needed where that is an accommodation. `margin` is by how much it
    is likelier than an answer, beyond what answers themselves may reach; above 0 it is heard."""

    kind: Kind
    margin: float
    needs: tuple[Accommodation, ...] = ()


class Meanings:
    """Compares texts with the exemplars in vectors of the same model.

    What exemplars tell is learnt once for each model, in the background, through `patient`: that is many texts, and
    somebody waits for the reply. Until then vectors of words are compared, which are at hand.
    """

    def __init__(self, encoder: Encoder, patient: Encoder) -> None:
        self._encoder = encoder
        self._patient = patient
        self._words = WordVectors()
        self._learnt: dict[str, _Learnt] = {}
        self._learning: asyncio.Task[_Learnt | None] | None = None

    async def prepare(self) -> None:
        """Learn from words, and from the encoder if it is there already."""
        await self._learn(self._words)
        await self._learn(self._patient)

    async def likenesses(self, texts: Sequence[str], question: str = "") -> list[Likeness]:
        """One for each text, said to `question`. Never raises."""
        said = [*texts, question]
        found = await self._encoder.vectors(said)
        if found.model not in self._learnt:
            if found.model != self._words.model and (self._learning is None or self._learning.done()):
                self._learning = asyncio.create_task(self._learn(self._patient))
            found = await self._words.vectors(said)
        learnt = self._learnt.get(found.model) or await self._learn(self._words)
        if learnt is None:
            return []
        features = _features(found, learnt.centre, said)
        return learnt.likenesses(features[:-1], features[-1] if question else None)

    async def _learn(self, encoder: Encoder) -> _Learnt | None:
        """None where the exemplars could not all be had from one model."""
        exemplars = _exemplars()
        texts = [text for _, _, text in exemplars]
        made = [await encoder.vectors(texts[at : at + _AT_ONCE]) for at in range(0, len(texts), _AT_ONCE)]
        model = made[0].model
        if any(each.model != model for each in made):
            return None
        found = Vectors(model, numpy.concatenate([each.rows for each in made]))
        labels = [(kind, need) for kind, need, _ in exemplars]
        learnt = self._learnt[model] = await asyncio.to_thread(_learn, found, texts, labels)
        return learnt


@dataclass(frozen=True)
class _Learnt:
    """A linear score for each label, and the margin that no answer reaches."""

    labels: tuple[tuple[Kind, Accommodation | None], ...]
    centre: Floats
    weights: Floats
    threshold: float
    elsewhere: Floats
    """Exemplars of what has nothing to do with any question."""

    def likenesses(self, features: Floats, question: Floats | None) -> list[Likeness]:
        """`question` None: nothing is as far from it as what leaves the subject."""
        scores = _with_one(features) @ self.weights
        near = numpy.zeros(len(features)) if question is None else features @ question
        far = -1.0 if question is None else float(numpy.mean(self.elsewhere @ question))
        return [self._likeness(each, bool(like <= far)) for each, like in zip(scores, near, strict=True)]

    def _likeness(self, scores: Any, is_far: bool) -> Likeness:
        answer = self.labels.index(("answer", None))
        best = int(numpy.argmax(scores))
        kind, need = self.labels[best]
        margin = float(scores[best] - scores[answer]) - self.threshold
        if kind in _INTERRUPTING:
            margin -= _SURE
        if kind == "off_topic" and is_far:
            margin += self.threshold  # two signs are as good as a clear one
        return Likeness(kind, margin if kind != "answer" else 0.0, (need,) if need else ())


def _features(found: Vectors, centre: Floats, texts: Sequence[str]) -> Floats:
    """What a model says of texts, from the centre of the exemplars: in many models all texts are much alike."""
    asking = numpy.array([[_ASKING * asks(text)] for text in texts], dtype=numpy.float32)
    return numpy.hstack([unit(found.rows - centre), _COUNTED * _COUNTER.rows(texts), asking])


def _learn(found: Vectors, texts: Sequence[str], labels: Sequence[tuple[Kind, Accommodation | None]]) -> _Learnt:
    """Ridge regression in its dual form: a score is a weighted likeness to every exemplar."""
    centre = found.rows.mean(axis=0, dtype=numpy.float32)
    features = _features(found, centre, texts)
    names = tuple(dict.fromkeys(labels))
    wanted = numpy.array([[label == name for name in names] for label in labels], dtype=numpy.float64)
    rows = _with_one(features).astype(numpy.float64)
    # What there are few exemplars of counts for more: half-way to counting every kind alike.
    rarity = 1 / numpy.sqrt((wanted @ wanted.T).sum(axis=1))
    inverse = numpy.linalg.inv(rows @ rows.T + numpy.diag(_RIDGE * rarity.mean() / rarity))
    dual = inverse @ wanted
    by_others = wanted - dual / numpy.diag(inverse)[:, None]
    answer = names.index(("answer", None))
    others = [at for at, (kind, _) in enumerate(names) if kind != "answer"]
    margins = by_others[:, others].max(axis=1) - by_others[:, answer]
    threshold = float(numpy.quantile(margins[wanted[:, answer] == 1], 1 - _FALSE))
    elsewhere = features[[kind == "off_topic" for kind, _ in labels]]
    return _Learnt(names, centre, (rows.T @ dual).astype(numpy.float32), max(0.0, threshold), elsewhere)


def _with_one(features: Floats) -> Floats:
    return numpy.hstack([features, numpy.ones((len(features), 1), dtype=features.dtype)])


def asks(text: str) -> bool:
    """Whether a text ends as a question does."""
    return text.rstrip().endswith(tuple(QUESTION_MARKS))


@functools.cache
def _exemplars() -> tuple[tuple[Kind, Accommodation | None, str], ...]:
    files = sorted(_HERE.glob("*.yaml"))
    return tuple(each for file in files for each in _read(loaded(file.read_text(encoding="utf-8"))))


def _read(found: dict[Kind, Any]) -> Iterator[tuple[Kind, Accommodation | None, str]]:
    for kind, texts in found.items():
        needs = texts if isinstance(texts, dict) else {None: texts}
        yield from ((kind, need, text) for need, some in needs.items() for text in some)
