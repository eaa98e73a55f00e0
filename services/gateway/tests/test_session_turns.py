"""An interview turn by turn."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from contracts.session.asks import FeedbackItem, Message, SessionView, View
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.provenance import Provenance
from gateway.dialects.ours.session_shapes import turns

NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)


def message(seq: int, role: Any, turn: int, kind: str | None = None) -> Message:
    about = {"phase": "technical", "domain": "backend", "difficulty": "hard"} if role == "assistant" else {}
    return Message(
        seq=seq, role=role, content=f"{role} {turn}", created_at=NOW, turn=turn, response_type=kind, metadata=about
    )


TALK = (
    message(1, "assistant", 0, "introduction"), message(2, "user", 0), message(3, "assistant", 1, "question"),
    message(4, "user", 1), message(5, "assistant", 2, "closing"),
)  # fmt: skip


def view(mode: Any = "coaching", status: Any = "active", messages: tuple[Message, ...] = TALK) -> View:
    given = Feedback(
        judged=True, text="Good.", score=0.5, evidence="sufficient", provenance=Provenance(engine="scripted")
    )
    session = SessionView(
        session_id=UUID(int=1), user_id=None, status=status, version=9, config=SessionConfig(mode=mode), created_at=NOW,
        started_at=None, ended_at=None, updated_at=NOW, elapsed=60, questions_asked=2, answers=2, utterances=3,
        total_response_time=9, api_calls=3, total_tokens=0, report_status="none",
    )  # fmt: skip
    items = tuple(FeedbackItem(turn=n, question="Q", answer="A", feedback=given if n == 0 else None) for n in (0, 1))
    return View(session=session, messages=messages, feedback=items)


def test_each_question_comes_with_its_answer_and_what_is_said_about_it() -> None:
    first, second = turns(view()).turns
    assert (first.question, first.answer, first.score, first.evidence) == ("assistant 0", "user 0", 0.5, "sufficient")
    assert first.feedback is not None and first.feedback.feedback_text == "Good."
    assert (second.kind, second.domain, second.difficulty) == ("question", "backend", "hard")
    assert (second.answer, second.feedback, second.score, second.evidence) == ("user 1", None, 0.0, "insufficient")


def test_a_question_that_waits_has_no_answer() -> None:
    assert turns(view(messages=TALK[:3])).turns[-1].answer is None


@pytest.mark.parametrize(("status", "shown"), [("active", False), ("completed", True)])
def test_feedback_is_withheld_as_everywhere(status: str, shown: bool) -> None:
    assert (turns(view("realistic", status)).turns[0].feedback is not None) is shown
