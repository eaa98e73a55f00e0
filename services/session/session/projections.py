"""The read models, as rows computed from an event and the states around it. Live writes and rebuilds share this."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from contracts import Event, Payload
from contracts.session.events import AnswerRecorded, Corrected, FeedbackRecorded, QuestionAsked, Reset, Retried

from session.domain.state import State

Row = dict[str, Any]
"""Values by column, without those that say whose row it is."""


@dataclass
class Changes:
    """What some events change in the read models; `cleared` drops a session's earlier messages and feedback.

    `revised` are answers whose message is there already and gets another text.
    """

    cleared: bool = False
    messages: list[Row] = field(default_factory=list)
    revised: list[Row] = field(default_factory=list)
    feedback: list[Row] = field(default_factory=list)

    def revise(self, turn: int, content: str, **metadata: Any) -> None:
        """Give the answer of a turn another text; what is known about it is added to."""
        for row in self.messages:
            if row["role"] == "user" and row["turn"] == turn:
                row["content"] = content
                row["message_metadata"] = row["message_metadata"] | metadata
                return
        self.revised.append({"turn": turn, "content": content, "message_metadata": metadata})

    def judge(self, row: Row) -> None:
        """The newest feedback on a turn is the one that holds."""
        self.feedback = [each for each in self.feedback if each["turn"] != row["turn"]]
        self.feedback.append(row)


def project(events: Iterable[Event[Payload]]) -> Changes:
    """The changes of consecutive events of one session."""
    changes = Changes()
    for event in events:
        match event.data:
            case QuestionAsked() as data:
                changes.messages.append(_asked(event, data))
            case AnswerRecorded() as data if data.revision > 1:
                changes.revise(data.turn, data.text)
            case AnswerRecorded() as data:
                changes.messages.append(_answered(event, data))
            case Corrected() as data:
                changes.revise(data.turn, data.text, corrected=True, unsure=[])
            case Retried() as data:
                changes.revise(data.turn, data.text, retried=True, unsure=[], spoken=None)
            case FeedbackRecorded() as data:
                changes.judge(_judged(event, data))
            case Reset():
                changes = Changes(cleared=True)
            case _:
                pass
    return changes


def _asked(event: Event[Payload], data: QuestionAsked) -> Row:
    return {
        "seq": event.stream_version,
        "event_id": event.id,
        "turn": data.turn,
        "role": "assistant",
        "content": data.question.text,
        "response_type": data.response_type,
        "message_metadata": data.public_metadata(),
        "created_at": event.occurred_at,
    }


def _answered(event: Event[Payload], data: AnswerRecorded) -> Row:
    return {
        "seq": event.stream_version,
        "event_id": event.id,
        "turn": data.turn,
        "role": "user",
        "content": data.text,
        "response_type": None,
        "message_metadata": _how_it_was_said(data),
        "created_at": event.occurred_at,
    }


def _how_it_was_said(data: AnswerRecorded) -> dict[str, Any]:
    """What is known of an answer that was spoken; nothing of others."""
    if data.spoken is None:
        return {}
    spoken = data.spoken.model_dump(mode="json")
    return {"unsure": spoken.pop("unsure"), "spoken": spoken}


def _judged(event: Event[Payload], data: FeedbackRecorded) -> Row:
    return {
        "turn": data.turn,
        "score": data.feedback.score,
        "feedback": data.feedback.model_dump(mode="json"),
        "created_at": event.occurred_at,
    }


def session_row(state: State, before: State | None = None) -> Row:
    """The row of `sessions`; without its large columns where they are as they were `before`."""
    row = _small_columns(state)
    if before is None or not before.exists or state.config is not before.config:
        row["session_config"] = state.config.model_dump(mode="json")
    if before is None or not before.exists or state.report is not before.report:
        row["final_summary"] = state.report.model_dump(mode="json") if state.report else None
    return row


def _small_columns(state: State) -> Row:
    return {
        "session_id": state.session_id,
        "user_id": state.user_id,
        "dialect": state.dialect,
        "version": state.version,
        "status": state.status,
        "ending": state.ending,
        "session_stats": statistics(state),
        "report_status": state.report_status,
        "report_version": state.report_version,
        "report_error": state.report_error,
        "created_at": state.created_at,
        "updated_at": state.updated_at,
        "started_at": state.started_at,
        "paused_at": state.paused_at,
        "ended_at": state.ended_at,
    }


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
        "cost": state.cost,
        "reported_version": state.reported_version,
        "api_calls": len(state.asked)
        + len(state.scores)
        + sum(map(len, state.attempts.values()))
        + state.reported_version,
    }
