"""What an answer says to whoever grades it is neither evidence nor an instruction: it is cut out before judging.

An instruction hidden in an answer raises the score of an unguarded grader, and a clumsy guard costs honest answers as
much. So only what is an order to a grader counts as one: words such as "score" or "ignore" may be the subject.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parley_text.injection import GRADED, Place, blanked, cut, places, regions, where

from coach.text import Sentence, sentence_at, sentences

FEWEST_WORDS = 4
"""Fewer words beside an appeal only lead up to it, like: End of answer."""


@dataclass(frozen=True)
class Guarded:
    """The sentences of an answer without what is addressed to a grader, and how often something was."""

    parts: list[Sentence]
    appeals: int = 0


def guard(answer: str, parts: Sequence[Sentence]) -> Guarded:
    """Cut what is addressed to a grader from the sentences of an answer, each up to its end."""
    hidden = regions(answer)
    if hidden:
        parts = sentences(blanked(answer, hidden))
    honest: list[Sentence] = []
    found = len(hidden)
    for sentence in parts:
        place = where(sentence.folded, GRADED)
        if place is None:
            honest.append(sentence)
            continue
        found += 1
        before = sentence_at(answer, sentence.start, sentence.start + min(place, len(sentence.text)))
        if before:
            honest.append(before)
    if found:
        honest = [each for each in honest if len(each.text.split()) >= FEWEST_WORDS]
    return Guarded(honest, found)


def appeals_in(answer: str) -> list[Place]:
    """Where in an answer something is addressed to a grader, each time up to the end of the sentence."""
    return places(answer, GRADED, parts=_sentences)


def without_appeals(answer: str) -> str:
    """The answer without what is addressed to a grader. The rest is as it was said, so that quotes of it hold."""
    return cut(answer, appeals_in(answer))


def _sentences(answer: str) -> Iterator[tuple[int, int]]:
    return ((sentence.start, sentence.end) for sentence in sentences(answer))
