"""Answers to what other services ask: from the history where it must be exact, from read models elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from contracts import Event, Payload
from contracts.session.asks import (
    History,
    HistoryAsk,
    ListAsk,
    Outcome,
    OutcomeAsk,
    Owner,
    OwnerAsk,
    Progress,
    ProgressAsk,
    ReportAnswer,
    ReportAsk,
    SessionList,
    SessionStatus,
    Transcript,
    TranscriptAsk,
    View,
    ViewAsk,
)
from contracts.session.events import (
    AnswerRecorded,
    AnswerRepeated,
    AnswerUnheard,
    AudioReceived,
    Completed,
    Corrected,
    Created,
    Paused,
    QuestionAsked,
    Reconfigured,
    Recorded,
    Refused,
    ReportDue,
    ReportRecorded,
    Reset,
    Resumed,
    Retried,
)
from contracts.vocabulary.judgement import Feedback
from runtime.database import Database
from runtime.sql.tenants import as_role
from sqlalchemy import ARRAY, Float, Text, cast, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import defer
from sqlmodel import col, select

from session.domain.state import State
from session.models import FeedbackRow, MessageRow, SessionRow
from session.shapes import (
    PART_BYTES,
    feedback_items,
    fitting,
    items_of,
    listed_view,
    message,
    session_score,
    session_view,
    turns,
    up_to_report,
)
from session.store import EventStore
from session.tenant import SWEEPER_ROLE, Tenant

HISTORY_LIMIT = 200
_TEXTS = ["resume_content", "job_description", "questions"]
"""What makes a configuration large."""
_OUTCOMES = (
    Created,
    Reconfigured,
    QuestionAsked,
    AnswerUnheard,
    Refused,
    Paused,
    Resumed,
    Completed,
    Corrected,
    Retried,
    Reset,
)


class Views:
    """Read side of the session service."""

    def __init__(self, store: EventStore, engine: AsyncEngine, database: Database) -> None:
        self._store = store
        self._engine = engine
        self._database = database

    async def outcome(self, ask: OutcomeAsk) -> Outcome:
        """Where a session stands and what came of a message."""
        state = await self._store.load(ask.session_id, ask.user_id)
        if not state.exists:
            return Outcome()
        if ask.message_id is None:
            return Outcome(session=status_of(state))
        events = await self._came_of(ask, ask.message_id)
        if not events:
            return Outcome(session=status_of(state))
        first = events[0].data
        return Outcome(
            session=status_of(state),
            known=True,
            request_hash=first.request_hash if isinstance(first, Recorded) else None,
            event=_outcome_event(events) or await self._overtaken_by(state, events, ask),
        )

    async def _came_of(self, ask: OutcomeAsk, message_id: UUID) -> Sequence[Event[Payload]]:
        """What was recorded because of a message: of a repeat, what was because of the first."""
        events = await self._store.correlated(ask.session_id, ask.user_id, message_id)
        if events and isinstance(events[0].data, AnswerRepeated):
            return await self._store.correlated(ask.session_id, ask.user_id, events[0].data.request_id)
        return events

    async def _overtaken_by(
        self, state: State, events: Sequence[Event[Payload]], ask: OutcomeAsk
    ) -> Event[Payload] | None:
        """What took the place of a reply: a reset, or the reply to the answer as it went on."""
        given = next(
            (event for event in reversed(events) if isinstance(event.data, (AnswerRecorded, AudioReceived))), None
        )
        standing = {each.id for each in state.answers.values()} | ({state.unheard.id} if state.unheard else set())
        if given is None or given.id in standing:
            return None
        after = given.stream_version or 0
        later = await self._store.history(ask.session_id, ask.user_id, after=after, limit=HISTORY_LIMIT)
        recorded = given.data
        assert isinstance(recorded, (AnswerRecorded, AudioReceived))
        return next((event for event in later if _ends_the_wait(event, recorded.turn)), None)

    async def transcript(self, ask: TranscriptAsk) -> Transcript:
        """All turns from `from_turn` on, as far as they fit."""
        state = await self._store.load(ask.session_id, ask.user_id)
        if not state.exists:
            return Transcript(found=False)
        whole = turns(await self._store.history(ask.session_id, ask.user_id, after=0))
        part = fitting(whole[ask.from_turn :])
        rest = ask.from_turn + len(part)
        next_turn = rest if rest < len(whole) else None
        return Transcript(found=True, config=state.config, turns=tuple(part), next_turn=next_turn)

    async def history(self, ask: HistoryAsk) -> History:
        """Events after a stream version."""
        events = await self._store.history(ask.session_id, ask.user_id, after=ask.after, limit=HISTORY_LIMIT + 1)
        part = fitting(events[:HISTORY_LIMIT])
        found = bool(events) or (await self._store.load(ask.session_id, ask.user_id)).exists
        return History(found=found, events=tuple(part), more=len(events) > len(part))

    async def view(self, ask: ViewAsk) -> View:
        """A session with its messages and feedback, from the read models."""
        async with self._reading(Tenant(ask.user_id, ask.session_id)) as database:
            row = await database.get(SessionRow, ask.session_id)
            if row is None:
                return View()
            messages = await self._messages(database, ask.session_id) if ask.messages or ask.feedback else []
            feedback = await self._feedback(database, ask.session_id) if ask.feedback else {}
        shown = [message(each) for each in messages if ask.messages and each.seq >= ask.from_seq]
        if ask.report_version is None:
            all_judged = feedback_items(messages, feedback) if ask.feedback else []
        else:
            history = await self._store.history(ask.session_id, ask.user_id, after=0)
            all_judged = items_of(turns(up_to_report(history, ask.report_version))) if ask.feedback else []
        judged = all_judged[ask.from_item :]
        part, items = fitting(shown, PART_BYTES // 2), fitting(judged, PART_BYTES // 2)
        return View(
            session=session_view(row),
            messages=tuple(part),
            next_seq=shown[len(part)].seq if len(part) < len(shown) else None,
            feedback=tuple(items),
            next_item=ask.from_item + len(items) if len(items) < len(judged) else None,
        )

    async def report(self, ask: ReportAsk) -> ReportAnswer:
        """A version of the report, from the history: the read model has the newest only."""
        events = await self._store.history(ask.session_id, ask.user_id, after=0)
        if not events:
            return ReportAnswer(found=False)
        written: dict[int, Event[Payload]] = {}
        for event in events:
            if isinstance(event.data, Reset):
                written.clear()
            elif isinstance(event.data, ReportRecorded) and event.data.report is not None:
                written[event.data.version] = event
        version = ask.version if ask.version is not None else max(written, default=None)
        chosen = written.get(version) if version is not None else None
        if chosen is None:
            return ReportAnswer(found=True, versions=tuple(written))
        data = chosen.data
        assert isinstance(data, ReportRecorded)
        return ReportAnswer(
            found=True, version=version, report=data.report, written_at=chosen.occurred_at, versions=tuple(written)
        )

    async def progress(self, ask: ProgressAsk) -> Progress:
        """What a user's reports came to, oldest first."""
        query = (
            select(SessionRow)
            .where(SessionRow.user_id == ask.user_id, col(SessionRow.final_summary).is_not(None))
            .order_by(col(SessionRow.ended_at).desc())
            .limit(ask.limit)
        )
        async with self._reading(Tenant(ask.user_id)) as database:
            rows = (await database.execute(query)).scalars().all()
        return Progress(sessions=tuple(session_score(row) for row in reversed(rows)))

    async def owner(self, ask: OwnerAsk) -> Owner:
        """Whose session it is, for somebody who knows its id and no more."""
        async with as_role(self._database, SWEEPER_ROLE) as connection:
            row = await connection.fetchrow(
                "SELECT user_id FROM session.sessions WHERE session_id = $1", ask.session_id
            )
        return Owner(found=row is not None, user_id=row["user_id"] if row else None)

    async def list(self, ask: ListAsk) -> SessionList:
        """A user's sessions, newest first. Their large columns stay where they are."""
        config = col(SessionRow.session_config).op("-")(cast(_TEXTS, ARRAY(Text)))
        score = cast(col(SessionRow.final_summary)["overall_score"].astext, Float)
        query = (
            select(SessionRow, config, score)
            .options(defer(SessionRow.session_config), defer(SessionRow.final_summary))  # type: ignore[arg-type]
            .where(SessionRow.user_id == ask.user_id)
            .order_by(col(SessionRow.created_at).desc(), col(SessionRow.session_id))
            .limit(ask.limit + 1)
            .offset(ask.offset)
        )
        if ask.statuses:
            query = query.where(col(SessionRow.status).in_(ask.statuses))
        if ask.dialect:
            query = query.where(SessionRow.dialect == ask.dialect)
        async with self._reading(Tenant(ask.user_id)) as database:
            rows = (await database.execute(query)).all()
        part = fitting([listed_view(*row) for row in rows[: ask.limit]])
        rest = ask.offset + len(part) if len(part) < len(rows) else None
        return SessionList(sessions=tuple(part), next_offset=rest)

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


def status_of(state: State) -> SessionStatus:
    """Where a session stands."""
    return SessionStatus(
        status=state.status,
        version=state.version,
        question_id=state.current.id if state.current else None,
        reply_pending=state.awaited,
        withheld=state.config.mode == "realistic" and not state.over,
    )


def _ends_the_wait(event: Event[Payload], turn: int) -> bool:
    replied = isinstance(event.data, QuestionAsked) and event.data.turn == turn + 1
    return replied or isinstance(event.data, Reset)


def _outcome_event(events: Sequence[Event[Payload]]) -> Event[Payload] | None:
    """What the request came to; feedback and the report also come of it, but are not what it waits for."""
    if isinstance(events[0].data, ReportDue):  # wanted by the request itself
        return events[0]
    return next((event for event in events if isinstance(event.data, _OUTCOMES)), None)
