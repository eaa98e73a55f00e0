"""Answers with their levels, from which a model learns how strict to be."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from contracts.vocabulary.judgement import TOP_LEVEL, CriterionName
from contracts.vocabulary.question import Question
from parley_text.packaged import packaged
from pydantic import BaseModel, ConfigDict, Field

from coach.rubric.phases import AnswerKind, kind_of


class Example(BaseModel):
    """An answer, what kind of one it is, and its level by each criterion."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: str
    text: str
    levels: dict[CriterionName, int] = Field(min_length=5)


class Examples(BaseModel):
    """Answers to one question."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    question: str
    answers: tuple[Example, ...]


def examples(question: Question) -> Examples:
    """Those for a question of this kind."""
    return _all()[kind_of(question)]


def told(question: Question, criteria: Sequence[CriterionName], *, reordered: bool = False) -> str:
    """The examples in words, each with its level by one criterion, or its levels by several; from the last to the first
    where they are `reordered`."""
    found = examples(question)
    answers = found.answers[::-1] if reordered else found.answers
    lines = [f"- {_levels(each, criteria)} ({each.kind}): {each.text}" for each in answers]
    return "\n".join([f"The other question: {found.question}", *lines])


def _levels(example: Example, criteria: Sequence[CriterionName]) -> str:
    if len(criteria) == 1:
        return f"Level {example.levels[criteria[0]]} of {TOP_LEVEL}"
    return ", ".join(f"{name} {example.levels[name]}" for name in criteria)


@lru_cache(maxsize=1)
def _all() -> dict[AnswerKind, Examples]:
    raw = packaged("coach", "rubric/examples.yaml")
    return {kind: Examples.model_validate(each) for kind, each in raw.items()}
