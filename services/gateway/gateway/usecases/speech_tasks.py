"""What is said in a recording that is nobody's answer: asked for, worked on elsewhere, and looked at later."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from contracts import Event
from contracts.gateway.events import RecordingUploaded
from contracts.speech.events import Progressed, RecognitionFailed, Transcribed
from runtime.telemetry import failure

from gateway.bus.commands import Caller, Commands, Late
from gateway.bus.speech_tasks import TaskRow, TaskRows, TaskType
from gateway.problems import Problem
from gateway.usecases.recordings import Recordings

log = structlog.get_logger()
LOST_AFTER = timedelta(minutes=15)
"""Longer than anything takes: what is not done by then never will be."""
LOST = "Nothing came of this recording. Please send it again."
_LATE = Late("We could not confirm your recording in time. Please send it again.")
LOOK_SECONDS = 0.2
WAIT_SECONDS = 60.0


class NoSuchTask(Problem):
    """No such task, or one that is long done."""

    def __init__(self) -> None:
        super().__init__(404, "This task was not found. Tasks are kept for a day.")


class SpeechTasks:
    """What is asked for, and what became of it."""

    def __init__(self, rows: TaskRows, commands: Commands, recordings: Recordings) -> None:
        self._rows = rows
        self._commands = commands
        self._recordings = recordings

    async def recognise(self, caller: Caller, recording: bytes, language: str, session_id: UUID | None) -> UUID:
        """Have a recording turned into text; the id of the task. `session_id` only links it."""
        task_id = uuid4()
        kept = await self._recordings.keep(caller, f"tasks/{task_id}", recording)
        await self._rows.add(task_id, caller.user_id, session_id, "stt_batch")
        command = RecordingUploaded(recording=kept, language=language)
        await self._commands.submit(caller, task_id, task_id, command, _LATE)
        return task_id

    async def note(self, user_id: UUID | None, session_id: UUID | None, kind: TaskType, result: dict[str, Any]) -> None:
        """Put on record what was done at once for a session. What belongs to none is nobody's to look up."""
        if session_id is None:
            return
        try:
            await self._rows.note(user_id, session_id, kind, result)
        except Exception as error:  # what was done stays done
            log.warning("a speech task is not on record", **failure(error))

    async def find(self, task_id: UUID) -> TaskRow:
        """How a task stands. Raises NoSuchTask."""
        row = await self._rows.find(task_id)
        if row is None:
            raise NoSuchTask
        if row.status == "processing" and datetime.now(UTC) - row.created_at > LOST_AFTER:
            return replace(row, status="error", error=LOST)
        return row

    async def settled(self, task_id: UUID) -> TaskRow:
        """A task once it is done, or after a minute as it stands."""
        until = asyncio.get_running_loop().time() + WAIT_SECONDS
        while (row := await self.find(task_id)).status == "processing":
            if asyncio.get_running_loop().time() > until:
                break
            await asyncio.sleep(LOOK_SECONDS)
        return row

    async def handle(self, event: Event[Any]) -> None:
        """Note what speech says became of a task. It says as much of answers, which have no task."""
        match event.data:
            case Progressed(percent=percent):
                await self._rows.advance(event.subject_id, percent)
            case Transcribed(heard=heard):
                await self._rows.finish(event.subject_id, heard.model_dump(mode="json"), None)
            case RecognitionFailed(message=sentence):
                await self._rows.finish(event.subject_id, None, sentence)
            case _:
                pass
