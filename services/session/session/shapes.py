"""What is told to others, made from events and rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from contracts import Contract, Event, Payload
from contracts.session.asks import FeedbackItem, Message, SessionScore, SessionView
from contracts.session.events import (
    AnswerRecorded,
    Corrected,
    FeedbackRecorded,
    QuestionAsked,
    ReportDue,
    Reset,
    Retried,
)
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.report import Report
from contracts.vocabulary.turn import TranscriptTurn
from parley_text.questions import asked_in

from session.models import MessageRow, SessionRow

PART_BYTES = 512 * 1024
"""How much of a list travels in one answer; the caller asks for the rest."""
Item = TypeVar("Item", bound=Contract)


def turns(events: Sequence[Event[Payload]]) -> list[TranscriptTurn]:
    """The whole transcript, since the last reset. A turn in which the question stood has that question: the words of a
    clarification begin with what was said to a remark, and nobody wants to be quoted those as the question."""
    found: list[TranscriptTurn] = []
    for event in events:
        match event.data:
            case QuestionAsked() as data:
                stands = found and data.question.kind == "clarification"
                question = found[-1].question if stands else data.question
                found.append(
                    TranscriptTurn(turn=data.turn, question_id=event.id, question=question, asked_at=event.occurred_at)
                )
            case AnswerRecorded() as data:
                answer = {"answer": data.text, "answered_at": event.occurred_at, "spoken": data.spoken}
                found[data.turn] = found[data.turn].model_copy(update=answer)
            case Corrected() as data:
                found[data.turn] = _corrected(found[data.turn], data.text)
            case Retried() as data:
                found[data.turn] = _tried_again(found[data.turn], data.text)
            case FeedbackRecorded() as data:
                found[data.turn] = _judged(found[data.turn], data.feedback)
            case Reset():
                found.clear()
            case _:
                pass
    return found


def up_to_report(events: Sequence[Event[Payload]], version: int) -> Sequence[Event[Payload]]:
    """What had happened when that version of the report fell due; all where it never did."""
    due = [at for at, event in enumerate(events) if isinstance(event.data, ReportDue) and event.data.version == version]
    return events[: due[-1]] if due else events


def items_of(transcript: Sequence[TranscriptTurn]) -> list[FeedbackItem]:
    """The answers of a transcript, each with its question and the feedback on it."""
    return [
        FeedbackItem(
            turn=each.turn,
            question=asked_in(each.question.text, each.question.phase),
            answer=each.answer,
            feedback=each.feedback,
        )
        for each in transcript
        if each.answer is not None
    ]


def _corrected(turn: TranscriptTurn, text: str) -> TranscriptTurn:
    spoken = turn.spoken.corrected() if turn.spoken else None
    return turn.model_copy(update={"answer": text, "spoken": spoken})


def _tried_again(turn: TranscriptTurn, text: str) -> TranscriptTurn:
    """With another attempt, whose feedback is due."""
    earlier = turn.attempts or (turn.feedback.score if turn.feedback else None,)
    return turn.model_copy(update={"answer": text, "feedback": None, "attempts": (*earlier, None), "spoken": None})


def _judged(turn: TranscriptTurn, feedback: Feedback) -> TranscriptTurn:
    attempts = (*turn.attempts[:-1], feedback.score) if turn.attempts else ()
    return turn.model_copy(update={"feedback": feedback, "attempts": attempts})


def fitting(items: Sequence[Item], room: int = PART_BYTES) -> list[Item]:
    """As many as fit in `room` bytes, and always one."""
    taken: list[Item] = []
    for item in items:
        room -= len(item.model_dump_json().encode())
        if room < 0 and taken:
            break
        taken.append(item)
    return taken


def message(row: MessageRow) -> Message:
    """A message of the conversation."""
    return Message.model_validate(
        {
            "seq": row.seq,
            "id": row.event_id,
            "role": row.role,
            "content": row.content,
            "created_at": row.created_at,
            "turn": row.turn,
            "response_type": row.response_type,
            "metadata": row.message_metadata,
        }
    )


def feedback_items(messages: Sequence[MessageRow], feedback: dict[int, Feedback]) -> list[FeedbackItem]:
    """The answers, each with the question that stood, as above, and the feedback on it."""
    questions: dict[int, str] = {}
    for each in messages:
        if each.role == "assistant":
            own = asked_in(each.content, each.message_metadata["phase"])
            stands = each.response_type == "clarification"
            questions[each.turn] = questions.get(each.turn - 1, own) if stands else own
    return [
        FeedbackItem(
            turn=each.turn,
            question=questions.get(each.turn, ""),
            answer=each.content,
            feedback=feedback.get(each.turn),
        )
        for each in messages
        if each.role == "user"
    ]


def session_view(row: SessionRow) -> SessionView:
    """A session as clients see it."""
    report = Report.model_validate(row.final_summary) if row.final_summary else None
    return _view(row, row.session_config, report, report.overall_score if report else None)


def listed_view(row: SessionRow, config: dict[str, Any], overall_score: float | None) -> SessionView:
    """The same without its words: `config` is the configuration without its texts, and only the score of the report is
    told."""
    return _view(row, config, None, overall_score)


def _view(row: SessionRow, config: dict[str, Any], report: Report | None, score: float | None) -> SessionView:
    stats = row.session_stats
    return SessionView.model_validate(
        {
            "session_id": row.session_id,
            "user_id": row.user_id,
            "status": row.status,
            "ending": row.ending,
            "version": row.version,
            "config": SessionConfig.model_validate(config),
            "dialect": row.dialect,
            "created_at": row.created_at,
            "started_at": row.started_at,
            "ended_at": row.ended_at,
            "updated_at": row.updated_at,
            "elapsed": _elapsed(row),
            "questions_asked": stats["questions_asked"],
            "answers": stats["answers"],
            "utterances": stats["messages"] - stats["answers"],
            "api_calls": stats["api_calls"],
            "total_response_time": stats["total_response_time"],
            "total_tokens": stats["tokens"],
            "report_status": row.report_status,
            "report": report,
            "overall_score": score,
            "report_error": row.report_error,
            "report_version": stats.get("reported_version", 0),
            "total_cost": stats.get("cost"),
        }
    )


def session_score(row: SessionRow) -> SessionScore:
    """What a session's report came to."""
    report = Report.model_validate(row.final_summary)
    return SessionScore(
        session_id=row.session_id,
        job_role=row.session_config["job_role"],
        mode=row.session_config["mode"],
        ended_at=row.ended_at or row.updated_at,
        questions=row.session_stats["questions_asked"],
        overall_score=report.overall_score,
        criteria=report.statistics.criteria,
        domains=report.statistics.domains,
        provenance=report.provenance,
    )


def _elapsed(row: SessionRow) -> float:
    if row.started_at is None:
        return 0.0
    if row.ended_at is not None:
        return float(row.session_stats["elapsed"])
    until = row.paused_at or datetime.now(UTC)
    return max(0.0, (until - row.started_at).total_seconds() - float(row.session_stats["paused_for"]))
