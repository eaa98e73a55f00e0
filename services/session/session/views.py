"""Answers to what other services ask: from the history where it must be exact, from read models elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from contracts import Contract, Event, Payload
from contracts.asks import (
    FeedbackItem,
    History,
    HistoryAsk,
    ListAsk,
    Message,
    Outcome,
    OutcomeAsk,
    SessionList,
    SessionView,
    Standing,
    Transcript,
    TranscriptAsk,
    View,
    ViewAsk,
)
from contracts.interview import Feedback, Report, SessionConfig, TranscriptTurn
from contracts.session import (
    AnswerRecorded,
    Completed,
    Created,
    FeedbackRecorded,
    Paused,
    QuestionAsked,
    Recorded,
    Refused,
    Reset,
    Resumed,
)
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import col, select

from session.domain.state import State
from session.models import FeedbackRow, MessageRow, SessionRow
from session.store import EventStore
from session.tenant import Tenant

PART_BYTES = 512 * 1024
"""How much of a list travels in one answer; the caller asks for the rest."""
HISTORY_LIMIT = 200
Item = TypeVar("Item", bound=Contract)
_OUTCOMES = (Created, QuestionAsked, Refused, Paused, Resumed, Completed, Reset)


class Views:
    """Read side of the session service."""

    def __init__(self, store: EventStore, engine: AsyncEngine) -> None:
        self._store = store
        self._engine = engine

    async def outcome(self, ask: OutcomeAsk) -> Outcome:
        """Where a session stands and what came of a message."""
        state = await self._store.load(ask.session_id, ask.user_id)
        if not state.exists:
            return Outcome()
        if ask.message_id is None:
            return Outcome(standing=standing(state))
        events = await self._store.correlated(ask.session_id, ask.user_id, ask.message_id)
        if not events:
            return Outcome(standing=standing(state))
        first = events[0].data
        return Outcome(
            standing=standing(state),
            known=True,
            request_hash=first.request_hash if isinstance(first, Recorded) else None,
            event=_outcome_event(events) or await self._overtaken_by(state, events, ask),
        )

    async def _overtaken_by(
        self, state: State, events: Sequence[Event[Payload]], ask: OutcomeAsk
    ) -> Event[Payload] | None:
        """The reset that came before the reply to an answer, if one did."""
        answer = next((event for event in events if isinstance(event.data, AnswerRecorded)), None)
        if answer is None or any(each.id == answer.id for each in state.answers.values()):
            return None
        after = answer.stream_version or 0
        later = await self._store.history(ask.session_id, ask.user_id, after=after, limit=HISTORY_LIMIT)
        return next((event for event in later if isinstance(event.data, Reset)), None)

    async def transcript(self, ask: TranscriptAsk) -> Transcript:
        """All turns from `from_turn` on, as far as they fit."""
        state = await self._store.load(ask.session_id, ask.user_id)
        if not state.exists:
            return Transcript(found=False)
        turns = _turns(await self._store.history(ask.session_id, ask.user_id, after=0))
        fitting = _fitting(turns[ask.from_turn :])
        rest = ask.from_turn + len(fitting)
        next_turn = rest if rest < len(turns) else None
        return Transcript(found=True, config=state.config, turns=tuple(fitting), next_turn=next_turn)

    async def history(self, ask: HistoryAsk) -> History:
        """Events after a stream version."""
        events = await self._store.history(ask.session_id, ask.user_id, after=ask.after, limit=HISTORY_LIMIT + 1)
        fitting = _fitting(events[:HISTORY_LIMIT])
        found = bool(events) or (await self._store.load(ask.session_id, ask.user_id)).exists
        return History(found=found, events=tuple(fitting), more=len(events) > len(fitting))

    async def view(self, ask: ViewAsk) -> View:
        """A session with its messages and feedback, from the read models."""
        async with self._reading(Tenant(ask.user_id, ask.session_id)) as database:
            row = await database.get(SessionRow, ask.session_id)
            if row is None:
                return View()
            messages = await self._messages(database, ask.session_id) if ask.messages or ask.feedback else []
            feedback = await self._feedback(database, ask.session_id) if ask.feedback else {}
        shown = [_message(each) for each in messages if ask.messages and each.seq >= ask.from_seq]
        judged = _feedback_items(messages, feedback)[ask.from_item :] if ask.feedback else []
        said, items = _fitting(shown, PART_BYTES // 2), _fitting(judged, PART_BYTES // 2)
        return View(
            session=_session_view(row),
            messages=tuple(said),
            next_seq=shown[len(said)].seq if len(said) < len(shown) else None,
            feedback=tuple(items),
            next_item=ask.from_item + len(items) if len(items) < len(judged) else None,
        )

    async def list(self, ask: ListAsk) -> SessionList:
        """A user's sessions, newest first."""
        query = (
            select(SessionRow)
            .where(SessionRow.user_id == ask.user_id)
            .order_by(col(SessionRow.created_at).desc())
            .limit(ask.limit)
            .offset(ask.offset)
        )
        async with self._reading(Tenant(ask.user_id)) as database:
            rows = (await database.execute(query)).scalars().all()
        return SessionList(sessions=tuple(_session_view(row) for row in rows))

    async def _messages(self, database: AsyncSession, session_id: UUID) -> Sequence[MessageRow]:
        query = select(MessageRow).where(MessageRow.session_id == session_id).order_by(col(MessageRow.seq))
        return (await database.execute(query)).scalars().all()

    async def _feedback(self, database: AsyncSession, session_id: UUID) -> dict[int, Feedback]:
        query = select(FeedbackRow).where(FeedbackRow.session_id == session_id)
        rows = (await database.execute(query)).scalars().all()
        return {row.turn: Feedback.model_validate(row.feedback) for row in rows}

    @asynccontextmanager
    async def _reading(self, tenant: Tenant) -> AsyncIterator[AsyncSession]:
        async with AsyncSession(self._engine, expire_on_commit=False) as database, database.begin():
            await database.execute(text(tenant.settings_sql))
            yield database


def standing(state: State) -> Standing:
    """Where a session stands."""
    return Standing(
        status=state.status,
        version=state.version,
        question_id=state.current.id if state.current else None,
        reply_due=state.reply_due_to is not None,
    )


def _outcome_event(events: Sequence[Event[Payload]]) -> Event[Payload] | None:
    """What the request came to; feedback and the report also come of it, but are not what it waits for."""
    return next((event for event in events if isinstance(event.data, _OUTCOMES)), None)


def _turns(events: Sequence[Event[Payload]]) -> list[TranscriptTurn]:
    """The whole transcript, since the last reset."""
    turns: list[TranscriptTurn] = []
    for event in events:
        match event.data:
            case QuestionAsked() as data:
                turns.append(
                    TranscriptTurn(
                        turn=data.turn, question_id=event.id, question=data.question, asked_at=event.occurred_at
                    )
                )
            case AnswerRecorded() as data:
                said = {"answer": data.text, "answered_at": event.occurred_at}
                turns[data.turn] = turns[data.turn].model_copy(update=said)
            case FeedbackRecorded() as data:
                turns[data.turn] = turns[data.turn].model_copy(update={"feedback": data.feedback})
            case Reset():
                turns.clear()
            case _:
                pass
    return turns


def _fitting(items: Sequence[Item], room: int = PART_BYTES) -> list[Item]:
    """As many as fit in `room` bytes, and always one."""
    taken: list[Item] = []
    for item in items:
        room -= len(item.model_dump_json().encode())
        if room < 0 and taken:
            break
        taken.append(item)
    return taken


def _message(row: MessageRow) -> Message:
    return Message.model_validate(
        {
            "seq": row.seq,
            "role": row.role,
            "content": row.content,
            "created_at": row.created_at,
            "turn": row.turn,
            "response_type": row.response_type,
            "metadata": row.message_metadata,
        }
    )


def _feedback_items(messages: Sequence[MessageRow], feedback: dict[int, Feedback]) -> list[FeedbackItem]:
    questions = {each.turn: each.content for each in messages if each.role == "assistant"}
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


def _session_view(row: SessionRow) -> SessionView:
    stats = row.session_stats
    return SessionView.model_validate(
        {
            "session_id": row.session_id,
            "user_id": row.user_id,
            "status": row.status,
            "ending": row.ending,
            "version": row.version,
            "config": SessionConfig.model_validate(row.session_config),
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
            "report": Report.model_validate(row.final_summary) if row.final_summary else None,
            "report_error": row.report_error,
        }
    )


def _elapsed(row: SessionRow) -> float:
    if row.started_at is None:
        return 0.0
    if row.ended_at is not None:
        return float(row.session_stats["elapsed"])
    until = row.paused_at or datetime.now(UTC)
    return max(0.0, (until - row.started_at).total_seconds() - float(row.session_stats["paused_for"]))
