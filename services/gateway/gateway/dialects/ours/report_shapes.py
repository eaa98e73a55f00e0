"""A report as clients get it: the flat fields, and the same in the shape of a page. No number is ever null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.session.asks import FeedbackItem, ReportAnswer, SessionView
from contracts.vocabulary.report import QuestionScore, Report

LEVELS = (
    (0.9, "Outstanding"),
    (0.8, "Excellent"),
    (0.7, "Strong"),
    (0.6, "Good"),
    (0.5, "Developing"),
    (0.0, "Needs Work"),
)
"""From which score on, 0 to 1, a performance is called what."""
DIFFICULTIES = ("easy", "medium", "hard")
METRICS = ("technical_accuracy", "completeness", "clarity")
_DECISIONS = {
    "strong_yes": "Strongly recommended",
    "yes": "Recommended",
    "maybe": "Recommended for another interview",
    "no": "Not recommended yet",
    "not_enough_evidence": "Not enough evidence for a recommendation",
}


def level(score: float) -> str:
    """What a score is called."""
    return next(name for least, name in LEVELS if score >= least)


def report_document(session: SessionView, answer: ReportAnswer, items: tuple[FeedbackItem, ...]) -> dict[str, Any]:
    """The whole report of a session that is over; `answer` holds one."""
    report = answer.report
    assert report is not None
    numbers = report.statistics
    overall = report.overall_score or 0.0
    scored = [each for each in numbers.questions if each.score is not None]
    return {
        "session_id": str(session.session_id),
        "job_role": session.config.job_role,
        "generated_at": answer.written_at,
        "version": answer.version,
        "versions": list(answer.versions),
        "overall_score": overall,
        "evidence": "sufficient" if report.overall_score is not None else "insufficient",
        "domain_scores": numbers.domains,
        "strengths": list(report.strength_points),
        "weaknesses": list(report.weakness_points),
        "recommendations": list(report.recommendations),
        "hiring_recommendation": hiring_sentence(report),
        "executive_summary": {
            "overall_score": overall,
            "overall_percentage": round(overall * 100, 1),
            "performance_level": level(overall),
            "total_questions": session.questions_asked,
        },
        "metric_breakdown": {name: _metric(numbers.metrics.get(name)) for name in METRICS},
        "criteria": numbers.criteria,
        "domain_analysis": _domains(numbers.domains),
        "difficulty_performance": {name: {"score": numbers.difficulties.get(name, 0.0)} for name in DIFFICULTIES},
        "questions_breakdown": _questions(numbers.questions, items),
        "score_progression": {
            "scores": [{"question_number": n, "score": each.score} for n, each in enumerate(scored, start=1)],
            "trend": numbers.trend,
        },
        "insights": {
            "overall_summary": report.summary,
            "strengths": list(report.strength_points),
            "areas_for_improvement": list(report.weakness_points),
            "recommendations": list(report.recommendations),
            "hiring_recommendation": _hiring(report),
            "evidence": list(report.insights),
        },
        "patterns_tendencies": report.patterns_tendencies,
        "improvement_focus_areas": report.improvement_focus_areas,
        "recommended_resources": [each.model_dump() for each in report.recommended_resources],
        "quotes": [each.model_dump() for each in report.quotes],
        "delivery": numbers.delivery.model_dump() if numbers.delivery else None,
        "engine": report.provenance.engine,
        "model": report.provenance.model,
        "degraded": report.provenance.degraded,
    }


def hiring_sentence(report: Report) -> str:
    """The recommendation in words."""
    hiring = report.hiring
    return f"{_DECISIONS[hiring.decision]}. {hiring.reasoning}" if hiring else _DECISIONS["not_enough_evidence"] + "."


def _hiring(report: Report) -> dict[str, Any]:
    hiring = report.hiring
    decision = _DECISIONS[hiring.decision if hiring else "not_enough_evidence"]
    return {
        "decision": decision,
        "confidence": hiring.confidence if hiring else 0.0,
        "reasoning": hiring.reasoning if hiring else "",
    }


def _metric(mean: float | None) -> dict[str, Any]:
    return {"score": mean or 0.0, "label": level(mean or 0.0)}


def _domains(means: Mapping[str, float]) -> dict[str, Any]:
    ranked = sorted(means, key=lambda name: means[name])
    return {
        "domains_list": list(means),
        "scores_list": list(means.values()),
        "strongest": ranked[-1] if ranked else "",
        "weakest": ranked[0] if ranked else "",
    }


def _questions(scores: tuple[QuestionScore, ...], items: tuple[FeedbackItem, ...]) -> list[dict[str, Any]]:
    by_turn = {item.turn: item for item in items}
    return [_question(number, each, by_turn.get(each.turn)) for number, each in enumerate(scores, start=1)]


def _question(number: int, score: QuestionScore, item: FeedbackItem | None) -> dict[str, Any]:
    feedback = item.feedback if item else None
    return {
        "index": number,
        "turn": score.turn,
        "question": item.question if item else "",
        "answer": item.answer if item else "",
        "kind": score.kind,
        "phase": score.phase,
        "domain": score.domain or "general",
        "difficulty": score.difficulty or "medium",
        "score": score.score or 0.0,
        "evidence": "sufficient" if score.score is not None else "insufficient",
        "technical_accuracy": score.technical_accuracy or 0.0,
        "completeness": score.completeness or 0.0,
        "clarity": score.clarity or 0.0,
        "attempts": [each or 0.0 for each in score.attempts],
        "feedback": feedback.text if feedback else "",
        "reference_answer": feedback.reference_answer if feedback else "",
    }
