"""Verbatim quotes. Each is a slice of the answer, and so in it by construction."""

from __future__ import annotations

import re

from contracts.vocabulary.judgement import Quote

from coach.engines.scripted.reading import Claim, Reading
from coach.engines.scripted.signs import Mark
from coach.quotes import at_word
from coach.text import Sentence

LONGEST = 240
MOST = 3
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
    """The sentence, or its beginning up to a clause or word where it is longer than `longest` characters."""
    text = sentence.text
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
    """The most telling claims, in the order in which they were made."""
    telling = [claim for claim in reading.claims if claim.points or mark_shown(claim, technical)]
    ranked = sorted(telling, key=lambda claim: -worth(claim, technical))[:most]
    return sorted(ranked, key=lambda claim: claim.sentence.start)


def mark_shown(claim: Claim, technical: bool) -> Mark | None:
    """The most telling mark of a claim, if it has one that is worth quoting in such an interview."""
    return next((mark for mark in _telling(technical) if mark in claim.marks), None)


def quote(answer: str, claim: Claim, reading: Reading, technical: bool) -> Quote:
    """The claim as a quote. The words are checked against the answer once more."""
    text = excerpt(claim.sentence)
    assert text in answer, "a quote is a slice of the answer"
    mark = mark_shown(claim, technical)
    shows = reading.topic.texts[claim.points[0]] if claim.points else mark.value if mark else ""
    return Quote(text=text, shows=shows)


def in_words(sentence: Sentence, longest: int) -> str:
    """The sentence in quotation marks, for use in a text; dots say where it was cut."""
    cut = excerpt(sentence, longest)
    one_line = " ".join(cut.split())
    return f"“{one_line}”" if cut == sentence.text else f"“{one_line} …”"
