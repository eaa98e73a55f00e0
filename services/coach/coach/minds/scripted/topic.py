"""What a question is about: its expected points, their cues, and the words around them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from contracts.interview import Expectation, Question, SessionConfig

from coach.minds.scripted.lexicon import ASKING, WORKPLACE
from coach.minds.scripted.text import Sentence, content, stem, stems

Cue = tuple[tuple[str, ...], int]

TELLING_LENGTH = 4
"""Letters from which on one word in common makes a sentence one about the question."""
WORKPLACE_STEMS = frozenset(map(stem, WORKPLACE))
_ASKING_STEMS = frozenset(map(stem, ASKING))

INTRODUCTION = (
    Expectation(
        point="Says who you are and what you do now",
        cues=(
            "i am",
            "i'm",
            "currently",
            "my background",
            "i work",
            "work as",
            "graduated",
            "years",
            "my name",
        ),
    ),
    Expectation(
        point="Names experience that matters for this role",
        cues=(
            "experience",
            "i built",
            "i led",
            "i worked",
            "worked on",
            "responsible",
            "i designed",
            "i developed",
            "project",
        ),
    ),
    Expectation(
        point="Gives one concrete achievement",
        cues=(
            "reduced",
            "increased",
            "improved",
            "launched",
            "shipped",
            "saved",
            "percent",
            "proud",
            "award",
            "cut",
            "grew",
        ),
    ),
    Expectation(
        point="Says why this role interests you",
        cues=(
            "this role",
            "this position",
            "this job",
            "interested in",
            "excited",
            "looking for",
            "your company",
            "drawn to",
            "appeals",
            "opportunity",
            "attracted",
            "i want to",
            "would like to",
        ),
    ),
)
"""What an introduction shows when the question brings no expectations of its own."""


@dataclass(frozen=True)
class Mentions:
    """What of a topic a sentence speaks of: the points, how many cues, and how many words these take."""

    points: tuple[int, ...]
    cues: int
    cue_words: int

    def are_a_list(self, length: int) -> bool:
        """Whether a sentence of `length` words is little else than cues in a row."""
        return self.cues > 3 and self.cue_words * 5 > length * 3


@dataclass(frozen=True, eq=False)
class Topic:
    """A question prepared for reading answers to it."""

    points: tuple[str, ...]
    asked: frozenset[str]
    """The stems of the question's own words."""
    vocabulary: frozenset[str]
    """Stems of which one makes a sentence one about this question."""
    cues: dict[str, list[Cue]]
    point_stems: tuple[frozenset[str], ...]

    def mentions(self, sentence: Sentence) -> Mentions:
        """The points that a sentence speaks of, by cue or in the words of the point itself."""
        hits: dict[int, None] = {}
        starts: set[int] = set()
        covered: set[int] = set()
        for place, each in enumerate(sentence.stems):
            for cue, point in self.cues.get(each, ()):
                if sentence.stems[place : place + len(cue)] == cue:
                    hits[point] = None
                    starts.add(place)
                    covered.update(range(place, place + len(cue)))
        hits.update(dict.fromkeys(self._in_own_words(sentence)))
        return Mentions(tuple(hits), len(starts), len(covered))

    def _in_own_words(self, sentence: Sentence) -> list[int]:
        shared = [(number, len(own & sentence.content), len(own)) for number, own in enumerate(self.point_stems)]
        return [number for number, both, size in shared if both >= 3 or (both == 2 and size <= 3)]

    def touched_by(self, sentence: Sentence) -> bool:
        """Whether a sentence has anything to do with the question."""
        shared = self.vocabulary.intersection(sentence.stems)
        return len(shared) > 1 or any(len(each) >= TELLING_LENGTH for each in shared)

    def echoed_by(self, sentence: Sentence) -> bool:
        """Whether a sentence only says the question's own words again."""
        own = sentence.content
        return bool(own) and len(own & self.asked) * 5 >= len(own) * 4


def topic_of(question: Question, config: SessionConfig, earlier: str = "") -> Topic:
    """The topic of a question. `earlier` is the answer that it follows up on, if any."""
    if is_introduction(question):
        about = f"{config.job_role} {config.job_description[:2000]} {config.resume_content[:2000]}"
        return _about(_topic(question.text, question.expects or INTRODUCTION, True), about)
    topic = _topic(question.text, question.expects, question.phase == "resume")
    return topic if question.expects else _about(topic, earlier)


def is_introduction(question: Question) -> bool:
    """Whether the candidate was asked to introduce themselves."""
    return question.phase in ("welcome", "intro") or question.kind == "introduction"


def _about(topic: Topic, text: str) -> Topic:
    # Not part of the cached topic: these are a candidate's own words.
    return replace(topic, vocabulary=topic.vocabulary | (content(text) - _ASKING_STEMS)) if text else topic


@lru_cache(maxsize=512)
def _topic(text: str, expects: tuple[Expectation, ...], personal: bool) -> Topic:
    asked = content(text)
    own = tuple(content(each.point) - _ASKING_STEMS - asked for each in expects)
    cues = _cue_index(expects)
    single = {first for first, found in cues.items() if any(len(cue) == 1 for cue, _ in found)}
    vocabulary = asked.union(*own) - _ASKING_STEMS | single
    vocabulary |= WORKPLACE_STEMS if personal else frozenset()
    return Topic(tuple(each.point for each in expects), asked, vocabulary, cues, own)


def _cue_index(expects: tuple[Expectation, ...]) -> dict[str, list[Cue]]:
    index: dict[str, list[Cue]] = {}
    for number, each in enumerate(expects):
        for cue in dict.fromkeys(map(stems, each.cues)):
            if cue:
                index.setdefault(cue[0], []).append((cue, number))
    return index
