"""Nothing is asked twice because of our own slowness: each job ends before whoever waits for it loses patience."""

from __future__ import annotations

from typing import Any

from annotated_types import Le
from coach import main as coach
from coach import search
from coach.settings import CoachSettings
from gateway.usecases.queries import SKETCH_SECONDS
from interviewer.settings import InterviewerSettings
from pydantic_settings import BaseSettings
from runtime.broker import ASK_SECONDS
from session.domain.deadlines import Timeouts
from session.settings import SessionSettings

TIMEOUTS = SessionSettings().timeouts
DELIVERY = 1.0
"""Seconds for a message there and one back."""


def most(settings: type[BaseSettings], name: str) -> Any:
    """The greatest value that a setting takes."""
    return next(each.le for each in settings.model_fields[name].metadata if isinstance(each, Le))


def test_the_session_waits_longer_than_a_reply_may_take() -> None:
    assert most(InterviewerSettings, "reply_budget") + DELIVERY <= TIMEOUTS.reply


def test_the_session_waits_longer_than_feedback_may_take() -> None:
    assert TIMEOUTS.feedback > coach.FEEDBACK_SECONDS + DELIVERY
    assert most(CoachSettings, "coach_budget") <= coach.FEEDBACK_SECONDS


def test_the_session_waits_longer_than_a_report_may_take() -> None:
    assert TIMEOUTS.report > ASK_SECONDS + coach.REPORT_SECONDS + search.TIMEOUT + DELIVERY


def test_a_client_waits_longer_than_a_better_answer_may_take() -> None:
    assert ASK_SECONDS + coach.SKETCH_SECONDS + DELIVERY < SKETCH_SECONDS


def test_the_domain_waits_as_long_as_the_settings_say() -> None:
    assert Timeouts() == TIMEOUTS
