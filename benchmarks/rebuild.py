"""Rebuilds every read model from 100,000 events: how long, and equal to before? `python -m benchmarks.rebuild`."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from contracts import Event, Payload, derived_id
from contracts.coach.events import FeedbackGiven, ReportWritten
from contracts.gateway.events import InterviewStarted, SessionRequested, UserMessage
from contracts.interviewer.events import Replied
from contracts.session.events import AnswerRecorded, ReportDue
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Question, QuestionKind
from contracts.vocabulary.report import Report
from devkit.embedded import EmbeddedPostgres
from runtime.database import Database
from runtime.settings import DatabaseSettings
from runtime.sql.migrations import DatabaseAdmin
from session.domain.deadlines import Timeouts
from session.domain.decide import decide
from session.domain.state import State, fold
from session.migrate import migrate
from session.rebuild import rebuild
from session.store import EventStore

TURNS = 32
WHO = Provenance(engine="scripted")
TABLES = ("sessions", "messages", "feedback", "due")


class Interview:
    """One whole interview, decided event by event with ready-made replies."""

    def __init__(self) -> None:
        self.state = State(uuid4())
        self.events: list[Event[Payload]] = []
        self._user = uuid4()
        self._now = datetime.now(UTC)

    def hear(self, payload: Payload, cause: UUID | None = None) -> list[Event[Payload]]:
        self._now += timedelta(seconds=1)
        message = self._event(uuid4(), payload, cause, None)
        recorded = []
        for number, data in enumerate(decide(self.state, message, self._now), start=1):
            recorded.append(
                self._event(derived_id(message.id, data.TYPE), data, message.id, self.state.version + number)
            )
        self.state = fold(self.state.session_id, recorded, self.state)
        self.events += recorded
        return recorded

    def _event(self, event_id: UUID, data: Payload, cause: UUID | None, version: int | None) -> Event[Payload]:
        return Event(
            id=event_id, type=data.TYPE, schema_version=data.SCHEMA_VERSION, subject_id=self.state.session_id,
            user_id=self._user, causation_id=cause, correlation_id=event_id, occurred_at=self._now,
            stream_version=version, data=data,
        )  # fmt: skip

    def run(self) -> None:
        self.hear(SessionRequested(config=SessionConfig(job_role="Backend Engineer", target_question_count=50)))
        (started,) = self.hear(InterviewStarted())
        self._reply(started, -1, "introduction")
        for turn in range(TURNS):
            assert self.state.current
            said = UserMessage(
                text=f"In year {turn} I built and measured a service.", question_id=self.state.current.id
            )
            (answer,) = self.hear(said)
            assert isinstance(answer.data, AnswerRecorded)
            self._reply(answer, turn, "closing" if turn == TURNS - 1 else "question")
            judged = Feedback(judged=True, text="Thank you.", score=0.5, evidence="sufficient", provenance=WHO)
            after = self.hear(FeedbackGiven(turn=turn, revision=1, feedback=judged), answer.id)
        due = next(event for event in after if isinstance(event.data, ReportDue))
        texts = dict.fromkeys(("patterns_tendencies", "strengths", "weaknesses", "improvement_focus_areas"), "-")
        self.hear(ReportWritten(version=1, report=Report(**texts, provenance=WHO)), due.id)

    def _reply(self, to: Event[Payload], turn: int, kind: QuestionKind) -> None:
        question = Question(kind=kind, text=f"Question {turn}?", phase="technical", domain="backend")
        reply = Replied(turn=turn, revision=1, question=question, action="new_question", reasoning="", provenance=WHO)
        self.hear(reply, to.id)


async def dump(url: str) -> dict[str, list[Any]]:
    """Every row of every read model."""
    connection = await asyncpg.connect(url)
    rows = {}
    for table in TABLES:
        found = await connection.fetch(f"SELECT to_jsonb(t)::text AS row FROM session.{table} t ORDER BY 1")
        rows[table] = [row["row"] for row in found]
    await connection.close()
    return rows


async def run(url: str, service_url: str, events: int) -> None:
    database = Database(DatabaseSettings(database_url=service_url))
    async with database.open():
        store, count = EventStore(database, Timeouts()), 0
        while count < events:
            interview = Interview()
            interview.run()
            await store.append(State(interview.state.session_id), interview.events)
            count += len(interview.events)
        before = await dump(url)
        began = time.perf_counter()
        checked = await rebuild(database, Timeouts(), write=False)
        seconds = time.perf_counter() - began
        what = f"{checked.events} events of {checked.sessions} sessions"
        print(f"compared {what} in {seconds:.1f} s: {checked.different} differ")
        connection = await asyncpg.connect(url)
        for table in TABLES:
            await connection.execute(f"TRUNCATE session.{table}")
        await connection.close()
        began = time.perf_counter()
        written = await rebuild(database, Timeouts(), write=True)
        seconds = time.perf_counter() - began
        rate = written.events / seconds
        same = await dump(url) == before
        print(f"rebuilt from nothing in {seconds:.1f} s ({rate:.0f} events/s); equal to what was there: {same}")


def main() -> None:
    """Run it and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as server:
        asyncio.run(_create(server.url()))
        migrate(DatabaseAdmin(server.url("bench"), "bench"))
        asyncio.run(run(server.url("bench"), server.url("bench", "parley_session", "bench"), options.events))


async def _create(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE DATABASE bench")
    await connection.close()


if __name__ == "__main__":
    main()
