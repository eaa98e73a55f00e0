"""How the turn API spells an interview."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest
from contracts.session.asks import FeedbackItem, Message, SessionView, View
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import Feedback, Quote
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Action, Phase
from contracts.vocabulary.report import Report
from gateway.dialects.turns.shapes import session_state, turn_answer
from gateway.usecases.queries import over_message

NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)
SCRIPTED = Provenance(engine="scripted")


def asked(seq: int, turn: int, *, phase: str = "technical", action: str = "new_question", **fields: Any) -> Message:
    about = {"phase": phase, "action": action, "reasoning": "It comes next.", "engine": "scripted", **fields}
    at = NOW + timedelta(seconds=seq)
    return Message(seq=seq, role="assistant", content=f"Question {turn}?", created_at=at, turn=turn, metadata=about)


def answered(seq: int, turn: int) -> Message:
    return Message(seq=seq, role="user", content="I measured it.", created_at=NOW, turn=turn)


def view(*messages: Message, feedback: tuple[FeedbackItem, ...] = (), **fields: Any) -> View:
    session: dict[str, Any] = {
        "session_id": UUID(int=1), "user_id": None, "status": "active", "version": 9, "config": SessionConfig(),
        "created_at": NOW, "started_at": None, "ended_at": None, "updated_at": NOW, "elapsed": 60, "questions_asked": 2,
        "answers": 2, "utterances": 3, "total_response_time": 9, "api_calls": 3, "total_tokens": 0,
        "report_status": "none",
    }  # fmt: skip
    return View(session=SessionView(**(session | fields)), messages=messages, feedback=feedback)


@pytest.mark.parametrize("phase", get_args(Phase))
@pytest.mark.parametrize("action", [*get_args(Action), "none"])
def test_every_phase_and_action_has_a_word(phase: str, action: str) -> None:
    question = asked(1, 0, phase=phase, action=action)
    shown = turn_answer("int_1", view(question), question)
    assert shown.session_state.current_phase == shown.interviewer_response.action.next_phase
    assert shown.interviewer_response.should_continue is (action not in {"conclude", "none"})


def test_after_the_end_it_is_said_in_the_language_of_the_interview() -> None:
    english = over_message(view()).content
    said = {
        over_message(view(config=SessionConfig(language=tag))).content for tag in ("de-AT", "es", "fr", "hi", "zh_CN")
    }
    assert len(said) == 5 and english not in said
    assert over_message(view(config=SessionConfig(language="pl"))).content == english


def test_the_next_phase_is_told_when_it_changes() -> None:
    first, second, third = asked(1, 0, phase="intro"), asked(3, 1), asked(5, 2)
    talk = (first, answered(2, 0), second, answered(4, 1), third)
    assert turn_answer("int_1", view(*talk[:3]), second).interviewer_response.action.next_phase == "technical"
    shown = turn_answer("int_1", view(*talk), third)
    assert shown.interviewer_response.action.next_phase is None and shown.turn_number == 5


def test_topics_are_those_that_were_answered_in_their_order() -> None:
    talk = (
        asked(1, 0, domain=None), answered(2, 0), asked(3, 1, domain="databases"), answered(4, 1),
        asked(5, 2, domain="backend"), answered(6, 2), asked(7, 3, domain="databases"), answered(8, 3),
        asked(9, 4, domain="security"),
    )  # fmt: skip
    assert session_state("int_1", view(*talk)).topics_covered == ["databases", "backend"]


@pytest.mark.parametrize(("mode", "status", "shown"), [("coaching", "active", 1), ("realistic", "active", 0)])
def test_insights_quote_the_candidate_and_are_withheld_with_the_feedback(mode: str, status: str, shown: int) -> None:
    quote = Quote(text="I measured it", shows="Evidence")
    given = Feedback(judged=True, text="Good.", quotes=(quote,), provenance=SCRIPTED)
    item = FeedbackItem(turn=1, question="Why?", answer="I measured it.", feedback=given)
    state = session_state("int_1", view(feedback=(item,), config=SessionConfig(mode=mode), status=status))
    assert state.insights == ["Evidence: “I measured it”"] * shown


def test_an_interview_that_is_over_has_its_evaluation_once_it_is_written() -> None:
    assert session_state("int_1", view(status="completed")).evaluation is None
    report = Report(
        patterns_tendencies="P", strengths="S", weaknesses="W", improvement_focus_areas="I", summary="Solid.",
        strength_points=("Measures",), weakness_points=("Trade-offs",), overall_score=0.75, provenance=SCRIPTED,
        insights=("Evidence: “I measured it”",),
    )  # fmt: skip
    state = session_state("int_1", view(status="completed", report=report))
    assert state.evaluation is not None and state.evaluation.overall_score == 0.75
    assert state.evaluation.strengths == ["Measures"] and state.evaluation.improvements == ["Trade-offs"]
    assert state.insights == ["Evidence: “I measured it”"]
