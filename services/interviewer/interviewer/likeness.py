"""How alike texts are in what they are about: by meaning where an encoder is at hand, and by rare words in any case."""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter
from collections.abc import Sequence

from parley_meaning import CountedWords, Encoder, Floats, WordVectors

from interviewer.tracing import is_unspaced
from interviewer.words import words_of

SAME_SUBJECT = 1.0
"""From here on two texts are taken to be about the same thing."""
_SHARED_WORDS = 0.5
"""The share of what a text says, by the weight of its words, that another has to hold for that."""
_LEAST_SHARED = 2
_SAYS_LITTLE = 0.3
_ABOVE_CHANCE = 2.8
"""The same by meaning: standard deviations above what unrelated texts have. It holds for any encoder, whatever its
cosines are like."""
_STEM = 6
_SAMPLE = 48
_OF_WORDS = frozenset({WordVectors.model, CountedWords.model})
_ENDING = re.compile(r"(?:['’]s|ings?|ed|es|s|e|y|ies)$")  # noqa: RUF001


class Likeness:
    """Compares texts against a corpus of usual ones: it tells which words are rare, and how alike texts are by
    chance."""

    def __init__(self, usual: Sequence[str], encoder: Encoder | None = None) -> None:
        self._encoder = encoder
        self._seen = Counter(stem for text in usual for stem in stems(text))
        self._size = len(usual)
        self._sample = tuple(usual[:: max(1, len(usual) // _SAMPLE)])
        self._fixed: dict[tuple[str, tuple[str, ...]], Floats] = {}

    def weight(self, stem: str) -> float:
        """How much a word says: nothing for one that is everywhere, 1 for one that no usual text has."""
        return math.log((self._size + 1) / (self._seen[stem] + 1)) / math.log(self._size + 1)

    def _shares(self, one: str, others: Sequence[frozenset[str]]) -> list[float]:
        """The share of what `one` says that each of the others has too, by rare words. Two words at least, or all."""
        wanted = {stem: weight for stem in stems(one) if (weight := self.weight(stem)) > _SAYS_LITTLE}
        whole = sum(wanted.values()) * _SHARED_WORDS
        found: list[float] = []
        for other in others:
            shared = wanted.keys() & other
            enough = shared and (len(shared) >= _LEAST_SHARED or len(shared) == len(wanted))
            found.append(sum(map(wanted.__getitem__, shared)) / whole if enough else 0.0)
        return found

    async def alike(self, ones: Sequence[str], others: Sequence[str]) -> list[list[float]]:
        """For each of the `ones` how near it is to each of the `others`, in units of `SAME_SUBJECT`."""
        if not ones or not others:
            return [[] for _ in ones]
        found = [stems(other) for other in others]
        by_words = [self._shares(one, found) for one in ones]
        by_meaning = await self.above_chance(ones, others)
        if by_meaning is None:
            return by_words
        return [
            [max(words, meaning / _ABOVE_CHANCE) for words, meaning in zip(*rows, strict=True)]
            for rows in zip(by_words, by_meaning, strict=True)
        ]

    async def nearest(self, ones: Sequence[str], others: Sequence[str]) -> list[float]:
        """For each of the `ones` how near the nearest of the `others` is."""
        return [max(row, default=0.0) for row in await self.alike(ones, others)]

    async def above_chance(
        self, ones: Sequence[str], others: Sequence[str], *, fixed: bool = False
    ) -> list[list[float]] | None:
        """By meaning alone, in standard deviations above unrelated texts; None without an encoder. `fixed`: the
        `others` are always the same examples; their vectors are kept, and need an encoder of sentences: vectors of
        words tell a subject, and not what is said of it."""
        if self._encoder is None:
            return None
        found = await self._encoder.vectors([*ones] if fixed else [*ones, *others])
        if len(found.rows) < len(ones) or (fixed and found.model in _OF_WORDS):
            return None
        sample = await self._kept(found.model, self._sample)
        compared = await self._kept(found.model, tuple(others)) if fixed else found.rows[len(ones) :]
        if sample is None or compared is None or not len(compared):
            return None
        chance = (found.rows[: len(ones)] @ sample.T).tolist()
        cosines = (found.rows[: len(ones)] @ compared.T).tolist()
        return [_standardised(row, usual) for row, usual in zip(cosines, chance, strict=True)]

    async def _kept(self, model: str, texts: tuple[str, ...]) -> Floats | None:
        """Vectors of texts that are always the same, as that model has them."""
        assert self._encoder is not None
        if (model, texts) not in self._fixed:
            found = await self._encoder.vectors(texts)
            if found.model != model or len(found.rows) != len(texts):
                return None
            self._fixed[model, texts] = found.rows
        return self._fixed[model, texts]


def stems(text: str) -> frozenset[str]:
    """The words of a text without their endings; pairs of signs in scripts that put no spaces between words."""
    found: set[str] = set()
    for word in words_of(text):
        if is_unspaced(word):
            found.update(word[at : at + 2] for at in range(len(word) - 1))
        else:
            found.add(word if len(word) <= 3 else _ENDING.sub("", word)[:_STEM])
    return frozenset(found)


def _standardised(cosines: Sequence[float], usual: Sequence[float]) -> list[float]:
    mean, spread = statistics.fmean(usual), statistics.pstdev(usual)
    return [(cosine - mean) / max(spread, 1e-6) for cosine in cosines]
