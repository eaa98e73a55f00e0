"""The report is waited for by listening; the session is asked when something happened, and now and then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from contracts.session.asks import FeedbackItem, SessionView, View
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.report import Report
from gateway.bus.commands import Caller
from gateway.problems import Problem
from gateway.usecases import judgements
from gateway.usecases.judgements import Judgements

NOW = datetime.now(UTC)
REPORT = Report(
    patterns_tendencies="", strengths="", weaknesses="", improvement_focus_areas="",
    provenance=Provenance(engine="scripted"),
)  # fmt: skip


@dataclass
class Session:
    """A session and its subscriptions; `asked` is what was wanted each time."""

    status: Any = "completed"
    report_status: Any = "generating"
    report: Report | None = None
    mode: Any = "coaching"
    feedback: tuple[FeedbackItem, ...] = ()
    asked: list[bool] = field(default_factory=list)
    queue: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)

    async def view(self, caller: Caller, session_id: Any, *, feedback: bool = False) -> View:
        self.asked.append(feedback)
        session = SessionView(
            session_id=session_id, user_id=None, status=self.status, version=3, created_at=NOW, started_at=NOW,
            config=SessionConfig(mode=self.mode), ended_at=NOW, updated_at=NOW, elapsed=0, questions_asked=1, answers=0,
            utterances=1, total_response_time=0, api_calls=1, total_tokens=0, report_status=self.report_status,
            report=self.report,
        )  # fmt: skip
        return View(session=session, feedback=self.feedback)

    @asynccontextmanager
    async def events(self, session_id: Any) -> AsyncIterator[asyncio.Queue[Any]]:
        yield self.queue

    def awaiting_feedback(self, turn: int) -> asyncio.Task[FeedbackItem | None]:
        use = Judgements(self, self)  # type: ignore[arg-type]
        return asyncio.create_task(use.feedback(Caller(None), uuid4(), turn))

    def waiting(self) -> asyncio.Task[View]:
        return asyncio.create_task(Judgements(self, self).report(Caller(None), uuid4()))  # type: ignore[arg-type]


async def test_it_is_there_as_soon_as_its_event_is() -> None:
    session = Session()
    waiting = session.waiting()
    await asyncio.sleep(0.5)
    assert session.asked == [False], "it listens, and does not ask again and again"
    session.report = REPORT
    session.queue.put_nowait("recorded")
    view = await asyncio.wait_for(waiting, 10)
    assert view.session and view.session.report == REPORT
    assert session.asked == [False, False, True], "all feedback is read once"


async def test_it_is_found_although_its_event_was_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judgements, "POLL_SECONDS", 0.05)
    session = Session()
    waiting = session.waiting()
    await asyncio.sleep(0.01)
    session.report = REPORT
    assert (await asyncio.wait_for(waiting, 10)).session


async def test_it_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judgements, "REPORT_SECONDS", 0.1)
    with pytest.raises(Problem) as late:
        await asyncio.wait_for(Session().waiting(), 10)
    assert late.value.status == 503 and late.value.headers == {"Retry-After": "5"}


@pytest.mark.parametrize(
    ("status", "report_status", "code"),
    [("active", "none", 400), ("cancelled", "none", 404), ("completed", "error", 404)],
)
async def test_it_is_not_waited_for_where_none_will_come(status: str, report_status: str, code: int) -> None:
    with pytest.raises(Problem) as none:
        await asyncio.wait_for(Session(status, report_status).waiting(), 10)
    assert none.value.status == code


def judged(turn: int) -> FeedbackItem:
    given = Feedback(judged=True, text="Good.", provenance=Provenance(engine="scripted"))
    return FeedbackItem(turn=turn, question="Why?", answer="Because.", feedback=given)


async def test_feedback_on_a_turn_is_there_as_soon_as_all_before_it_are() -> None:
    session = Session(status="active")
    waiting = session.awaiting_feedback(turn=2)
    await asyncio.sleep(0.1)
    session.feedback = (judged(1), FeedbackItem(turn=2, question="Why?", answer="Because."))
    session.queue.put_nowait("recorded")
    await asyncio.sleep(0.1)
    assert not waiting.done()
    session.feedback = (judged(1), judged(2))
    session.queue.put_nowait("recorded")
    assert await asyncio.wait_for(waiting, 10) == judged(2)


async def test_late_feedback_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judgements, "FEEDBACK_SECONDS", 0.1)
    assert await asyncio.wait_for(Session(status="active").awaiting_feedback(turn=1), 10) is None


async def test_feedback_that_is_not_to_be_shown_is_not_waited_for() -> None:
    session = Session(status="active", mode="realistic", feedback=(judged(1),))
    assert await asyncio.wait_for(session.awaiting_feedback(turn=1), 10) is None


async def test_all_feedback_is_waited_for_but_not_for_ever() -> None:
    session = Session(feedback=(judged(0), FeedbackItem(turn=1, question="", answer="")))
    use = Judgements(session, session)  # type: ignore[arg-type]
    assert len((await use.all_feedback(Caller(None), uuid4(), 0.05)).feedback) == 2
    waiting = asyncio.create_task(use.all_feedback(Caller(None), uuid4(), 5))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    session.feedback = (judged(0), judged(1))
    session.queue.put_nowait(None)
    assert (await waiting).feedback == session.feedback
