"""How questions and feedback are spelled for the résumé-grounded API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from contracts.session.asks import FeedbackItem, Message
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Phase, QuestionKind
from gateway.dialects.resume.shapes import LATE, WITHHELD, evaluation
from gateway.dialects.rounds import next_question, round_of

NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)


def asked(phase: str, kind: str, **about: Any) -> Message:
    return Message(
        seq=1, role="assistant", content="Why?", created_at=NOW, turn=1, response_type=kind,
        metadata={"phase": phase, **about},
    )  # fmt: skip


@pytest.mark.parametrize("phase", get_args(Phase))
def test_every_phase_belongs_to_a_round(phase: str) -> None:
    assert round_of({"phase": phase})


@pytest.mark.parametrize("kind", [*(kind for kind in get_args(QuestionKind) if kind != "notice"), "status"])
@pytest.mark.parametrize("phase", get_args(Phase))
def test_only_what_asks_something_new_is_a_question(kind: str, phase: str) -> None:
    found = next_question(asked(phase, kind, domain=None, difficulty=None))
    asks = kind in {"introduction", "question", "follow_up"} and phase != "welcome"
    assert (found is not None) == asks
    assert found is None or (found.question_text, found.domain, found.difficulty) == ("Why?", "general", "medium")


@pytest.mark.parametrize(("withheld", "words"), [(True, WITHHELD), (False, LATE)])
def test_what_is_late_or_withheld_says_so_and_counts_nothing(withheld: bool, words: str) -> None:
    shown = evaluation(asked("technical", "question", domain="sql"), None, withheld=withheld)
    assert (shown.score, shown.evidence, shown.feedback.feedback_text, shown.domain) == (
        0,
        "insufficient",
        words,
        "sql",
    )


def test_what_has_no_score_is_shown_as_zero_without_evidence() -> None:
    given = Feedback(judged=False, text="This was practice.", provenance=Provenance(engine="scripted"))
    item = FeedbackItem(turn=1, question="Why?", answer="Because.", feedback=given)
    shown = evaluation(asked("intro", "introduction"), item, withheld=False)
    assert (shown.score, shown.evidence, shown.feedback.feedback_text) == (0, "insufficient", "This was practice.")
    assert None not in shown.feedback.model_dump().values()
