"""An answer as the rubric sees it: the sentences that count, and what each of them shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from coach.appeals import guard
from coach.engines.scripted.generic import is_general
from coach.engines.scripted.lexicon import FILLERS, PRONOUNS
from coach.engines.scripted.marks import is_sentence_like, marks_of
from coach.engines.scripted.remarks import (
    admits_ignorance,
    boasts,
    correction_in,
    is_courtesy,
    takes_all_back,
    takes_back,
)
from coach.engines.scripted.signs import Mark
from coach.engines.scripted.topic import Topic, ideas_among, is_about_work, ties
from coach.text import Duplicates, Sentence, sentences

WORKED_OUT = 7
LONG = 25
"""Words from which on a sentence may speak of three points instead of two."""
# What takes a statement further than a name.
DEVELOPING = frozenset({Mark.NUMBER, Mark.REASON, Mark.CONDITION, Mark.TRADE_OFF, Mark.RESULT, Mark.INSTANCE})
TOLD = frozenset({Mark.PAST, Mark.ACTION, Mark.RESULT})
_OWN = frozenset({Mark.ACTION, Mark.RESULT, Mark.INSTANCE})
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
    story: bool = False
    retractions: int = 0
    appeals: int = 0
    boasts: int = 0
    repeats: int = 0
    lists: int = 0

    @cached_property
    def points(self) -> frozenset[int]:
        """The expected points that the answer speaks of."""
        return frozenset(point for claim in self.claims for point in claim.points)

    @property
    def expected(self) -> int:
        """How many points are expected."""
        return len(self.topic.texts)

    @cached_property
    def developed(self) -> tuple[Claim, ...]:
        """The claims that go beyond a statement."""
        return tuple(claim for claim in self.topical if claim.marks & DEVELOPING)

    @cached_property
    def development(self) -> int:
        """How often a claim gives a number, reason, condition, trade-off, result or case; at most twice for each."""
        return sum(min(2, len(claim.marks & DEVELOPING)) for claim in self.topical)

    @property
    def worked_out(self) -> bool:
        """Whether so much detail is given on the subject that some of the question is answered, in whatever words."""
        return self.development >= WORKED_OUT

    @cached_property
    def told(self) -> tuple[Claim, ...]:
        """The claims on what happened, where a story was asked for; elsewhere all of them."""
        return tuple(claim for claim in self.claims if not self.story or claim.marks & TOLD)

    @cached_property
    def marks(self) -> frozenset[Mark]:
        """All that what was told shows."""
        return frozenset(mark for claim in self.told for mark in claim.marks)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The expected points that it does not speak of, in the order of the question."""
        return tuple(text for number, text in enumerate(self.topic.texts) if number not in self.points)

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
        """How many different words with a meaning of their own were said; each guessed one may be."""
        return len(frozenset().union(*(each.content for each in self.said))) + sum(each.guesses for each in self.said)


def read(answer: str, topic: Topic, parts: list[Sentence] | None = None, *, story: bool = False) -> Reading:
    """The reading of an answer to the question of `topic`; `parts` are its sentences, where known already.

    `story`: a case was asked for, so that views and habits speak to no point.
    """
    guarded = guard(answer, sentences(answer) if parts is None else parts)
    reader = _Reader(topic, story)
    for sentence in guarded.parts:
        reader.take(sentence)
    return Reading(
        topic=topic,
        said=tuple(reader.said),
        claims=reader.first_to_speak(),
        story=story,
        retractions=reader.retractions,
        appeals=guarded.appeals,
        boasts=reader.boasts,
        repeats=reader.repeats,
        lists=reader.lists,
    )


@dataclass
class _Reader:
    topic: Topic
    story: bool
    said: list[Sentence] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    seen: Duplicates = field(default_factory=Duplicates)
    retractions: int = 0
    boasts: int = 0
    repeats: int = 0
    lists: int = 0

    def take(self, sentence: Sentence) -> None:
        """Hear one sentence, after those before it."""
        if self.seen.is_repeat(sentence):
            self.repeats += not sentence.guesses
        elif takes_back(sentence):
            self._retract(sentence)
        elif boasts(sentence):
            self.boasts += 1
        elif is_courtesy(sentence):
            return
        else:
            self._listen(sentence)

    def _retract(self, sentence: Sentence) -> None:
        """What was taken back no longer counts; a correction in the same breath does."""
        self.retractions += 1
        if takes_all_back(sentence):
            self.claims.clear()
            self.said.clear()
        elif self.claims:
            self.said.remove(self.claims.pop().sentence)
        correction = correction_in(sentence)
        if correction and self.topic.mentions(correction).points:
            self._listen(correction)

    def _listen(self, sentence: Sentence) -> None:
        self.said.append(sentence)
        if is_sentence_like(sentence) and not admits_ignorance(sentence) and not self.topic.echoed_by(sentence):
            self._hear(sentence)

    def _hear(self, sentence: Sentence) -> None:
        mentions = self.topic.mentions(sentence)
        if mentions.are_a_list(sentence):
            self.lists += 1
            return
        marks = marks_of(sentence, self.topic.asked) | ({Mark.TERM} if mentions.cue_words else frozenset())
        if Mark.ACTION not in marks and is_general(sentence, self.topic.vocabulary, excused=bool(mentions.cues)):
            return
        points = mentions.points if not self.story or marks & TOLD else ()
        topical = bool(points) or self.topic.touched_by(sentence) or self._tells(sentence, marks)
        topical = topical or self._takes_up_question(sentence)
        self.claims.append(Claim(sentence, points, marks, topical))

    def _tells(self, sentence: Sentence, marks: frozenset[Mark]) -> bool:
        """Whether a sentence is a part of a story from working life, where a story was asked for."""
        return self.story and bool(marks & _TELLING) and is_about_work(sentence)

    def _takes_up_question(self, sentence: Sentence) -> bool:
        """Whether the answer begins with somebody or something that only the question has named: "I go over to him"."""
        return len(self.said) == 1 and not PRONOUNS.isdisjoint(sentence.word_set) and ideas_among(sentence) > 1

    def first_to_speak(self) -> tuple[Claim, ...]:
        """The claims that count, each with the points that it is the first to speak of, two or three at most."""
        told: set[int] = set()
        found = []
        for claim in self._counting():
            most = 3 if len(claim.sentence.words) >= LONG else 2
            new = tuple(point for point in claim.points if point not in told)[:most]
            told.update(new)
            found.append(replace(claim, points=new))
        return tuple(found)

    def _counting(self) -> Iterator[Claim]:
        """The claims on the subject, those that belong to them, and beside these cases of the speaker's own."""
        subject = frozenset().union(*(ties(claim.sentence) for claim in self.claims if claim.topical))
        for claim in self.claims:
            if claim.topical:
                yield claim
            elif subject and claim.marks & (DEVELOPING | _TELLING) and self._belongs(claim.sentence, subject):
                yield replace(claim, topical=True)
            elif claim.marks & _OWN and is_about_work(claim.sentence):
                yield claim

    def _belongs(self, sentence: Sentence, subject: frozenset[str]) -> bool:
        """Whether a sentence belongs to those on the subject, of which `subject` are the telling words.

        It does if it is of the same world, shares a word, or takes something up without bringing in anything foreign.
        """
        if ideas_among(sentence) > 1 or not subject.isdisjoint(ties(sentence)):
            return True
        return not PRONOUNS.isdisjoint(sentence.word_set) and not self.topic.foreign_to(sentence)
