"""The read models, as rows computed from an event and the states around it. Live writes and rebuilds share this."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts import Event, Payload
from contracts.session import AnswerRecorded, FeedbackRecorded, QuestionAsked, Reset

from session.domain.state import State


@dataclass(frozen=True)
class MessageValues:
    """One row of `messages`."""

    seq: int
    event_id: UUID
    turn: int
    role: str
    content: str
    response_type: str | None
    metadata: str
    created_at: datetime


@dataclass(frozen=True)
class FeedbackValues:
    """One row of `feedback`."""

    turn: int
    score: float | None
    feedback: str
    created_at: datetime


@dataclass
class Changes:
    """What some events change in the read models; `cleared` drops a session's earlier messages and feedback."""

    cleared: bool = False
    messages: list[MessageValues] = field(default_factory=list)
    feedback: list[FeedbackValues] = field(default_factory=list)


def project(events: list[Event[Payload]]) -> Changes:
    """The changes of consecutive events of one session."""
    changes = Changes()
    for event in events:
        match event.data:
            case QuestionAsked() as data:
                changes.messages.append(_asked(event, data))
            case AnswerRecorded() as data:
                changes.messages.append(_answered(event, data))
            case FeedbackRecorded() as data:
                changes.feedback.append(
                    FeedbackValues(
                        data.turn, data.feedback.score, data.feedback.model_dump_json(), event.occurred_at
                    )
                )
            case Reset():
                changes = Changes(cleared=True)
            case _:
                pass
    return changes


def _asked(event: Event[Payload], data: QuestionAsked) -> MessageValues:
    return MessageValues(
        seq=event.stream_version or 0,
        event_id=event.id,
        turn=data.turn,
        role="assistant",
        content=data.question.text,
        response_type=data.response_type,
        metadata=json.dumps(data.public_metadata()),
        created_at=event.occurred_at,
    )


def _answered(event: Event[Payload], data: AnswerRecorded) -> MessageValues:
    return MessageValues(
        seq=event.stream_version or 0,
        event_id=event.id,
        turn=data.turn,
        role="user",
        content=data.text,
        response_type=None,
        metadata="{}",
        created_at=event.occurred_at,
    )


def session_values(state: State) -> tuple[Any, ...]:
    """The row of `sessions`, in the order of SESSION_COLUMNS."""
    return (
        state.session_id,
        state.user_id,
        state.version,
        state.status,
        state.ending,
        state.config.model_dump_json(),
        json.dumps(statistics(state)),
        state.report_status,
        state.report_version,
        state.report_error,
        state.report.model_dump_json() if state.report else None,
        state.created_at,
        state.updated_at,
        state.started_at,
        state.paused_at,
        state.ended_at,
    )


SESSION_COLUMNS = (
    "session_id", "user_id", "version", "status", "ending", "session_config", "session_stats", "report_status",
    "report_version", "report_error", "final_summary", "created_at", "updated_at", "started_at", "paused_at", "ended_at",
)  # fmt: skip


def statistics(state: State) -> dict[str, Any]:
    """Counts and times of an interview; times are in seconds. A response time is from question to answer."""
    times = [
        (answer.at - state.asked[turn].at).total_seconds()
        for turn, answer in state.answers.items()
        if turn < len(state.asked)
    ]
    return {
        "questions_asked": state.questions_asked,
        "answers": len(state.answers),
        "messages": len(state.answers) + len(state.asked),
        "total_response_time": round(sum(times), 3),
        "paused_for": round(state.paused_for, 3),
        "elapsed": round(state.elapsed_at_end, 3),
        "tokens": state.tokens,
        "api_calls": len(state.asked) + len(state.feedback) + (state.report is not None),
    }
