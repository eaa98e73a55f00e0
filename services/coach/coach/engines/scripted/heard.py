"""The sentences of an answer that count: neither said twice, nor taken back, nor meant for a grader."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parley_text.guesses import VEIL
from parley_text.sentences import spans

from coach.appeals import guard
from coach.engines.scripted import patterns
from coach.text import Duplicates, Sentence, sentences

_ITEMS = re.compile(r"[,;/|•·、，；]|\s[-–—]\s|\band\b", re.IGNORECASE)
FEWEST_ITEMS = 6
ITEM_WORDS = 2.6
"""A list of keywords has so many items or more, of so few words on average."""


@dataclass(frozen=True)
class Heard:
    """What of an answer counts, in order, and how often something did not."""

    sentences: tuple[Sentence, ...]
    appeals: int = 0
    repeats: int = 0
    retractions: int = 0
    lists: int = 0

    @property
    def words(self) -> tuple[str, ...]:
        """All words that count, in lower case, those that were hardly understood left out."""
        return tuple(word for each in self.sentences for word in each.words if VEIL not in word)

    @property
    def content(self) -> frozenset[str]:
        """The stems of its words with a meaning of their own."""
        return frozenset().union(*(each.content for each in self.sentences))


def hear(answer: str, parts: Sequence[Sentence] | None = None) -> Heard:
    """What counts of an answer; `parts` are its sentences, where known already."""
    guarded = guard(answer, sentences(answer) if parts is None else parts)
    rows = lists_in(answer)
    seen, counting, repeats, retractions, lists = Duplicates(), list[Sentence](), 0, 0, 0
    for each in guarded.parts:
        if seen.is_repeat(each):
            repeats += not each.guesses
        elif patterns.RETRACTION.search(each.plain):
            retractions += 1
            counting = [] if patterns.RETRACTS_ALL.search(each.plain) else counting[:-1]
        elif any(start <= each.start < end for start, end in rows):
            lists += 1
        else:
            counting.append(each)
    return Heard(tuple(counting), guarded.appeals, repeats, retractions, lists)


def lists_in(answer: str) -> list[tuple[int, int]]:
    """Where keywords stand in a row: sentences of many items that are hardly more than a word or two each."""
    return [(start, end) for start, end in spans(answer) if is_list(answer[start:end])]


def is_list(text: str) -> bool:
    """Whether a sentence is keywords in a row."""
    items = [words for item in _ITEMS.split(text) if (words := item.split())]
    return len(items) >= FEWEST_ITEMS and sum(map(len, items)) <= ITEM_WORDS * len(items)


def plain_text(sentence: Sentence) -> str:
    """A sentence as it is compared by meaning: without sounds that fill a pause and without guesses."""
    return " ".join(word for word in sentence.cleaned.split() if VEIL not in word) or sentence.cleaned
