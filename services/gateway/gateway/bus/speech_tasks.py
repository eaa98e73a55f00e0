"""Pieces of work for speech that belong to no answer, in Postgres: what was asked for, and what became of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from runtime.sql.tenants import Tenant
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlmodel import col

from gateway.models import SpeechTask

TaskType = Literal["stt_batch", "tts", "stt_stream"]
_PURGING = "SELECT set_config('parley.purging', 'old tasks', true)"


@dataclass(frozen=True)
class _Tasks(Tenant):
    """Whose tasks a transaction reaches: one, or those of a session."""

    task_id: UUID | None = None
    session_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as it stands."""

    status: Literal["processing", "completed", "error"]
    progress: dict[str, Any]
    result: dict[str, Any] | None
    error: str | None
    created_at: datetime
    updated_at: datetime


_COLUMNS = (
    col(SpeechTask.status),
    col(SpeechTask.progress_data),
    col(SpeechTask.result_data),
    col(SpeechTask.error_message),
    col(SpeechTask.created_at),
    col(SpeechTask.updated_at),
)


class TaskRows:
    """The table of tasks. They are kept for a day after the last that happened to them."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    async def add(self, task_id: UUID, user_id: UUID | None, session_id: UUID | None, kind: TaskType) -> None:
        """A new one, which is being worked on."""
        async with self._reaching(_Tasks(user_id, task_id=task_id)) as database:
            database.add(
                SpeechTask(
                    task_id=task_id,
                    user_id=user_id,
                    session_id=session_id,
                    task_type=kind,
                    progress_data={"stage": "received", "percent": 0},
                )
            )

    async def note(self, user_id: UUID | None, session_id: UUID | None, kind: TaskType, result: dict[str, Any]) -> None:
        """One that is done already."""
        task_id = uuid4()
        async with self._reaching(_Tasks(user_id, task_id=task_id)) as database:
            database.add(
                SpeechTask(
                    task_id=task_id,
                    user_id=user_id,
                    session_id=session_id,
                    task_type=kind,
                    status="completed",
                    progress_data={"stage": "done", "percent": 100},
                    result_data=result,
                )
            )

    async def find(self, task_id: UUID) -> TaskRow | None:
        """A task; whoever knows its id may see it."""
        async with self._reaching(_Tasks(None, task_id=task_id)) as database:
            row = (await database.execute(select(*_COLUMNS).where(col(SpeechTask.task_id) == task_id))).first()
        return TaskRow(*row) if row else None

    async def advance(self, task_id: UUID, percent: int) -> None:
        """Say how far it is. What comes late, or after the end, changes nothing."""
        statement = (
            update(SpeechTask)
            .where(
                col(SpeechTask.task_id) == task_id,
                col(SpeechTask.status) == "processing",
                col(SpeechTask.progress_data)["percent"].as_integer() < percent,
            )
            .values(progress_data={"stage": "recognising", "percent": percent}, updated_at=func.now())
            .execution_options(synchronize_session=False)
        )
        async with self._reaching(_Tasks(None, task_id=task_id)) as database:
            await database.execute(statement)

    async def finish(self, task_id: UUID, result: dict[str, Any] | None, error: str | None) -> None:
        """Say what became of it, unless that was said before; nothing where there is no such task."""
        done = {
            "status": "error" if error else "completed",
            "progress_data": {"stage": "done", "percent": 100},
            "result_data": result,
            "error_message": error,
            "updated_at": func.now(),
        }
        statement = (
            update(SpeechTask)
            .where(col(SpeechTask.task_id) == task_id, col(SpeechTask.status) == "processing")
            .values(**done)
            .execution_options(synchronize_session=False)
        )
        async with self._reaching(_Tasks(None, task_id=task_id)) as database:
            await database.execute(statement)

    async def forget(self, session_id: UUID) -> None:
        """Delete what was linked to a session."""
        async with self._reaching(_Tasks(None, session_id=session_id)) as database:
            await database.execute(delete(SpeechTask).where(col(SpeechTask.session_id) == session_id))

    async def purge(self) -> None:
        """Delete what is old."""
        old = col(SpeechTask.updated_at) < func.now() - text("interval '1 day'")
        async with self._sessions.begin() as database:
            await database.execute(text(_PURGING))
            await database.execute(delete(SpeechTask).where(old))

    @asynccontextmanager
    async def _reaching(self, tasks: _Tasks) -> AsyncIterator[AsyncSession]:
        async with self._sessions.begin() as database:
            await database.execute(text(tasks.settings_sql))
            yield database
