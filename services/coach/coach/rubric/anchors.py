"""The levels of each criterion, from 0 to 4, described by what an answer does.

Each wording completes a sentence that begins with the answer: "it ...".
"""

from __future__ import annotations

from typing import get_args

from contracts.vocabulary.judgement import TOP_LEVEL, CriterionName
from contracts.vocabulary.question import Phase

from coach.rubric.phases import is_technical

CRITERIA: tuple[CriterionName, ...] = get_args(CriterionName)
Levels = tuple[str, str, str, str, str]

_COMMON: dict[CriterionName, Levels] = {
    "relevance": (
        "it did not speak about what was asked",
        "it touched on the subject without answering the question",
        "it spoke to a part of what was asked",
        "it spoke to most of what was asked",
        "it spoke to what was asked throughout",
    ),
    "depth": (
        "it did not get to any of the points behind the question",
        "it stayed on the surface",
        "it went into some of the points behind the question",
        "it went into most of the points behind the question",
        "it went into the points behind the question, with specifics",
    ),
    "clarity": (
        "it was hard to follow",
        "it took effort to follow",
        "it could be followed, but was brief or roundabout",
        "it was easy to follow",
        "it was plain and easy to follow throughout",
    ),
}
_TECHNICAL: dict[CriterionName, Levels] = {
    "structure": (
        "its statements stood side by side, without reasons or an order",
        "it gave one of what builds an argument: several points, reasons, an order, a trade-off",
        "it gave two of what builds an argument: several points, reasons, an order, a trade-off",
        "it gave three of what builds an argument: several points, reasons, an order, a trade-off",
        "it gave several points with reasons, in an order, and weighed them",
    ),
    "evidence": (
        "it gave nothing that a listener could check",
        "it gave one thing that a listener could check: a technique, a number, an effect or an own case",
        "it gave two things that a listener could check: a technique, a number, an effect or an own case",
        "it gave three things that a listener could check: a technique, a number, an effect or an own case",
        "it named techniques, numbers, effects and cases",
    ),
}
_PERSONAL: dict[CriterionName, Levels] = {
    "structure": (
        "it told no part of a story: situation, task, action, result",
        "it told one part of a story: situation, task, action, result",
        "it told two parts of a story: situation, task, action, result",
        "it told three parts of a story: situation, task, action, result",
        "it told a whole story: situation, task, action and result",
    ),
    "evidence": (
        "it gave nothing that a listener could check",
        "it gave a first thing that a listener could check: own actions, a number, a result or a real case",
        "it gave some things that a listener could check, and left others vague",
        "it showed own actions and their result in a real case, with a number",
        "it showed several own actions in a real case, with numbers and a result",
    ),
}


def anchors(criterion: CriterionName, phase: Phase) -> Levels:
    """The wordings of all levels of a criterion, for the kind of question that the phase puts."""
    own = _TECHNICAL if is_technical(phase) else _PERSONAL
    return own[criterion] if criterion in own else _COMMON[criterion]


def anchor(criterion: CriterionName, level: int, phase: Phase) -> str:
    """The wording of one level. Raises ValueError for a level that there is not."""
    if not 0 <= level <= TOP_LEVEL:
        raise ValueError(f"levels run from 0 to {TOP_LEVEL}")
    return anchors(criterion, phase)[level]
