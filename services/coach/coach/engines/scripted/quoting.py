"""Verbatim quotes. Each is a slice of the answer, and so in it by construction."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from contracts.vocabulary.judgement import Quote

from coach.engines.scripted.marks import marks_of
from coach.engines.scripted.reading import Claim, Reading
from coach.engines.scripted.signs import Mark
from coach.engines.scripted.topic import Topic
from coach.quotes import at_word
from coach.said import sure_part
from coach.text import Sentence, sentence_at

LONGEST = 240
MOST = 3
FEWEST_WORDS = 4
"""Of a part of a sentence whose other words are guesses."""
IN_PART = "a sentence that came through in part"
"""What is said in the place of a sentence of which nothing can be quoted."""
# What a sentence is quoted for when it is for no expected point, most telling first.
_TELLING_PERSONAL = (
    Mark.RESULT,
    Mark.ACTION,
    Mark.NUMBER,
    Mark.INSTANCE,
    Mark.TASK,
    Mark.SITUATION,
    Mark.REASON,
)
_TELLING_TECHNICAL = (Mark.TRADE_OFF, Mark.REASON, Mark.NUMBER, Mark.RESULT, Mark.INSTANCE)
_CUT = re.compile(r"[,;:]\s|\s(?=(?:and|but|so|because|which)\s)")


def excerpt(sentence: Sentence, longest: int = LONGEST) -> str:
    """The sentence, or the longest part of it without guesses; its beginning up to a clause or word where it is longer
    than `longest` characters. Empty where too little of it is sure."""
    text = sure_part(sentence.text, FEWEST_WORDS) or ""
    if len(text) <= longest:
        return text
    cuts = [match.start() for match in _CUT.finditer(text, longest // 3, longest)]
    return text[: cuts[-1]] if cuts else at_word(text, longest)


def _telling(technical: bool) -> tuple[Mark, ...]:
    return _TELLING_TECHNICAL if technical else _TELLING_PERSONAL


def worth(claim: Claim, technical: bool) -> int:
    """How much a claim shows."""
    most_telling = claim.marks.intersection(_telling(technical)[:3])
    return 3 * len(claim.points) + 2 * len(most_telling) + len(claim.marks)


def best_claims(reading: Reading, technical: bool, most: int = MOST) -> list[Claim]:
    """The most telling claims, in the order in which they were made; those that can be quoted come before others."""
    telling = [claim for claim in reading.claims if claim.points or mark_shown(claim, technical)]
    ranked = sorted(telling, key=lambda claim: (not excerpt(claim.sentence), -worth(claim, technical)))[:most]
    return sorted(ranked, key=lambda claim: claim.sentence.start)


def mark_shown(claim: Claim, technical: bool) -> Mark | None:
    """The most telling mark of a claim, if it has one that is worth quoting in such an interview."""
    return next((mark for mark in _telling(technical) if mark in claim.marks), None)


def quotes(answer: str, best: Iterable[Claim], reading: Reading, technical: bool) -> tuple[Quote, ...]:
    """The claims as quotes. The words are checked against the answer once more."""
    quotable = (claim for claim in best if excerpt(claim.sentence))
    return tuple(_quote(answer, claim, reading, technical) for claim in quotable)


def _quote(answer: str, claim: Claim, reading: Reading, technical: bool) -> Quote:
    text = excerpt(claim.sentence)
    assert text in answer, "a quote is a slice of the answer"
    if claim.sentence.guesses:
        claim = _narrowed(claim, text, reading.topic)
    mark = mark_shown(claim, technical)
    shows = reading.topic.texts[claim.points[0]] if claim.points else mark.value if mark else ""
    return Quote(text=text, shows=shows)


def in_words(sentence: Sentence, longest: int) -> str:
    """The sentence in quotation marks, for use in a text; dots say where it was cut."""
    cut = excerpt(sentence, longest)
    if not cut:
        return IN_PART
    before = "" if sentence.text.startswith(cut) else "… "
    after = "" if sentence.text.endswith(cut) else " …"
    return f"“{before}{' '.join(cut.split())}{after}”"


def _narrowed(claim: Claim, text: str, topic: Topic) -> Claim:
    """The claim as far as a part of its words makes it."""
    part = sentence_at(text, 0, len(text))
    if part is None:
        return replace(claim, points=(), marks=frozenset())
    points = topic.mentions(part).points
    return replace(
        claim,
        points=tuple(point for point in claim.points if point in points),
        marks=claim.marks & marks_of(part, topic.asked),
    )
