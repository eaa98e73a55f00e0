"""An answer as the rubric sees it: the sentences that count, and what each of them shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from coach.minds.scripted import patterns
from coach.minds.scripted.lexicon import APPEALING, BOASTING, FILLERS, NEGATING, PAST_ACTIONS, RETRACTING
from coach.minds.scripted.marks import is_sentence_like, marks_of
from coach.minds.scripted.signs import Mark
from coach.minds.scripted.text import Duplicates, Sentence, sentence_at, sentences
from coach.minds.scripted.topic import WORKPLACE_STEMS, Topic

LONG = 25
"""Words from which on a sentence may speak of three points instead of two."""
_TELLING = frozenset({Mark.ACTION, Mark.RESULT, Mark.TASK, Mark.SITUATION, Mark.INSTANCE})


@dataclass(frozen=True)
class Claim:
    """A sentence that counts: `points` are the expected points that it is the first to speak of."""

    sentence: Sentence
    points: tuple[int, ...]
    marks: frozenset[Mark]
    topical: bool


@dataclass(frozen=True)
class Reading:
    """What was found in an answer. `said` are its different sentences, whether they count or not."""

    topic: Topic
    said: tuple[Sentence, ...]
    claims: tuple[Claim, ...]
    retractions: int = 0
    appeals: int = 0
    boasts: int = 0
    repeats: int = 0
    lists: int = 0

    @cached_property
    def points(self) -> frozenset[int]:
        """The expected points that the answer speaks of."""
        return frozenset(point for claim in self.claims for point in claim.points)

    @cached_property
    def marks(self) -> frozenset[Mark]:
        """All that any of its claims shows."""
        return frozenset(mark for claim in self.claims for mark in claim.marks)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The expected points that it does not speak of, in the order of the question."""
        return tuple(text for number, text in enumerate(self.topic.points) if number not in self.points)

    @cached_property
    def topical(self) -> tuple[Claim, ...]:
        """The claims about what was asked."""
        return tuple(claim for claim in self.claims if claim.topical)

    @cached_property
    def meaningful_words(self) -> int:
        """How many words were said, fillers and repetitions aside."""
        return sum(len(each.words) - sum(word in FILLERS for word in each.words) for each in self.said)

    @cached_property
    def meaningful_stems(self) -> int:
        """How many different words with a meaning of their own were said."""
        return len(frozenset().union(*(each.content for each in self.said)))


def read(answer: str, topic: Topic, parts: list[Sentence] | None = None) -> Reading:
    """The reading of an answer to the question of `topic`; `parts` are its sentences, where known already."""
    return _Reader(topic).read(answer, sentences(answer) if parts is None else parts)


@dataclass
class _Reader:
    topic: Topic
    said: list[Sentence] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    seen: Duplicates = field(default_factory=Duplicates)
    retractions: int = 0
    appeals: int = 0
    boasts: int = 0
    repeats: int = 0
    lists: int = 0

    def read(self, answer: str, parts: list[Sentence]) -> Reading:
        markup = "<" in answer or "[" in answer
        for sentence in parts:
            wary = markup or not APPEALING.isdisjoint(sentence.word_set)
            if honest := self._without_appeal(answer, sentence) if wary else sentence:
                self._take(honest)
        return Reading(
            self.topic, tuple(self.said), self._first_to_speak(), self.retractions, self.appeals, self.boasts,
            self.repeats, self.lists,
        )  # fmt: skip

    def _without_appeal(self, answer: str, sentence: Sentence) -> Sentence | None:
        """The part of a sentence before it turns to whoever grades: the rest earns nothing."""
        appeal = patterns.APPEAL.search(sentence.folded)
        if appeal is None:
            return sentence
        self.appeals += 1
        return sentence_at(answer, sentence.start, sentence.start + min(appeal.start(), len(sentence.text)))

    def _take(self, sentence: Sentence) -> None:
        if self.seen.is_repeat(sentence):
            self.repeats += 1
        elif _takes_back(sentence):
            self._retract(sentence)
        elif _boasts(sentence):
            self.boasts += 1
        else:
            self._listen(sentence)

    def _retract(self, sentence: Sentence) -> None:
        """What was taken back no longer counts; a correction in the same breath does."""
        self.retractions += 1
        if patterns.RETRACTS_ALL.search(sentence.folded):
            self.claims.clear()
            self.said.clear()
        elif self.claims:
            withdrawn = self.claims.pop()
            self.said.remove(withdrawn.sentence)
        if self.topic.mentions(sentence).points:
            self._listen(sentence)

    def _listen(self, sentence: Sentence) -> None:
        self.said.append(sentence)
        says_something = is_sentence_like(sentence) and not _admits_ignorance(sentence)
        if says_something and not self.topic.echoed_by(sentence) and (claim := self._claim(sentence)):
            self.claims.append(claim)

    def _claim(self, sentence: Sentence) -> Claim | None:
        mentions = self.topic.mentions(sentence)
        if mentions.are_a_list(len(sentence.words)):
            self.lists += 1
            return None
        topical = bool(mentions.points) or self.topic.touched_by(sentence)
        at_work = topical or not WORKPLACE_STEMS.isdisjoint(sentence.stems)
        marks = marks_of(sentence) if at_work else frozenset()
        if mentions.cue_words:
            marks |= {Mark.TERM}
        if topical or marks & _TELLING:
            return Claim(sentence, mentions.points, marks, topical)
        return None

    def _first_to_speak(self) -> tuple[Claim, ...]:
        """The claims, each with the points that it is the first to speak of, two or three at most."""
        told: set[int] = set()
        found = []
        for claim in self.claims:
            most = 3 if len(claim.sentence.words) >= LONG else 2
            new = tuple(point for point in claim.points if point not in told)[:most]
            told.update(new)
            found.append(Claim(claim.sentence, new, claim.marks, claim.topical))
        return tuple(found)


# The word sets spare most sentences the slower patterns.
def _takes_back(sentence: Sentence) -> bool:
    return not RETRACTING.isdisjoint(sentence.word_set) and bool(patterns.RETRACTION.search(sentence.folded))


def _admits_ignorance(sentence: Sentence) -> bool:
    return not NEGATING.isdisjoint(sentence.word_set) and bool(patterns.IGNORANCE.search(sentence.folded))


def _boasts(sentence: Sentence) -> bool:
    """Praise of oneself. With something done in it, it is a claim like others."""
    if BOASTING.isdisjoint(sentence.word_set) or not patterns.BOAST.search(sentence.folded):
        return False
    return Mark.ACTION not in marks_of(sentence) or PAST_ACTIONS.isdisjoint(sentence.word_set)
