"""Tasks in Postgres: how far they are, and what became of them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from contracts import Event, Payload
from contracts.speech.events import Progressed, RecognitionFailed, Transcribed
from contracts.vocabulary.hearing import Heard
from gateway.bus.speech_tasks import TaskRows
from gateway.usecases.speech_tasks import SpeechTasks

WORDS = Transcribed(heard=Heard(text="Yes.", confidence=0.9, duration=1), provider="fake", model="one")


@pytest.fixture
def rows(database: Any) -> TaskRows:
    return TaskRows(database)


async def test_a_task_goes_on_and_never_back(rows: TaskRows) -> None:
    tasks = SpeechTasks(rows, None, None)  # type: ignore[arg-type]
    task_id = uuid4()

    async def happens(data: Payload) -> dict[str, Any]:
        event: Event[Payload] = Event(
            id=uuid4(),
            type=data.TYPE,
            schema_version=1,
            subject_id=task_id,
            correlation_id=uuid4(),
            occurred_at="2026-11-30T00:00:00Z",
            data=data,
        )
        await tasks.handle(event)
        found = await rows.find(task_id)
        assert found is not None
        return found.progress

    await rows.add(task_id, None, None, "stt_batch")
    assert await happens(Progressed(percent=5)) == {"stage": "recognising", "percent": 5}
    assert await happens(Progressed(percent=60)) == {"stage": "recognising", "percent": 60}
    assert await happens(Progressed(percent=30)) == {"stage": "recognising", "percent": 60}, "it came late"
    assert await happens(WORDS) == {"stage": "done", "percent": 100}
    assert await happens(Progressed(percent=99)) == {"stage": "done", "percent": 100}
    assert await happens(RecognitionFailed(reason="busy", message="Busy.")) == {"stage": "done", "percent": 100}
    found = await rows.find(task_id)
    assert found is not None and (found.status, found.error) == ("completed", None)
