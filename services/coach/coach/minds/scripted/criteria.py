"""The rubric: for each criterion five levels, described by behaviour, and how they are combined.

A level is a count of yes-or-no checks, so that more words of the same kind do not raise it.
"""

from __future__ import annotations

from typing import get_args

from contracts.interview import Criteria, Phase

from coach.minds.scripted.lexicon import HEDGES, SPOKEN_FILLERS, VAGUE
from coach.minds.scripted.reading import Claim, Reading
from coach.minds.scripted.signs import Mark

TOP = 4
CRITERIA = ("relevance", "depth", "structure", "evidence", "clarity")

ANCHORS = {
    "relevance": (
        "it did not speak about what was asked",
        "it touched on the subject without answering the question",
        "it answered a part of the question",
        "it answered most of the question",
        "it answered the question throughout",
    ),
    "depth": (
        "it did not get to any of the points behind the question",
        "it stayed on the surface",
        "it went into some of the points behind the question",
        "it went into most of the points behind the question",
        "it went into the points behind the question, with specifics",
    ),
    "structure": (
        "its parts stood side by side without an order",
        "one part of a well-built answer was there",
        "two parts of a well-built answer were there",
        "three parts of a well-built answer were there",
        "it was built so that a listener can follow it from start to end",
    ),
    "evidence": (
        "it gave nothing that a listener could check",
        "it gave one kind of evidence",
        "it gave two kinds of evidence",
        "it gave three kinds of evidence",
        "it showed what you did, where, with which numbers and to what end",
    ),
    "clarity": (
        "it was hard to follow",
        "it took effort to follow",
        "it could be followed, but was brief or roundabout",
        "it was easy to follow",
        "it was plain and easy to follow throughout",
    ),
}
"""What an answer does at each level, from 0 to 4."""

_TECHNICAL = {"relevance": 20, "depth": 40, "structure": 15, "evidence": 12, "clarity": 13}
_PERSONAL = {"relevance": 20, "depth": 15, "structure": 25, "evidence": 30, "clarity": 10}
_INTRODUCING = {"relevance": 35, "depth": 15, "structure": 15, "evidence": 25, "clarity": 10}
WEIGHTS: dict[Phase, dict[str, int]] = {
    "welcome": _INTRODUCING,
    "intro": _INTRODUCING,
    "resume": _PERSONAL,
    "technical": _TECHNICAL,
    "behavioral": _PERSONAL,
    "closing": _PERSONAL,
}
assert set(WEIGHTS) == set(get_args(Phase))

STAR = (Mark.SITUATION, Mark.TASK, Mark.ACTION, Mark.RESULT)
_SPECIFICS = frozenset({Mark.NUMBER, Mark.NAMED, Mark.REASON, Mark.TRADE_OFF})


def is_technical(phase: Phase) -> bool:
    """Whether a phase asks for knowledge; the others ask for what the candidate did."""
    return phase == "technical"


def judge(reading: Reading, phase: Phase) -> Criteria:
    """The criteria of an answer. Clarity is None where nothing was said that counts."""
    levels = {
        "relevance": _relevance(reading),
        "depth": _depth(reading),
        "structure": _reasoning(reading) if is_technical(phase) else _story(reading),
        "evidence": _evidence(reading, phase),
    }
    found = {name: level / TOP for name, level in levels.items()}
    return Criteria(**found, clarity=_clarity(reading) / TOP if reading.claims else None)


def combined(criteria: Criteria, phase: Phase) -> float | None:
    """The mechanical combination: the weighted mean of the criteria that have a value."""
    values = {name: value for name in CRITERIA if (value := getattr(criteria, name)) is not None}
    weights = WEIGHTS[phase]
    total = sum(weights[name] for name in values)
    return round(sum(value * weights[name] for name, value in values.items()) / total, 3) if total else None


def completeness(reading: Reading) -> float | None:
    """The share of the expected points that the answer speaks of; None where none are known."""
    expected = len(reading.topic.points)
    return round(len(reading.points) / expected, 3) if expected else None


def _relevance(reading: Reading) -> int:
    topical = len(reading.topical)
    if not topical:
        return 0
    if not reading.topic.points:
        return min(TOP, 1 + topical)
    speaking = len(reading.points)
    # A small question is answered by its few points, a large one by three.
    enough = min(3, len(reading.topic.points))
    return TOP if speaking >= enough else 1 + min(speaking, 2)


def _depth(reading: Reading) -> int:
    kinds = len(_specifics(reading.topical))
    if not reading.topic.points:
        return min(kinds, len(reading.topical) + 1, TOP)
    share = len(reading.points) / len(reading.topic.points)
    level = sum(share >= step for step in (0.2, 0.45, 0.7))
    level = min(level, len([claim for claim in reading.claims if claim.points]) + 1)
    if not level:
        return 1 if kinds >= 2 else 0
    return level + (kinds >= 2)


def _specifics(claims: tuple[Claim, ...]) -> frozenset[Mark]:
    return frozenset(mark for claim in claims for mark in claim.marks) & _SPECIFICS


def _story(reading: Reading) -> int:
    return sum(part in reading.marks for part in STAR)


def _reasoning(reading: Reading) -> int:
    built = (
        len(reading.topical) >= 2,
        *(mark in reading.marks for mark in (Mark.REASON, Mark.ORDER, Mark.TRADE_OFF)),
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
        "a case from your own work": frozenset({Mark.INSTANCE, Mark.ACTION} if technical else {Mark.INSTANCE}),
    }


def _evidence(reading: Reading, phase: Phase) -> int:
    level = sum(not marks.isdisjoint(reading.marks) for marks in evidence_kinds(is_technical(phase)).values())
    return max(0, level - reading.retractions)


def _clarity(reading: Reading) -> int:
    spoken = [word for claim in reading.claims for word in claim.sentence.words]
    # A single sentence is plain enough, yet gives a listener little to follow.
    room = min(TOP, 1 + len(reading.claims))
    return max(0, room - _burdens(spoken, len(reading.claims)) - reading.retractions)


def _burdens(spoken: list[str], claims: int) -> int:
    total = len(spoken)
    fillers = sum(word in SPOKEN_FILLERS for word in spoken)
    hedges = sum(word in HEDGES for word in spoken)
    vague = sum(word in VAGUE for word in spoken)
    return sum(
        (
            total > 32 * claims,
            fillers * 20 > total,
            fillers * 10 > total,
            hedges * 20 > total,
            vague * 20 > total,
        )
    )
