"""What the coach says about the whole interview."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from contracts.envelope import Contract
from contracts.vocabulary.judgement import Delivery, Quote
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Difficulty, Phase, QuestionKind


class Resource(Contract):
    """Something to read or practise with, and why it was picked for this candidate."""

    title: str
    url: str
    description: str
    resource_type: str
    reasoning: str


HiringDecision = Literal["strong_yes", "yes", "maybe", "no", "not_enough_evidence"]


class HiringRecommendation(Contract):
    """What the scores come to; `confidence` (0 to 1) grows with the number of judged answers and their agreement."""

    decision: HiringDecision
    confidence: float = Field(ge=0, le=1)
    reasoning: str


class QuestionScore(Contract):
    """How one answer did; texts are left to the transcript. `attempts` are the scores of all attempts, oldest first."""

    turn: int
    kind: QuestionKind
    phase: Phase
    domain: str | None = None
    difficulty: Difficulty | None = None
    score: float | None = None
    technical_accuracy: float | None = None
    completeness: float | None = None
    clarity: float | None = None
    attempts: tuple[float | None, ...] = ()
    estimate: float | None = None
    """What may be shown where a number has to be and there is no score: the middle of a wide interval. In no mean."""


class ReportStatistics(Contract):
    """The numbers of a report, 0 to 1, all computed from the feedback by code. Means leave out what has no score.

    `trend` is the slope of the scores over the interview: `too_few_questions` below three scored answers.
    """

    questions: tuple[QuestionScore, ...] = ()
    criteria: dict[str, float] = Field(default_factory=dict)
    metrics: dict[str, float] = Field(default_factory=dict)
    """Means of technical_accuracy, completeness and clarity."""
    domains: dict[str, float] = Field(default_factory=dict)
    difficulties: dict[str, float] = Field(default_factory=dict)
    phases: dict[str, float] = Field(default_factory=dict)
    trend: Literal["improving", "declining", "consistent", "too_few_questions"] = "too_few_questions"
    delivery: Delivery | None = None


class Report(Contract):
    """The final summary. The four texts are paragraphs parted by newlines; `overall_score` is 0 to 1.

    `insights` are lines of which each quotes the candidate verbatim, as `quotes` do. `hiring` is None where nobody
    judged who could tell right from wrong.
    """

    patterns_tendencies: str
    strengths: str
    weaknesses: str
    improvement_focus_areas: str
    recommended_resources: tuple[Resource, ...] = ()
    overall_score: float | None = Field(None, ge=0, le=1)
    quotes: tuple[Quote, ...] = ()
    provenance: Provenance
    summary: str = ""
    strength_points: tuple[str, ...] = ()
    weakness_points: tuple[str, ...] = ()
    recommendations: tuple[str, ...] = ()
    insights: tuple[str, ...] = ()
    hiring: HiringRecommendation | None = None
    statistics: ReportStatistics = ReportStatistics()
