"""What a listener of server-sent events is sent: everything once and in order, whatever the subscriptions misses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from contracts import Event, Payload, encode
from contracts.interviewer.live import ReplyDelta
from contracts.session.asks import History
from contracts.session.events import Completed, Erased, FeedbackRecorded, Paused, QuestionAsked
from contracts.subjects import event_subject, live_subject
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Expectation, Question
from gateway.bus.commands import Caller
from gateway.bus.stream import SessionStream
from gateway.dialects.ours.public_events import public_event
from gateway.dialects.ours.sessions import lines
from nats.aio.msg import Msg
from nats.errors import NoRespondersError

SESSION_ID = uuid4()
PAGE = 3


def event(version: int | None, data: Payload | None = None) -> Event[Payload]:
    said = data or Paused()
    return Event[Payload](
        id=uuid4(),
        type=said.TYPE,
        schema_version=said.SCHEMA_VERSION,
        subject_id=SESSION_ID,
        correlation_id=uuid4(),
        occurred_at=datetime.now(UTC),
        stream_version=version,
        data=said,
    )


@dataclass
class World:
    """A session with its history, its subscriptions, and a listener of both."""

    recorded: list[Event[Payload]] = field(default_factory=list)
    queue: asyncio.Queue[Msg] = field(default_factory=asyncio.Queue)
    listening: int = 0
    available: bool = True
    found: bool = True
    asked: int = 0

    async def history(self, caller: Caller, session_id: Any, after: int) -> History:
        self.asked += 1
        if not self.available:
            raise NoRespondersError
        later = [each for each in self.recorded if (each.stream_version or 0) > after]
        return History(found=self.found, events=tuple(later[:PAGE]), more=len(later) > PAGE)

    @asynccontextmanager
    async def everything(self, session_id: Any) -> AsyncIterator[asyncio.Queue[Msg]]:
        self.listening += 1
        try:
            yield self.queue
        finally:
            self.listening -= 1

    def record(self, count: int = 1, *, heard: bool = True) -> None:
        """Something happens; the subscriptions may miss it."""
        for _ in range(count):
            self.recorded.append(event(len(self.recorded) + 1))
            if heard:
                self.hear(self.recorded[-1])

    def hear(self, said: Event[Payload]) -> None:
        self.queue.put_nowait(
            Msg(None, subject=event_subject(said.type, SESSION_ID), data=encode(said))  # type: ignore[arg-type]
        )

    def draft(self, text: str) -> None:
        data = ReplyDelta(turn=1, revision=1, attempt=1, offset=0, text=text).model_dump_json().encode()
        self.queue.put_nowait(Msg(None, subject=live_subject(SESSION_ID, "reply"), data=data))  # type: ignore[arg-type]

    silence: float = 60.0

    def stream(self, after: int = 0, *, withheld: bool = False) -> AsyncIterator[str]:
        stream = SessionStream(self, self, Caller(None), SESSION_ID, after, self.silence, withheld=withheld)  # type: ignore[arg-type]
        return lines(stream)


async def versions(lines: AsyncIterator[str], count: int) -> list[int]:
    """The ids of the next events."""
    found: list[int] = []
    while len(found) < count:
        line = await anext(lines)
        if line.startswith("id: "):
            found.append(int(line.splitlines()[0].removeprefix("id: ")))
    return found


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def impatient(world: World) -> None:
    """Silence is noticed at once."""
    world.silence = 0.01


async def test_it_begins_with_when_to_come_back_and_then_the_history(world: World) -> None:
    world.record(7, heard=False)
    lines = world.stream()
    assert await anext(lines) == "retry: 2000\n\n"
    assert await versions(lines, 7) == list(range(1, 8))


async def test_it_goes_on_after_what_was_seen(world: World) -> None:
    world.record(7, heard=False)
    assert await versions(world.stream(after=4), 3) == [5, 6, 7]


async def test_what_was_replayed_and_is_heard_comes_once(world: World) -> None:
    lines = world.stream()
    world.record(4)
    assert await versions(lines, 4) == [1, 2, 3, 4]
    world.record()
    assert await versions(lines, 1) == [5]


async def test_what_the_feed_missed_is_in_its_place(world: World) -> None:
    world.record()
    lines = world.stream()
    assert await versions(lines, 1) == [1]
    world.record(5, heard=False)
    world.record()
    world.record()
    assert await versions(lines, 7) == [2, 3, 4, 5, 6, 7, 8]


async def test_what_is_delivered_twice_or_late_comes_once(world: World) -> None:
    lines = world.stream()
    world.record(3)
    assert await versions(lines, 3) == [1, 2, 3]
    for old in (world.recorded[0], world.recorded[2], world.recorded[1]):
        world.hear(old)
    world.record()
    assert await versions(lines, 1) == [4]


@pytest.mark.usefixtures("impatient")
async def test_on_a_silent_stream_there_is_a_comment_now_and_then(world: World) -> None:
    lines = world.stream()
    assert [await anext(lines) for _ in range(3)] == ["retry: 2000\n\n", ": still here\n\n", ": still here\n\n"]


@pytest.mark.usefixtures("impatient")
async def test_and_what_the_feed_missed_at_the_end(world: World) -> None:
    lines = world.stream()
    assert await anext(lines) == "retry: 2000\n\n"
    assert await anext(lines) == ": still here\n\n"
    world.record(2, heard=False)
    assert await versions(lines, 2) == [1, 2]


async def test_drafts_have_no_id(world: World) -> None:
    lines = world.stream()
    world.draft("Well")
    assert await anext(lines) == "retry: 2000\n\n"
    assert (await anext(lines)).startswith('event: reply_delta\ndata: {"turn":1,')


async def test_it_ends_with_the_erasure(world: World) -> None:
    world.record()
    lines = world.stream()
    assert await versions(lines, 1) == [1]
    world.hear(event(None, Erased()))
    assert (await anext(lines)).startswith("event: erased\ndata: ")
    with pytest.raises(StopAsyncIteration):
        await anext(lines)
    assert world.listening == 0


@pytest.mark.usefixtures("impatient")
async def test_also_when_that_was_missed(world: World) -> None:
    lines = world.stream()
    await anext(lines)
    world.found = False
    assert len([line async for line in lines]) <= 1
    assert world.listening == 0


async def test_it_ends_quietly_when_the_history_cannot_be_had(world: World) -> None:
    world.record()
    lines = world.stream()
    assert await versions(lines, 1) == [1]
    world.available = False
    world.record(2, heard=False)
    world.record()
    with pytest.raises(StopAsyncIteration):
        await anext(lines)
    assert world.listening == 0


async def test_who_goes_away_leaves_nothing_behind(world: World) -> None:
    lines = world.stream()
    await anext(lines)
    waiting = asyncio.ensure_future(anext(lines))  # type: ignore[arg-type]
    await asyncio.sleep(0.01)
    assert world.listening == 1
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert world.listening == 0


def test_an_event_is_shown_without_what_a_good_answer_holds() -> None:
    question = Question(
        kind="question",
        text="Why?",
        phase="technical",
        bank_id="q-1",
        expects=(Expectation(point="Because.", cues=("because",)),),
    )
    asked = QuestionAsked(
        turn=1,
        question=question,
        number=1,
        action="new_question",
        reasoning="It is time.",
        provenance=Provenance(engine="scripted"),
        request_hash="abc",
    )
    shown = public_event(event(4, asked))
    assert (shown.type, shown.version) == ("question_asked", 4)
    assert shown.data["question"] == {
        "kind": "question", "text": "Why?", "phase": "technical", "domain": None, "difficulty": None, "sources": [],
    }  # fmt: skip
    assert "request_hash" not in shown.data


def judged() -> FeedbackRecorded:
    feedback = Feedback(judged=True, text="Secret.", provenance=Provenance(engine="scripted"))
    return FeedbackRecorded(turn=1, revision=1, feedback=feedback)


async def test_a_realistic_interview_tells_that_there_is_feedback_but_not_what_it_says(world: World) -> None:
    world.recorded = [event(1, judged()), event(2, Completed(ending="ended", elapsed=1)), event(3, judged())]
    lines = world.stream(withheld=True)
    shown = [await anext(lines) for _ in range(4)][1:]
    assert ["Secret." in line for line in shown] == [False, False, True]
    assert '"withheld":true' in shown[0]
