"""Answers with their levels, from which a model learns how strict to be."""

from __future__ import annotations

from functools import lru_cache

from contracts.vocabulary.judgement import TOP_LEVEL, CriterionName
from contracts.vocabulary.question import Question
from pydantic import BaseModel, ConfigDict, Field

from coach.packaged import packaged
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


def told(question: Question, criterion: CriterionName) -> str:
    """The examples in words, each with its level by one criterion."""
    found = examples(question)
    lines = [f"- Level {each.levels[criterion]} of {TOP_LEVEL} ({each.kind}): {each.text}" for each in found.answers]
    return "\n".join([f"The other question: {found.question}", *lines])


@lru_cache(maxsize=1)
def _all() -> dict[AnswerKind, Examples]:
    raw = packaged("rubric/examples.yaml")
    return {kind: Examples.model_validate(each) for kind, each in raw.items()}
