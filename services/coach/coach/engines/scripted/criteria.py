"""Which level of the rubric an answer has reached, criterion by criterion.

A level is a count of yes-or-no checks, so that more words of the same kind do not raise it.
"""

from __future__ import annotations

from contracts.vocabulary.judgement import TOP_LEVEL, CriterionName
from contracts.vocabulary.question import Phase

from coach.engines.scripted.lexicon import VAGUE
from coach.engines.scripted.reading import Reading
from coach.engines.scripted.signs import Mark
from coach.engines.scripted.story import star_of
from coach.rubric import is_technical, parts_told

SOME = 2
"""The level of an answer that is worked out, though in words in which its points are not recognised."""


def levels(reading: Reading, phase: Phase) -> dict[CriterionName, int | None]:
    """The level of each criterion. Clarity is None where nothing was said that counts."""
    return {
        "relevance": _relevance(reading),
        "depth": _depth(reading),
        "structure": _argument(reading) if is_technical(phase) else _story(reading),
        "evidence": _evidence(reading, phase),
        "clarity": _clarity(reading) if reading.claims else None,
    }


def _relevance(reading: Reading) -> int:
    """By the expected points that were spoken of, and a little by what else was developed on the subject."""
    if not reading.topical:
        return 0
    # A small question is answered by its few points, a large one by three.
    enough = min(3, reading.expected or 3)
    said = len(reading.points) + min(1.0, 0.25 * len(reading.developed))
    return TOP_LEVEL if said >= enough else max(1 + min(int(said), 2), SOME if reading.worked_out else 0)


def _depth(reading: Reading) -> int:
    """How much was covered and how far it was developed: names alone are no depth, neither is detail beside the
    question. Stories are weighed by how they are told, since their points are looser."""
    covered, detail = _covered(reading), reading.development
    if reading.story:
        told = min(sum(detail >= step for step in (2, 4, 6, 8)), covered + 2)
        return (covered + 3 * told + 2) // 4
    developed = min(sum(detail >= step for step in (2, 4, 5, 6)), covered + 1)
    return (covered + developed + 1) // 2


def _covered(reading: Reading) -> int:
    if not reading.expected:
        return min(TOP_LEVEL, len(reading.topical))
    share = len(reading.points) / reading.expected
    level = sum(share >= step for step in (0.2, 0.4, 0.6, 0.8))
    return max(level, SOME) if reading.worked_out else level


def _story(reading: Reading) -> int:
    return len(parts_told(star_of(reading)))


def _argument(reading: Reading) -> int:
    built = (
        len(reading.topical) > 2,
        _times(reading, Mark.REASON) + _times(reading, Mark.CONDITION) > 1,
        Mark.ORDER in reading.marks,
        Mark.TRADE_OFF in reading.marks,
    )
    return sum(built) if reading.claims else 0


def evidence_kinds(technical: bool) -> dict[str, frozenset[Mark]]:
    """The four kinds of evidence, each with the marks of which one is enough."""
    own = {"a technique or tool by its name": frozenset({Mark.NAMED, Mark.TERM})}
    if not technical:
        own = {"what you yourself did": frozenset({Mark.ACTION})}
    return own | {
        "a number": frozenset({Mark.NUMBER}),
        "the result": frozenset({Mark.RESULT}),
        ("a case or an example" if technical else "a real case"): frozenset(
            {Mark.INSTANCE, Mark.ACTION} if technical else {Mark.INSTANCE}
        ),
    }


def _evidence(reading: Reading, phase: Phase) -> int:
    technical = is_technical(phase)
    kinds = len(kinds_shown(reading, technical))
    more = _times(reading, Mark.NUMBER) > 1
    level = min(TOP_LEVEL, kinds + more) if technical else _OF_SIX[kinds + more + (_times(reading, Mark.ACTION) > 2)]
    return max(0, level - reading.retractions)


def kinds_shown(reading: Reading, technical: bool) -> list[str]:
    """The kinds of evidence that an answer gives. A case told at length is one, also without a date or a place."""
    told = not technical and _times(reading, Mark.PAST) >= AT_LENGTH
    marks = reading.marks | ({Mark.INSTANCE} if told else frozenset())
    if not technical and star_of(reading).result is not None:
        marks |= {Mark.RESULT}
    return [kind for kind, signs in evidence_kinds(technical).items() if not signs.isdisjoint(marks)]


def kinds_missing(reading: Reading, technical: bool) -> list[str]:
    """The kinds of evidence that an answer does not give."""
    given = kinds_shown(reading, technical)
    return [kind for kind in evidence_kinds(technical) if kind not in given]


AT_LENGTH = 5
"""Sentences on what happened from which on a story is told at length."""
_OF_SIX = (0, 1, 1, 2, 2, 3, 4)
"""The level for so many checks: four kinds of evidence, more than one number, more than two own actions."""


def _times(reading: Reading, mark: Mark) -> int:
    return sum(mark in claim.marks for claim in reading.told)


def _clarity(reading: Reading) -> int:
    spoken = [word for claim in reading.claims for word in claim.sentence.words]
    guesses = sum(claim.sentence.guesses for claim in reading.claims)
    # A single sentence is plain enough, yet gives a listener little to follow.
    room = min(TOP_LEVEL, 1 + len(reading.claims))
    return max(0, room - _burdens(spoken, guesses, len(reading.claims)) - reading.retractions)


def _burdens(spoken: list[str], guesses: int, claims: int) -> int:
    """What makes an answer hard to follow. How fluently it was spoken is not among it, nor how well it was heard."""
    vague = sum(word in VAGUE for word in spoken)
    return (len(spoken) - guesses > 32 * claims) + (vague * 20 > len(spoken))
