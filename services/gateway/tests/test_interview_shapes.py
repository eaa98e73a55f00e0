"""How the interviews API spells interviews and their answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

import pytest
from contracts.session.asks import FeedbackItem, Message, SessionView, Status, View
from contracts.vocabulary.configuration import Focus, SessionConfig
from contracts.vocabulary.judgement import Criteria, Feedback
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Phase
from contracts.vocabulary.report import Report
from gateway.dialects.interviews.mapping import (
    LATE,
    Put,
    answers,
    evaluation,
    interview,
    interview_status,
    put_question,
    results,
    standing_question,
    workflow_state,
)
from gateway.dialects.interviews.shapes import InterviewBody
from gateway.dialects.rounds import WITHHELD
from gateway.usecases.numbered_interviews import MOST, number_of
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)
SCRIPTED = Provenance(engine="scripted")
CONFIG = SessionConfig(job_role="Nurse", focus="coding", target_question_count=3, introduction_counts=True)


def asked(seq: int, turn: int, kind: str = "question", **about: Any) -> Message:
    metadata = {"phase": "technical", "action": "new_question", "engine": "scripted", "difficulty": "hard", **about}
    text = f"{kind} {turn}?"
    return Message(
        seq=seq, role="assistant", content=text, created_at=NOW, turn=turn, response_type=kind, metadata=metadata
    )


def answered(seq: int, turn: int, text: str = "I measured it.") -> Message:
    return Message(seq=seq, role="user", content=text, created_at=NOW, turn=turn)


def judged(turn: int, score: float | None, **fields: Any) -> FeedbackItem:
    evidence = "insufficient" if score is None else "sufficient"
    feedback = Feedback(judged=True, text="Good.", score=score, evidence=evidence, provenance=SCRIPTED, **fields)
    return FeedbackItem(turn=turn, question=f"The question {turn}", answer="I measured it.", feedback=feedback)


def view(
    *messages: Message, feedback: tuple[FeedbackItem, ...] = (), config: SessionConfig = CONFIG, **fields: Any
) -> View:
    session: dict[str, Any] = {
        "session_id": UUID(int=2**60 + 7), "user_id": None, "status": "active", "version": 9, "config": config,
        "created_at": NOW, "started_at": None, "ended_at": None, "updated_at": NOW, "elapsed": 90, "questions_asked": 2,
        "answers": 2, "utterances": 3, "total_response_time": 9, "api_calls": 3, "total_tokens": 0,
        "report_status": "none", **fields,
    }  # fmt: skip
    return View(session=SessionView(**session), messages=messages, feedback=feedback)


INTERVIEW = (
    asked(1, 0, "introduction", phase="intro"), answered(2, 0), asked(3, 1), answered(4, 1, "What do you mean?"),
    asked(5, 2, "clarification", action="clarify"), answered(6, 2, "I see: I measured it."), asked(7, 3, "follow_up"),
)  # fmt: skip
JUDGED = (judged(0, None), judged(1, None), judged(2, 0.5))


def test_what_only_asked_back_is_no_answer_and_the_question_stays_the_one_that_was_put() -> None:
    found = answers(view(*INTERVIEW, feedback=JUDGED))
    assert [each.response for each in found] == ["I measured it.", "I see: I measured it."]
    assert [each.question for each in found] == ["introduction 0?", "question 1?"]
    assert [(each.score, each.evidence) for each in found] == [(0.0, "insufficient"), (5.0, "sufficient")]
    assert [each.question_type for each in found] == ["introduction", "coding"]


def test_an_answer_without_a_reply_counts_once_the_interview_is_over() -> None:
    unreplied = (*INTERVIEW, answered(8, 3))
    assert len(answers(view(*unreplied))) == 2 and len(answers(view(*unreplied, status="completed"))) == 3


def test_the_state_leaves_out_of_the_average_what_has_no_evidence() -> None:
    state = workflow_state(view(*INTERVIEW, feedback=JUDGED), "token")
    assert (state.average_score, state.current_question, state.total_questions) == (5.0, 3, 3)
    assert state.current_step == "present_question" and state.interview_id == 2**60 % 2**53 + 7
    assert workflow_state(view(status="created"), "token").current_step == "initialize_session"
    assert workflow_state(view(*INTERVIEW, status="completed"), "token").current_step == "complete_interview"


def test_other_words_take_the_place_of_the_question() -> None:
    again = asked(8, 4, "clarification", action="rephrase")
    question = standing_question(view(*INTERVIEW, again))
    assert question is not None and (question.question, question.type) == ("clarification 4?", "follow_up")
    assert standing_question(view(*INTERVIEW, again, status="cancelled")) is None
    assert interview_status(view(), "token").question is None


@pytest.mark.parametrize(("mode", "sentence"), [("coaching", LATE), ("realistic", WITHHELD)])
def test_feedback_that_is_late_or_withheld_is_no_evidence(mode: str, sentence: str) -> None:
    config = CONFIG.model_copy(update={"mode": mode})
    pending = (FeedbackItem(turn=0, question="Q", answer="A"),)
    [first] = answers(view(*INTERVIEW[:3], feedback=pending, config=config))
    assert (first.feedback, first.score, first.evidence) == (sentence, 0.0, "insufficient")
    assert evaluation(view(config=config), None).feedback == sentence


def test_an_evaluation_leaves_out_criteria_without_a_basis() -> None:
    item = judged(0, 0.74, criteria=Criteria(depth=0.5, clarity=1.0), improvements=("Name a figure.",))
    found = evaluation(view(), item)
    assert (found.score, found.detailed_analysis) == (7.4, {"depth": 5.0, "clarity": 10.0})
    assert found.improvement_suggestions == ["Name a figure."]


@pytest.mark.parametrize("status", get_args(Status))
def test_every_status_has_a_word(status: Status) -> None:
    session = view(status=status).session
    assert session is not None
    shown = interview(session)
    assert shown.status in {"created", "in_progress", "paused", "completed", "cancelled"}
    assert (shown.title, shown.num_questions, shown.score) == ("Nurse, 2026-01-12", 3, 0.0)


@pytest.mark.parametrize("phase", get_args(Phase))
@pytest.mark.parametrize("focus", get_args(Focus))
def test_every_question_has_a_type(phase: str, focus: Focus) -> None:
    question = put_question(Put(asked(1, 0, phase=phase), "Why?"), SessionConfig(focus=focus))
    assert question.type in {"technical", "system_design", "coding", "behavioral", "experience"}


def test_results_have_the_reports_score_or_that_of_the_answers() -> None:
    report = Report(
        patterns_tendencies="P", strengths="S", weaknesses="W", improvement_focus_areas="I", summary="Solid.",
        overall_score=0.8, provenance=SCRIPTED,
    )  # fmt: skip
    reported = results(view(*INTERVIEW, feedback=JUDGED, status="completed", report=report))
    assert (reported.score, reported.evidence, reported.feedback) == (8.0, "sufficient", "Solid.")
    bare = results(view(*INTERVIEW, feedback=JUDGED, status="completed"))
    assert (bare.score, bare.evidence, bare.duration_minutes) == (5.0, "sufficient", 1.5)
    off = results(view(*INTERVIEW, feedback=JUDGED, status="cancelled"))
    assert (off.score, off.evidence) == (0.0, "insufficient"), "as in the list, which knows no answers"


@pytest.mark.parametrize(
    ("status", "ending", "asked", "answers", "answered"),
    [
        ("created", None, 0, 0, 0),
        ("active", None, 0, 0, 0),
        ("active", None, 0, 1, 0),  # the introduction was asked back about, and stands
        ("active", None, 1, 1, 1),
        ("active", None, 2, 4, 2),
        ("completed", "budget", 2, 3, 3),
        ("completed", "budget", 2, 5, 3),
        ("completed", "ended", 2, 3, 2),
        ("completed", "ended", 0, 0, 0),
    ],
)
def test_what_is_only_asked_back_about_is_not_answered(
    status: str, ending: str | None, asked: int, answers: int, answered: int
) -> None:
    session = view(status=status, ending=ending, questions_asked=asked, answers=answers).session
    assert session and interview(session).questions_answered == answered


def test_an_interview_of_another_api_has_its_introduction_counted() -> None:
    config = CONFIG.model_copy(update={"introduction_counts": False})
    assert workflow_state(view(config=config), "token").total_questions == 4


def test_a_body_in_the_words_of_a_configuration() -> None:
    body = InterviewBody.model_validate({"position": " Nurse ", "company_name": "Ward 7", "difficulty_level": "easy"})
    assert SessionConfig(**body.configuration()) == SessionConfig(
        job_role="Nurse", company_name="Ward 7", focus="technical", difficulty="easy", introduction_counts=True,
        interview_duration_minutes=60,
    )  # fmt: skip


@given(st.uuids(version=4))
def test_a_number_is_one_that_every_client_can_hold(session_id: UUID) -> None:
    number = number_of(session_id)
    assert 1 <= number <= MOST and int(float(number)) == number
