"""Expected points, prepared for recognising the sentences that speak of them in other words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contracts.vocabulary.question import Expectation

from coach.engines.scripted.concepts import Ideas, ideas_of
from coach.engines.scripted.lexicon import ASKING, EVERYDAY, NUMBER_WORDS, TELLING, TIMES
from coach.text import stem, words
from coach.vocabulary import FUNCTION_WORDS

_SAYS_NOTHING = FUNCTION_WORDS | ASKING | TELLING | EVERYDAY | TIMES | NUMBER_WORDS

OTHER_WORD = 0.6
"""What the same idea in another word counts, where the word itself counts 1."""
ENOUGH_SHARE = 0.35
ENOUGH_WORDS = 1.2
"""A sentence speaks of a point when it has so much of its words: a share of them, and more than one word's worth.

Tried out on the triples of the tests, where with these figures strong answers speak of four times as many points of
their own question as of other questions in the same field.
"""


@dataclass(frozen=True)
class Row:
    """Words of which a sentence must say enough, or all, to speak of the expected point number `point`.

    `new` are the places of words that the question has not used itself.
    """

    point: int
    length: int
    hint: bool = False
    new: bool = True

    def is_said(self, worths: list[float]) -> bool:
        """Whether words of these worths are enough: of a hint all of them, and one as it stands."""
        if self.hint:
            return self.new and len(worths) == self.length and max(worths) == 1
        return sum(worths) >= max(ENOUGH_WORDS, ENOUGH_SHARE * self.length)


Place = tuple[int, int]
"""A row and a place in it."""


@dataclass(frozen=True, eq=False)
class Points:
    """The points of a question, indexed by the words and ideas that they consist of."""

    rows: tuple[Row, ...]
    by_stem: dict[str, list[Place]]
    by_idea: dict[int, list[Place]]

    def spoken_of(self, stems: frozenset[str], ideas: Ideas) -> list[int]:
        """The numbers of the points that a sentence of these stems and ideas speaks of."""
        worths: dict[Place, float] = {}
        for idea in ideas & self.by_idea.keys():
            worths.update(dict.fromkeys(self.by_idea[idea], OTHER_WORD))
        for each in stems & self.by_stem.keys():
            worths.update(dict.fromkeys(self.by_stem[each], 1.0))
        said: dict[int, list[float]] = {}
        for (row, _), worth in worths.items():
            said.setdefault(row, []).append(worth)
        return sorted({self.rows[row].point for row, found in said.items() if self.rows[row].is_said(found)})


def points_of(expects: Iterable[Expectation], asked: frozenset[str]) -> Points:
    """The points of a question, `asked` being the stems of the question itself."""
    points = Points((), {}, {})
    rows: list[Row] = []
    for number, each in enumerate(expects):
        own = own_words(each.point, asked)
        rows.append(_indexed(points, own, Row(number, len(own)), len(rows)))
        for hint in _hints(each):
            row = Row(number, len(hint), hint=True, new=not asked.issuperset(hint))
            rows.append(_indexed(points, hint, row, len(rows)))
    return Points(tuple(rows), points.by_stem, points.by_idea)


def own_words(text: str, asked: frozenset[str]) -> list[str]:
    """The stems of a point that say what it is about, those of the question aside."""
    telling = dict.fromkeys(stem(word) for word in words(text) if word not in _SAYS_NOTHING)
    return [each for each in telling if each not in asked]


def _hints(expectation: Expectation) -> Iterator[list[str]]:
    """The cues of several words: they count in any order, and in part in other words."""
    for cue in expectation.cues:
        row = list(dict.fromkeys(stem(word) for word in words(cue) if word not in FUNCTION_WORDS))
        if len(row) > 1:
            yield row


def _indexed(points: Points, stems: list[str], row: Row, number: int) -> Row:
    for place, each in enumerate(stems):
        points.by_stem.setdefault(each, []).append((number, place))
        for idea in ideas_of(each):
            points.by_idea.setdefault(idea, []).append((number, place))
    return row
