"""Reports and comparisons as clients get them: every field that was promised, and never a number that is null."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from contracts.session.asks import FeedbackItem, Progress, ReportAnswer, SessionScore, SessionView, View
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.report import HiringRecommendation, QuestionScore, Report, ReportStatistics
from gateway.dialects.messages import feedback_entries
from gateway.dialects.ours.progress_shapes import progress_document, slope
from gateway.dialects.report_shapes import level, report_document

NOW = datetime.now(UTC)
SCRIPTED = Provenance(engine="scripted")


def session(**changes: Any) -> SessionView:
    fields: dict[str, Any] = {
        "session_id": uuid4(), "user_id": None, "status": "completed", "version": 9, "config": SessionConfig(),
        "created_at": NOW, "started_at": NOW, "ended_at": NOW, "updated_at": NOW, "elapsed": 60, "questions_asked": 2,
        "answers": 2, "utterances": 3, "total_response_time": 9, "api_calls": 3, "total_tokens": 0,
        "report_status": "completed",
    }  # fmt: skip
    return SessionView(**(fields | changes))


def report(**fields: Any) -> Report:
    words = {"patterns_tendencies": "P", "strengths": "S", "weaknesses": "W", "improvement_focus_areas": "I"}
    return Report.model_validate(words | {"provenance": SCRIPTED} | fields)


STATISTICS = ReportStatistics(
    questions=(
        QuestionScore(turn=1, kind="question", phase="technical", domain="backend", difficulty="hard", score=0.8),
        QuestionScore(turn=2, kind="follow_up", phase="technical"),
    ),
    domains={"backend": 0.8, "general_behavioral": 0.4},
    metrics={"clarity": 0.75},
    difficulties={"hard": 0.8},
    trend="improving",
)
FULL = report(
    overall_score=0.82,
    strength_points=("Measures",),
    weakness_points=("Trade-offs",),
    recommendations=("Rehearse",),
    insights=("Measures: “cut it by 4 percent”",),
    hiring=HiringRecommendation(decision="yes", confidence=0.7, reasoning="Two answers above 0.7."),
    statistics=STATISTICS,
    summary="Solid.",
)
ITEMS = (FeedbackItem(turn=1, question="Why?", answer="Because.", feedback=None),)


def document(written: Report = FULL) -> dict[str, Any]:
    answer = ReportAnswer(found=True, version=1, report=written, written_at=NOW, versions=(1,))
    return report_document(session(), answer, ITEMS).model_dump(mode="json")


def numbers(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [found for name, inner in value.items() for found in numbers(inner, f"{path}.{name}")]
    if isinstance(value, list):
        return [found for inner in value for found in numbers(inner, path)]
    return [(path, value)]


def test_every_promised_field_is_there() -> None:
    shown = document()
    assert {"overall_score", "domain_scores", "strengths", "weaknesses", "recommendations"} <= set(shown)
    assert shown["executive_summary"] == {
        "overall_score": 0.82,
        "overall_percentage": 82.0,
        "performance_level": "Excellent",
        "total_questions": 2,
    }
    assert shown["metric_breakdown"]["clarity"] == {"score": 0.75, "label": "Strong"}
    assert (shown["domain_analysis"]["strongest"], shown["domain_analysis"]["weakest"]) == (
        "backend",
        "general_behavioral",
    )
    nothing = {"score": 0.5, "evidence": "insufficient"}
    hard = {"score": 0.8, "evidence": "sufficient"}
    assert shown["difficulty_performance"] == {"easy": nothing, "medium": nothing, "hard": hard}
    assert shown["score_progression"] == {"scores": [{"question_number": 1, "score": 0.8}], "trend": "improving"}
    assert shown["insights"]["hiring_recommendation"]["decision"] == "Recommended"
    assert shown["hiring_recommendation"].startswith("Recommended. ")


def test_where_only_the_built_in_coach_judged_nothing_is_recommended() -> None:
    shown = document(FULL.model_copy(update={"hiring": None}))
    told = shown["insights"]["hiring_recommendation"]
    assert (told["decision"], told["confidence"]) == ("Not assessed", 0) and "cannot tell" in told["reasoning"]
    assert shown["hiring_recommendation"].startswith("Not assessed. ")
    metrics = {"completeness": 0.7, "clarity": 0.6}
    by_rules = FULL.model_copy(update={"statistics": FULL.statistics.model_copy(update={"metrics": metrics})})
    accuracy = document(by_rules)["metric_breakdown"]["technical_accuracy"]
    assert accuracy == {"score": 0.5, "label": "Not assessed"}


def test_a_question_without_enough_evidence_has_a_zero_and_says_so() -> None:
    first, second = document()["questions_breakdown"]
    assert (first["index"], first["question"], first["answer"], first["evidence"]) == (
        1,
        "Why?",
        "Because.",
        "sufficient",
    )
    assert (second["score"], second["evidence"], second["domain"]) == (0.0, "insufficient", "general")


@pytest.mark.parametrize("written", [FULL, report()])
def test_no_number_is_null(written: Report) -> None:
    allowed = {".model", ".delivery"}
    assert [path for path, value in numbers(document(written)) if value is None and path not in allowed] == []


@pytest.mark.parametrize(
    ("score", "name"),
    [(1, "Outstanding"), (0.9, "Outstanding"), (0.85, "Excellent"), (0.7, "Strong"), (0.6, "Good"), (0.5, "Developing"),
     (0.49, "Needs Work"), (0, "Needs Work")],
)  # fmt: skip
def test_what_a_score_is_called(score: float, name: str) -> None:
    assert level(score) == name


# Feedback


def view(mode: str, status: str) -> View:
    feedback = Feedback(judged=True, text="Good.", score=0.7, reference_answer="Secret.", provenance=SCRIPTED)
    items = (
        FeedbackItem(turn=0, question="Who?", answer="Me.", feedback=feedback),
        FeedbackItem(turn=1, question="Why?", answer="So."),
        FeedbackItem(turn=2, question="How?", answer="Thus.", feedback=feedback),
    )
    return View(session=session(status=status, config=SessionConfig(mode=mode)), feedback=items)  # type: ignore[arg-type]


def test_feedback_has_no_holes() -> None:
    assert [item.question for item in feedback_entries(view("coaching", "active"))] == ["Who?"]


def test_a_realistic_interview_gives_feedback_at_its_end() -> None:
    assert feedback_entries(view("realistic", "active")) == []
    assert len(feedback_entries(view("realistic", "completed"))) == 1


def test_what_a_good_answer_contains_is_told_by_the_report_alone() -> None:
    assert "Secret." not in str(feedback_entries(view("coaching", "completed")))
    answer = ReportAnswer(found=True, version=1, report=FULL, written_at=NOW, versions=(1,))
    items = view("coaching", "completed").feedback
    shown = report_document(session(), answer, (items[0].model_copy(update={"turn": 1}),))
    assert shown.questions_breakdown[0].reference_answer == "Secret."


# Comparison


def score(overall: float | None, **criteria: float) -> SessionScore:
    return SessionScore(
        session_id=uuid4(), job_role="Nurse", mode="coaching", ended_at=NOW, questions=3, overall_score=overall,
        criteria=criteria, provenance=SCRIPTED,
    )  # fmt: skip


def test_the_trend_of_each_criterion_over_sessions() -> None:
    sessions = (score(0.4, depth=0.2), score(0.5, depth=0.4), score(0.6, depth=0.6))
    shown = progress_document(Progress(sessions=sessions)).model_dump()
    assert (shown["criteria"]["depth"]["trend"], shown["criteria"]["depth"]["change_per_session"]) == ("improving", 0.2)
    assert (shown["overall"]["latest"], shown["overall"]["best"], shown["overall"]["mean"]) == (0.6, 0.6, 0.5)


def test_sessions_without_a_score_are_left_out_of_trends() -> None:
    shown = progress_document(Progress(sessions=(score(None), score(0.5)))).model_dump()
    assert shown["overall"]["trend"] == "too_few_sessions" and shown["overall"]["mean"] == 0.5
    assert shown["sessions"][0]["evidence"] == "insufficient"


def test_nothing_compares_to_nothing() -> None:
    assert progress_document(Progress()).overall.trend == "too_few_sessions"


@pytest.mark.parametrize(("values", "change"), [([], 0), ([1], 0), ([1, 1], 0), ([1, 2, 3], 1), ([3, 2, 1], -1)])
def test_the_slope_is_that_of_least_squares(values: list[float], change: float) -> None:
    assert slope(values) == pytest.approx(change)
