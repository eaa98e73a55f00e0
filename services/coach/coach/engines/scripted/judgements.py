"""What the levels of the criteria rest on, in the candidate's own words. Every quote is a slice of the answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contracts.vocabulary.judgement import TOP_LEVEL, CriterionName, Judgement, Quote
from contracts.vocabulary.question import Phase
from parley_text.private import private_at

from coach.engines.scripted import wording
from coach.engines.scripted.estimate import FAR
from coach.quotes import at_word
from coach.rubric import anchor
from coach.said import sure_part
from coach.text import Sentence

if TYPE_CHECKING:
    from coach.engines.scripted.evaluation import Reading

MOST_QUOTES = 3
LONGEST = 240
"""Characters of a quote."""
FEWEST_WORDS = 4
"""Of a part of a sentence whose other words are guesses."""
_CUT = re.compile(r"[,;:]\s")
ENOUGH_POINTS = 3
"""A large question is answered by so many of its points."""


def judgements(reading: Reading, phase: Phase) -> tuple[Judgement, ...]:
    """Relevance, depth and evidence. Structure and clarity are left to whoever understands what is said: by rules they
    would be judgements of somebody's language."""
    levels: dict[CriterionName, int] = {
        "relevance": _relevance(reading),
        "depth": _depth(reading),
        "evidence": _evidence(reading),
    }
    about = round(reading.estimate.score * TOP_LEVEL)
    supporting: dict[str, list[int]] = {
        "relevance": _speaking(reading),
        "depth": _speaking(reading),
        "evidence": _most_telling(reading),
    }
    return tuple(
        Judgement(
            criterion=name,
            level=(bounded := min(max(level, about - 1), about + 1)),
            anchor=anchor(name, bounded, phase),
            explanation=f"{wording.explanation(name, reading)}{wording.held(level, bounded)}",
            quotes=_quoted(reading, supporting[name]) if bounded else (),
        )
        for name, level in levels.items()
    )


def _quoted(reading: Reading, places: list[int]) -> tuple[str, ...]:
    words = (excerpt(reading.heard.sentences[place]) for place in places)
    return tuple(each for each in words if each)[:MOST_QUOTES]


def _relevance(reading: Reading) -> int:
    belongs = reading.estimate.on_subject
    return int(sum(belongs >= least for least in (0.25, 0.5, 0.75, 0.9)))


def _depth(reading: Reading) -> int:
    """By the points that were recognised; where the question has none, by the score."""
    points = len(reading.asked.points)
    if not points:
        return round(reading.estimate.score * TOP_LEVEL)
    return round(TOP_LEVEL * min(1.0, len(reading.recognised) / min(points, ENOUGH_POINTS)))


def _evidence(reading: Reading) -> int:
    best = sorted(each for each in reading.telling if each > -FAR)[-2:] or [-FAR]
    return sum(sum(best) / len(best) >= least for least in reading.by.concrete)


def quotes(answer: str, reading: Reading) -> tuple[Quote, ...]:
    """The sentences that show most, in the order in which they were said."""
    chosen: dict[int, str] = {}
    for point in reading.recognised:
        place = reading.speaks_to[point]
        if place is not None:
            chosen.setdefault(place, wording.bare(reading.points[point]))
    for place in sorted(quotable(reading), key=lambda place: -reading.telling[place]):
        if len(chosen) < MOST_QUOTES and reading.telling[place] > 0:
            chosen.setdefault(place, "something concrete")
    found = ((place, excerpt(reading.heard.sentences[place])) for place in sorted(chosen))
    return tuple(Quote(text=text, shows=chosen[place]) for place, text in found if text and text in answer)[
        :MOST_QUOTES
    ]


def excerpt(sentence: Sentence) -> str:
    """The sentence, or the longest part of it that was understood, up to a clause or word where it is very long; empty
    where too little was understood."""
    text = sure_part(sentence.text, FEWEST_WORDS) or ""
    if len(text) <= LONGEST:
        return text
    cuts = [match.start() for match in _CUT.finditer(text, LONGEST // 3, LONGEST)]
    return text[: cuts[-1]] if cuts else at_word(text, LONGEST)


def quotable(reading: Reading) -> list[int]:
    """The sentences that speak of nothing private; all, where each does."""
    sentences = reading.heard.sentences
    return [at for at, each in enumerate(sentences) if private_at(each.text) is None] or [*range(len(sentences))]


def _speaking(reading: Reading) -> list[int]:
    places = dict.fromkeys(place for place in reading.speaks_to if place is not None)
    return list(places) or _most_telling(reading)[:1]


def _most_telling(reading: Reading) -> list[int]:
    return sorted(range(len(reading.telling)), key=lambda place: -reading.telling[place])
