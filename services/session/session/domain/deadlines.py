"""The timers of a session, as a function of its state alone: they appear, move and vanish with the events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from session.domain.state import State

Kind = Literal["reply", "hearing", "review", "feedback", "clock", "abandonment", "report", "retention"]


@dataclass(frozen=True)
class Timeouts:
    """How long to wait for each outcome, in seconds, and how often it is asked for again.

    Services that are merely restarted take the message up again by themselves (the broker redelivers it);
    these are for messages that were lost for good.
    """

    reply: float = 15.0
    hearing: float = 120.0
    feedback: float = 60.0
    report: float = 35.0
    clock_grace: float = 120.0
    abandonment: float = 24 * 3600.0
    attempts: int = 3
    retention: float = 30 * 24 * 3600.0
    """From the end of a session without an account until it is erased; 0 keeps it."""


@dataclass(frozen=True, order=True)
class Key:
    """Names one timer: `ref` is the id of the event whose outcome it waits for, if any."""

    kind: Kind
    ref: str = ""


def deadlines(state: State, timeouts: Timeouts) -> dict[Key, datetime]:
    """When each outcome that is still missing counts as late."""
    rows: dict[Key, datetime] = {}
    if not state.exists:
        return rows
    _reply(state, timeouts, rows)
    if state.unheard is not None:
        rows[Key("hearing", str(state.unheard.id))] = state.unheard.at + timedelta(seconds=timeouts.hearing)
    for answer in state.awaiting_feedback:
        begun = answer.at
        if answer.spoken is not None and answer.spoken.review_until is not None:
            rows[Key("review", str(answer.id))] = begun = answer.spoken.review_until
        rows[Key("feedback", str(answer.id))] = begun + timedelta(seconds=timeouts.feedback)
    if state.report_status == "generating" and state.report_due_at:
        rows[Key("report", str(state.report_due_id))] = state.report_due_at + timedelta(seconds=timeouts.report)
    if state.over:
        if state.user_id is None and state.ended_at and timeouts.retention:
            rows[Key("retention")] = state.ended_at + timedelta(seconds=timeouts.retention)
        return rows
    if state.status == "active" and state.config.use_time_based_interview and state.started_at:
        length = state.duration + state.paused_for + timeouts.clock_grace
        rows[Key("clock")] = state.started_at + timedelta(seconds=length)
    if state.active_at:
        rows[Key("abandonment")] = state.active_at + timedelta(seconds=timeouts.abandonment)
    return rows


def _reply(state: State, timeouts: Timeouts, rows: dict[Key, datetime]) -> None:
    if state.reply_pending_to and state.reply_pending_since:
        rows[Key("reply", str(state.reply_pending_to))] = state.reply_pending_since + timedelta(seconds=timeouts.reply)
