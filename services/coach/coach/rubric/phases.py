"""What kind of answer a question asks for, and how much each criterion then counts."""

from __future__ import annotations

from typing import Literal, get_args

from contracts.vocabulary.judgement import CriterionName
from contracts.vocabulary.question import Phase, Question

AnswerKind = Literal["introduction", "knowledge", "story"]
_TECHNICAL: dict[CriterionName, int] = {"relevance": 20, "depth": 40, "structure": 15, "evidence": 12, "clarity": 13}
_PERSONAL: dict[CriterionName, int] = {"relevance": 20, "depth": 15, "structure": 25, "evidence": 30, "clarity": 10}
_INTRODUCING: dict[CriterionName, int] = {"relevance": 35, "depth": 15, "structure": 15, "evidence": 25, "clarity": 10}

WEIGHTS: dict[Phase, dict[CriterionName, int]] = {
    "welcome": _INTRODUCING,
    "intro": _INTRODUCING,
    "resume": _PERSONAL,
    "technical": _TECHNICAL,
    "behavioral": _PERSONAL,
    "closing": _PERSONAL,
}
"""Percentages by phase: knowledge is mostly depth, a story mostly its evidence and its structure."""
assert set(WEIGHTS) == set(get_args(Phase))


def is_technical(phase: Phase) -> bool:
    """Whether a phase asks for knowledge; the others ask for what the candidate did."""
    return phase == "technical"


def tells_a_story(phase: Phase) -> bool:
    """Whether an answer is expected to tell a case from the candidate's own work."""
    return phase in ("behavioral", "resume")


def is_introduction(question: Question) -> bool:
    """Whether the candidate was asked to introduce themselves."""
    return question.phase in ("welcome", "intro") or question.kind == "introduction"


def kind_of(question: Question) -> AnswerKind:
    """What sort of answer a question asks for."""
    if is_introduction(question):
        return "introduction"
    return "knowledge" if is_technical(question.phase) else "story"
