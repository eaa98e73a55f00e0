"""A report as clients get it: the flat fields, and the same in the shape of a page. No number is ever null."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.session.asks import FeedbackItem, ReportAnswer, SessionView
from contracts.vocabulary.judgement import Delivery, Evidence, Quote
from contracts.vocabulary.question import Difficulty, Phase, QuestionKind
from contracts.vocabulary.report import QuestionScore, Report, Resource
from pydantic import BaseModel

Trend = Literal["improving", "declining", "consistent", "too_few_questions"]
LEVELS = (
    (0.9, "Outstanding"),
    (0.8, "Excellent"),
    (0.7, "Strong"),
    (0.6, "Good"),
    (0.5, "Developing"),
    (0.0, "Needs Work"),
)
"""From which score on, 0 to 1, a performance is called what."""
_DECISIONS = {
    "strong_yes": "Strongly recommended",
    "yes": "Recommended",
    "maybe": "Recommended for another interview",
    "no": "Not recommended yet",
    "not_enough_evidence": "Not enough evidence for a recommendation",
}
_NOT_ASSESSED = "Not assessed"
_WHY_NOT = (
    "The built-in coach recognises the points that an answer speaks to. It cannot tell whether what was said about them"
    " is right, so it recommends nothing."
)
UNKNOWN = 0.5
"""What a number is that cannot be null, where nothing is known of it: the middle of what it may be."""


def level(score: float) -> str:
    """What a score is called."""
    return next(name for least, name in LEVELS if score >= least)


class Overview(BaseModel):
    """A report at a glance."""

    overall_score: float
    overall_percentage: float
    performance_level: str
    total_questions: int


class Metric(BaseModel):
    """One measure, 0 to 1, and what it is called: "Not assessed" where nothing is known of it."""

    score: float
    label: str


class Metrics(BaseModel):
    """The three measures of an answer."""

    technical_accuracy: Metric
    completeness: Metric
    clarity: Metric


class DomainAnalysis(BaseModel):
    """The mean score of each domain, in the same order as their names."""

    domains_list: list[str]
    scores_list: list[float]
    strongest: str
    weakest: str


class Score(BaseModel):
    """A mean, 0 to 1. Where nothing counts towards it, it is the middle, and the evidence insufficient."""

    score: float
    evidence: Evidence


class DifficultyPerformance(BaseModel):
    """The mean score of the questions of each difficulty."""

    easy: Score
    medium: Score
    hard: Score


class AnsweredQuestion(BaseModel):
    """A question, its answer, and how that did; `attempts` are the scores of all attempts, oldest first."""

    index: int
    turn: int
    question: str
    answer: str
    kind: QuestionKind
    phase: Phase
    domain: str
    difficulty: Difficulty
    score: float
    evidence: Evidence
    technical_accuracy: float
    completeness: float
    clarity: float
    attempts: list[float]
    feedback: str
    reference_answer: str


class NumberedScore(BaseModel):
    """The score of a question that has one."""

    question_number: int
    score: float


class ScoreProgression(BaseModel):
    """How the scores went over the interview."""

    scores: list[NumberedScore]
    trend: Trend


class Recommendation(BaseModel):
    """What the scores come to, in words; `confidence` is 0 to 1."""

    decision: str
    confidence: float
    reasoning: str


class Insights(BaseModel):
    """The report's texts; each line of `evidence` quotes the candidate."""

    overall_summary: str
    strengths: list[str]
    areas_for_improvement: list[str]
    recommendations: list[str]
    hiring_recommendation: Recommendation
    evidence: list[str]


class SessionReport(BaseModel):
    """The report of an interview: the flat fields, and the same for a page. Scores are 0 to 1; without enough evidence
    0, with `evidence` "insufficient", and in no average."""

    session_id: UUID
    job_role: str
    generated_at: datetime | None
    version: int | None
    versions: list[int]
    overall_score: float
    evidence: Evidence
    domain_scores: dict[str, float]
    strengths: list[str]
    weaknesses: list[str]
    recommendations: list[str]
    hiring_recommendation: str
    executive_summary: Overview
    metric_breakdown: Metrics
    criteria: dict[str, float]
    domain_analysis: DomainAnalysis
    difficulty_performance: DifficultyPerformance
    questions_breakdown: list[AnsweredQuestion]
    score_progression: ScoreProgression
    insights: Insights
    patterns_tendencies: str
    improvement_focus_areas: str
    recommended_resources: list[Resource]
    quotes: list[Quote]
    delivery: Delivery | None
    engine: str
    model: str | None
    degraded: bool


def report_document(session: SessionView, answer: ReportAnswer, items: tuple[FeedbackItem, ...]) -> SessionReport:
    """The whole report of a session that is over; `answer` holds one."""
    report = answer.report
    assert report is not None
    numbers = report.statistics
    overall = report.overall_score or 0.0
    scored = [each.score for each in numbers.questions if each.score is not None]
    return SessionReport(
        session_id=session.session_id,
        job_role=session.config.job_role,
        generated_at=answer.written_at,
        version=answer.version,
        versions=list(answer.versions),
        overall_score=overall,
        evidence=_evidence(report.overall_score),
        domain_scores=numbers.domains,
        strengths=list(report.strength_points),
        weaknesses=list(report.weakness_points),
        recommendations=list(report.recommendations),
        hiring_recommendation=hiring_sentence(report),
        executive_summary=Overview(
            overall_score=overall,
            overall_percentage=round(overall * 100, 1),
            performance_level=_NOT_ASSESSED if report.overall_score is None else level(overall),
            total_questions=session.questions_asked,
        ),
        metric_breakdown=Metrics(
            **{name: _metric(numbers.metrics.get(name), report.overall_score) for name in Metrics.model_fields}
        ),
        criteria=numbers.criteria,
        domain_analysis=_domains(numbers.domains),
        difficulty_performance=_difficulties(numbers.difficulties),
        questions_breakdown=_questions(numbers.questions, items),
        score_progression=ScoreProgression(
            scores=[NumberedScore(question_number=n, score=score) for n, score in enumerate(scored, start=1)],
            trend=numbers.trend,
        ),
        insights=Insights(
            overall_summary=report.summary,
            strengths=list(report.strength_points),
            areas_for_improvement=list(report.weakness_points),
            recommendations=list(report.recommendations),
            hiring_recommendation=_hiring(report),
            evidence=list(report.insights),
        ),
        patterns_tendencies=report.patterns_tendencies,
        improvement_focus_areas=report.improvement_focus_areas,
        recommended_resources=list(report.recommended_resources),
        quotes=list(report.quotes),
        delivery=numbers.delivery,
        engine=report.provenance.engine,
        model=report.provenance.model,
        degraded=report.provenance.degraded,
    )


def hiring_sentence(report: Report) -> str:
    """The recommendation in words."""
    found = _hiring(report)
    return f"{found.decision}. {found.reasoning}"


def _hiring(report: Report) -> Recommendation:
    hiring = report.hiring
    if hiring is None:
        return Recommendation(decision=_NOT_ASSESSED, confidence=0.0, reasoning=_WHY_NOT)
    return Recommendation(
        decision=_DECISIONS[hiring.decision], confidence=hiring.confidence, reasoning=hiring.reasoning
    )


def _evidence(score: float | None) -> Evidence:
    return "sufficient" if score is not None else "insufficient"


def measure(value: float | None, score: float | None) -> float:
    """A measure of an answer where it cannot be null; 0 only where nothing was said that a score could be of."""
    return value if value is not None else UNKNOWN if score is not None else 0.0


def _metric(mean: float | None, overall: float | None) -> Metric:
    return Metric(score=measure(mean, overall), label=_NOT_ASSESSED if mean is None else level(mean))


def _difficulties(means: Mapping[str, float]) -> DifficultyPerformance:
    return DifficultyPerformance(
        **{
            name: Score(score=means.get(name, UNKNOWN), evidence=_evidence(means.get(name)))
            for name in DifficultyPerformance.model_fields
        }
    )


def _domains(means: Mapping[str, float]) -> DomainAnalysis:
    ranked = sorted(means, key=lambda name: means[name])
    return DomainAnalysis(
        domains_list=list(means),
        scores_list=list(means.values()),
        strongest=ranked[-1] if ranked else "",
        weakest=ranked[0] if len(ranked) > 1 else "",
    )


def _questions(scores: tuple[QuestionScore, ...], items: tuple[FeedbackItem, ...]) -> list[AnsweredQuestion]:
    by_turn = {item.turn: item for item in items}
    return [_question(number, each, by_turn.get(each.turn)) for number, each in enumerate(scores, start=1)]


def _question(number: int, score: QuestionScore, item: FeedbackItem | None) -> AnsweredQuestion:
    feedback = item.feedback if item else None
    shown = score.score if score.score is not None else score.estimate
    return AnsweredQuestion(
        index=number,
        turn=score.turn,
        question=item.question if item else "",
        answer=item.answer if item else "",
        kind=score.kind,
        phase=score.phase,
        domain=score.domain or "general",
        difficulty=score.difficulty or "medium",
        score=shown or 0.0,
        evidence=_evidence(score.score),
        technical_accuracy=measure(score.technical_accuracy, shown),
        completeness=measure(score.completeness, shown),
        clarity=measure(score.clarity, shown),
        attempts=[each or 0.0 for each in (*score.attempts[:-1], *([shown] if score.attempts else ()))],
        feedback=feedback.text if feedback else "",
        reference_answer=(feedback.reference_answer if feedback else None) or "",
    )
