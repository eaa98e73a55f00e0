"""An answer by meaning: vectors of its sentences beside those of what was asked, and of sentences of known kinds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from contracts.vocabulary.question import Question
from numpy.typing import NDArray
from parley_meaning import CountedWords, Encoder
from parley_text.packaged import packaged

from coach.engines.scripted.heard import Heard, plain_text
from coach.fluent import fluent
from coach.rubric import AnswerKind, kind_of

Matrix = NDArray[np.float32]
INTRODUCTION = (
    "Says who they are and what they do now",
    "Names work that fits the position, with a concrete result",
    "Says why they want this position",
)
"""What an introduction shows, where the question brings no points of its own."""
COMMON = 3
"""Directions that are taken out where subjects are compared."""
_EXEMPLARS = ("empty", "telling", "subjects", "situation", "task", "action", "result")


@dataclass(frozen=True)
class Asked:
    """What an answer is compared with. `cues` are words that hint at the points."""

    kind: AnswerKind
    question: str
    points: tuple[str, ...]
    cues: tuple[str, ...] = ()
    earlier: str = ""
    language: str = "en"

    @property
    def points_known(self) -> bool:
        """Whether it is known what a good answer shows; not so for follow-ups and for questions of somebody's own."""
        return bool(self.points)

    @classmethod
    def of(cls, question: Question, earlier: str = "", language: str = "en") -> Asked:
        """A question with its expected points; `earlier` is the answer that a follow-up takes up."""
        kind = kind_of(question)
        points = tuple(each.point for each in question.expects)
        cues = tuple(cue for each in question.expects for cue in each.cues)
        if kind == "introduction" and not points:
            points = INTRODUCTION
        return cls(kind, question.text, points, cues, earlier if question.kind == "follow_up" else "", language)


@dataclass(frozen=True)
class Seen:
    """Unit vectors, one a row, less the mean of the exemplars': sentences of any language share a direction that says
    nothing. `sentences` (n, d), `question` (d,), `points` (m, d), `earlier` (d,) or None."""

    model: str
    sentences: Matrix
    question: Matrix
    points: Matrix
    earlier: Matrix | None
    exemplars: dict[str, Matrix]

    common: Matrix
    """The directions, one a row, along which packaged sentences differ most: of manner more than of subject."""

    def nearest(self, kind: str) -> Matrix:
        """How near each sentence is to the nearest exemplar of a kind, -1 to 1."""
        return np.asarray((self.sentences @ self.exemplars[kind].T).max(axis=1))

    def apart(self) -> Seen:
        """The same without the directions that most sentences have in common."""

        def rest(rows: Matrix) -> Matrix:
            return unit(np.asarray(rows - (rows @ self.common.T) @ self.common, dtype=np.float32))

        return replace(
            self,
            sentences=rest(self.sentences),
            question=rest(self.question),
            points=rest(self.points),
            earlier=None if self.earlier is None else rest(self.earlier),
            exemplars={"subjects": rest(self.exemplars["subjects"])},
        )


class Comparer:
    """Sees answers by meaning. Vectors of the packaged sentences are kept for each model that was met."""

    def __init__(self, encoder: Encoder, *, models: Collection[str]) -> None:
        self._encoder = encoder
        self._models = models
        self._known: dict[str, tuple[Matrix, Matrix, Matrix]] = {}

    async def see(self, heard: Heard, asked: Asked) -> Seen:
        """The vectors of an answer that has at least one sentence, all by one model, and that one of `models`."""
        said = [fluent(plain_text(each), asked.language) for each in heard.sentences]
        texts = [asked.question, *asked.points, *said, *([asked.earlier] if asked.earlier else [])]
        found = await self._encoder.vectors(texts)
        known = await self._exemplars(found.model) if found.model in self._models else None
        if known is None:
            found = await _WITHOUT_ANY.vectors(texts)
            known = await self._exemplars(found.model, _WITHOUT_ANY)
            assert known is not None, "counted words are always there"
        centre, exemplars, common = known
        rows = unit(np.asarray(found.rows, dtype=np.float32) - centre)
        return Seen(
            model=found.model,
            sentences=rows[1 + len(asked.points) :][: len(said)],
            question=rows[0],
            points=rows[1 : 1 + len(asked.points)],
            earlier=rows[-1] if asked.earlier else None,
            exemplars=dict(zip(_EXEMPLARS, np.split(exemplars, _places()), strict=True)),
            common=common,
        )

    async def _exemplars(self, model: str, encoder: Encoder | None = None) -> tuple[Matrix, Matrix, Matrix] | None:
        """Of the packaged sentences by this model the mean, the unit vectors from it, and what most have in common;
        None where another model answers now."""
        if model not in self._known:
            texts = [text for group in _packaged() for text in group]
            found = await (encoder or self._encoder).vectors(texts)
            rows = np.asarray(found.rows, dtype=np.float32)
            centre = rows.mean(axis=0)
            common = np.linalg.svd(rows - centre, full_matrices=False)[2][:COMMON]
            self._known[found.model] = centre, unit(rows - centre), np.asarray(common, dtype=np.float32)
        return self._known.get(model)


_WITHOUT_ANY = CountedWords()


@lru_cache(maxsize=1)
def _packaged() -> tuple[tuple[str, ...], ...]:
    found = packaged("coach", "engines/scripted/exemplars.yaml")
    return tuple(tuple(found[kind]) for kind in _EXEMPLARS)


def _places() -> list[int]:
    """Where one kind of packaged sentences ends and the next begins."""
    return [int(place) for place in np.cumsum(list(map(len, _packaged())))[:-1]]


def unit(rows: Matrix) -> Matrix:
    """Rows of length one; one of length zero stays."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9), dtype=np.float32)
