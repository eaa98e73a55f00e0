"""What a question is about: its expected points, their cues, and the words around them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.question import Expectation, Question

from coach.engines.scripted.concepts import Ideas, ideas_in, ideas_of
from coach.engines.scripted.introduction import INTRODUCTION
from coach.engines.scripted.lexicon import ASKING, EVERYDAY, NUMBER_WORDS, TIMES, WORKPLACE
from coach.engines.scripted.points import Points, own_words, points_of
from coach.rubric import is_introduction
from coach.text import Sentence, content, stem, stems

Cue = tuple[tuple[str, ...], int]

ITEM = 3
"""Words between two commas of a mere list."""
SHORT = 6
"""Words below which two cues make a list."""
TELLING_LENGTH = 3
"""Letters from which on one word in common makes a sentence one about the question."""
WORKPLACE_STEMS = frozenset(map(stem, WORKPLACE))
_EVERYDAY = frozenset(map(stem, ASKING | TIMES | NUMBER_WORDS | EVERYDAY))
_ASKING_STEMS = frozenset(map(stem, ASKING))


@dataclass(frozen=True)
class Mentions:
    """What of a topic a sentence speaks of: the points, how many cues, and how many words these take."""

    points: tuple[int, ...]
    cues: int
    cue_words: int

    def are_a_list(self, sentence: Sentence) -> bool:
        """Whether a sentence is little else than cues in a row."""
        items, length = sentence.text.count(",") + 1, len(sentence.words)
        return self.cues > (2 if length >= SHORT else 1) and (
            self.cue_words * 5 > length * 3 or (items > 3 and length <= ITEM * items)
        )


@dataclass(frozen=True, eq=False)
class Topic:
    """A question prepared for reading answers to it."""

    texts: tuple[str, ...]
    """The expected points as the question words them."""
    asked: frozenset[str]
    """The stems of the question's own words."""
    vocabulary: frozenset[str]
    """Stems of which one makes a sentence one about this question."""
    cues: dict[str, list[Cue]]
    points: Points
    ideas: Ideas
    """What the question and its points are about, whatever the words."""

    def mentions(self, sentence: Sentence) -> Mentions:
        """The points that a sentence speaks of, by cue or in other words."""
        hits: dict[int, None] = {}
        starts: set[int] = set()
        covered: set[int] = set()
        for place, each in enumerate(sentence.stems):
            for cue, point in self.cues.get(each, ()):
                if sentence.stems[place : place + len(cue)] == cue:
                    hits[point] = None
                    starts.add(place)
                    covered.update(range(place, place + len(cue)))
        hits.update(dict.fromkeys(self.points.spoken_of(frozenset(sentence.stems), ideas_in(sentence.stems))))
        return Mentions(tuple(hits), len(starts), len(covered))

    def touched_by(self, sentence: Sentence) -> bool:
        """Whether a sentence has anything to do with the question."""
        shared = self.vocabulary.intersection(sentence.stems)
        if len(shared) > 1 or any(len(each) >= TELLING_LENGTH for each in shared - _EVERYDAY):
            return True
        return sum(not self.ideas.isdisjoint(ideas_of(each)) for each in sentence.content - _EVERYDAY) > 1

    def foreign_to(self, sentence: Sentence) -> frozenset[str]:
        """The telling words of a sentence that belong neither to the question nor to working life."""
        own = sentence.content - self.vocabulary - _EVERYDAY
        return frozenset(each for each in own if not ideas_of(each) and not each.isdigit())

    def echoed_by(self, sentence: Sentence) -> bool:
        """Whether a sentence only says the question's own words again."""
        own = sentence.content
        return bool(own) and len(own & self.asked) * 5 >= (len(own) + sentence.guesses) * 4


def is_about_work(sentence: Sentence) -> bool:
    """Whether a sentence has to do with working life, whatever the field."""
    return not sentence.content.isdisjoint(WORKPLACE_STEMS) or ideas_among(sentence) > 2


def ideas_among(sentence: Sentence) -> int:
    """How many words of a sentence stand for an idea of working life."""
    return sum(bool(ideas_of(each)) for each in sentence.content - _EVERYDAY)


def ties(sentence: Sentence) -> frozenset[str]:
    """The words of a sentence that tie it to another in which they occur."""
    return frozenset(each for each in sentence.content if len(each) > TELLING_LENGTH) - _EVERYDAY


def topic_of(question: Question, config: SessionConfig, earlier: str = "") -> Topic:
    """The topic of a question. `earlier` is the answer that it follows up on, if any."""
    if is_introduction(question):
        about = f"{config.job_role} {config.job_description[:2000]} {config.resume_content[:2000]}"
        return _about(_topic(question.text, question.expects or INTRODUCTION, True), about)
    topic = _topic(question.text, question.expects, question.phase == "resume")
    return topic if question.expects else _about(topic, earlier)


def _about(topic: Topic, text: str) -> Topic:
    # Not part of the cached topic: these are a candidate's own words.
    return replace(topic, vocabulary=topic.vocabulary | (content(text) - _ASKING_STEMS)) if text else topic


@lru_cache(maxsize=512)
def _topic(text: str, expects: tuple[Expectation, ...], personal: bool) -> Topic:
    asked = content(text)
    own = frozenset(chain.from_iterable(own_words(each.point, asked) for each in expects))
    cues = _cue_index(expects)
    single = {first for first, found in cues.items() if any(len(cue) == 1 for cue, _ in found)}
    vocabulary = (asked | own) - _ASKING_STEMS | single
    vocabulary |= WORKPLACE_STEMS if personal else frozenset()
    ideas: Ideas = frozenset().union(*map(ideas_of, (asked | own) - _ASKING_STEMS))
    texts = tuple(each.point for each in expects)
    return Topic(texts, asked, vocabulary, cues, points_of(expects, asked), ideas)


def _cue_index(expects: tuple[Expectation, ...]) -> dict[str, list[Cue]]:
    index: dict[str, list[Cue]] = {}
    for number, each in enumerate(expects):
        for cue in dict.fromkeys(map(stems, each.cues)):
            if cue:
                index.setdefault(cue[0], []).append((cue, number))
    return index
