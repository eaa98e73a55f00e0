"""What the service does with an event: one reply, said again alike when the event comes again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts import Event, Payload, derived_id
from contracts.interviewer.events import Replied
from contracts.interviewer.live import ReplyDelta
from contracts.session.events import AnswerRecorded, Completed, QuestionAsked, Rephrased, Started
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.provenance import Provenance, Usage
from contracts.vocabulary.question import Question
from contracts.vocabulary.turn import TurnContext
from interviewer.application import Interviewer
from interviewer.director import NotAllowed
from interviewer.engine import Draft, Engine, Guidance, Proposal
from interviewer_simulation import ENGINE, PLAIN, RICH, SESSION, SHY, answer, begin, plan_for
from runtime.errors import Permanent

PERSON = uuid4()


@dataclass
class FakePublisher:
    """Keeps what is published."""

    events: list[Event[Any]] = field(default_factory=list)

    async def publish(self, event: Event[Payload]) -> None:
        self.events.append(event)


@dataclass
class FakeLive:
    """Keeps what is sent to listeners."""

    sent: list[tuple[UUID, ReplyDelta]] = field(default_factory=list)

    async def __call__(self, session_id: UUID, delta: ReplyDelta) -> None:
        self.sent.append((session_id, delta))


@dataclass
class Bench:
    """The use cases between a fake broker and an engine."""

    engine: Engine = ENGINE
    publisher: FakePublisher = field(default_factory=FakePublisher)
    live: FakeLive = field(default_factory=FakeLive)

    async def handle(self, event: Event[Any]) -> Event[Replied]:
        await Interviewer(self.engine, plan_for, self.publisher, self.live).handle(event)
        return self.publisher.events[-1]

    def drafts(self) -> dict[int, list[ReplyDelta]]:
        """The live pieces by attempt."""
        found: dict[int, list[ReplyDelta]] = {}
        for _, delta in self.live.sent:
            found.setdefault(delta.attempt, []).append(delta)
        return found


MODEL = Provenance(engine="llm", model="m", usage=Usage(prompt_tokens=5, completion_tokens=2))


class TalkativeEngine:
    """Says its text in pieces; what it proposes is up to the test."""

    def __init__(self, action: Any = "new_question", kind: Any = "question") -> None:
        self.action, self.kind = action, kind

    async def introduce(self, session_id: UUID, config: SessionConfig) -> Proposal:
        return Proposal(
            "introduce", Question(kind="introduction", text="Hello. Who are you?", phase="intro"), "", MODEL
        )

    async def propose(self, session_id: UUID, context: TurnContext, guidance: Guidance, draft: Draft) -> Proposal:
        return await self._say(self.action, self.kind, draft)

    async def _say(self, action: Any, kind: Any, draft: Draft) -> Proposal:
        pieces = ["What ", "came ", "of it", "?"]
        for piece in pieces:
            await draft.say(piece)
        question = Question(kind=kind, text="".join(pieces), phase="technical")
        return Proposal(action, question, "Because.", MODEL)


def event(data: Payload) -> Event[Any]:
    return Event(
        id=uuid4(),
        type=data.TYPE,
        schema_version=data.SCHEMA_VERSION,
        subject_id=SESSION,
        user_id=PERSON,
        correlation_id=uuid4(),
        occurred_at=datetime.now(UTC),
        stream_version=3,
        data=data,
    )


def started(**config: Any) -> Event[Any]:
    return event(Started(config=SessionConfig(**config)))


async def answered(text: str = RICH, *, turn: int = 1, revision: int = 1) -> Event[Any]:
    """An answer to the first question, as the session service publishes it."""
    interview = await begin(SessionConfig(job_role="Backend Engineer"))
    await answer(interview, SHY)
    context = interview.context(text)
    return event(AnswerRecorded(turn=turn, revision=revision, question_id=uuid4(), text=text, context=context))


async def test_a_start_is_answered_with_the_introduction() -> None:
    start = started(job_role="Chef", style="casual")
    reply = await Bench().handle(start)
    assert (reply.data.turn, reply.data.revision, reply.data.action) == (-1, 0, "introduce")
    assert reply.data.question.kind == "introduction" and "Chef" in reply.data.question.text
    disclosed = reply.data.disclosed
    assert disclosed and "an AI interviewer, not a person" in disclosed.text
    assert disclosed.text in reply.data.question.text
    assert not reply.data.question.text.endswith(disclosed.text), "the question comes last"
    assert reply.data.provenance == Provenance(engine="scripted") and reply.data.tokens == 0


async def test_an_answer_gets_a_reply_that_it_caused() -> None:
    said = await answered(RICH.format(n=1), turn=4, revision=2)
    reply = await Bench().handle(said)
    assert (reply.data.turn, reply.data.revision) == (4, 2)
    assert reply.type == "interviewer.replied.v1"
    assert reply.id == derived_id(said.id, "interviewer.replied.v1")
    assert (reply.causation_id, reply.correlation_id) == (said.id, said.correlation_id)
    assert (reply.subject_id, reply.user_id, reply.stream_version) == (SESSION, PERSON, None)
    assert reply.data.question.kind == reply.data.action == "follow_up"


async def test_what_an_engine_used_is_said() -> None:
    reply = await Bench(TalkativeEngine()).handle(await answered())
    assert reply.data.tokens == 7 and reply.data.reasoning == "Because."
    assert reply.data.provenance == MODEL


@pytest.mark.parametrize("text", [RICH, PLAIN, "I don't know.", "What do you mean?", "🙂"])
async def test_an_event_that_comes_again_is_answered_alike(text: str) -> None:
    said, bench = await answered(text), Bench()
    first = await bench.handle(said)
    second = await bench.handle(said)
    assert len(bench.publisher.events) == 2
    assert first.model_copy(update={"occurred_at": second.occurred_at}) == second


async def test_a_start_that_comes_again_is_answered_alike() -> None:
    start, bench = started(), Bench()
    first, second = await bench.handle(start), await bench.handle(start)
    assert first.id == second.id and first.data == second.data


async def test_the_live_pieces_together_are_the_reply() -> None:
    bench = Bench(TalkativeEngine())
    reply = await bench.handle(await answered(turn=4, revision=2))
    assert {session_id for session_id, _ in bench.live.sent} == {SESSION}
    (draft,) = bench.drafts().values()
    assert "".join(delta.text for delta in draft) == reply.data.question.text
    assert [delta.offset for delta in draft] == [0, 5, 10, 15]
    assert {(delta.turn, delta.revision) for delta in draft} == {(4, 2)}


async def test_the_introduction_is_live_as_well() -> None:
    bench = Bench()
    reply = await bench.handle(started())
    ((_, delta),) = bench.live.sent
    assert (delta.turn, delta.revision, delta.offset, delta.text) == (-1, 0, 0, reply.data.question.text)


async def test_each_attempt_begins_a_draft_of_its_own_with_a_greater_number() -> None:
    said, bench = await answered(), Bench(TalkativeEngine())
    for _ in range(3):
        await bench.handle(said)
        await asyncio.sleep(0.003)  # attempts are told apart by milliseconds
    drafts = bench.drafts()
    assert len(drafts) == 3 and list(drafts) == sorted(drafts)
    assert all(draft[0].offset == 0 and len(draft) == 4 for draft in drafts.values())


async def test_an_answer_without_its_context_is_given_up() -> None:
    bench = Bench()
    missing = event(AnswerRecorded(turn=1, revision=1, question_id=uuid4(), text="Hello there"))
    with pytest.raises(Permanent):
        await bench.handle(missing)
    assert not bench.publisher.events and not bench.live.sent


async def test_other_events_are_not_for_the_interviewer() -> None:
    bench, interviewer = Bench(), Interviewer(ENGINE, plan_for, FakePublisher(), FakeLive())
    question = Question(kind="question", text="Why?", phase="technical")
    asked = QuestionAsked(
        turn=1, question=question, number=1, action="new_question", reasoning="", provenance=Provenance(engine="none")
    )
    for other in (Completed(ending="ended", elapsed=3), asked):
        await interviewer.handle(event(other))
    assert not bench.publisher.events


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("conclude", "closing"),
        ("rephrase", "clarification"),
        ("new_question", "closing"),
        ("introduce", "introduction"),
    ],
)
async def test_what_the_rules_forbid_is_not_published_but_tried_again(action: str, kind: str) -> None:
    bench = Bench(TalkativeEngine(action, kind))
    with pytest.raises(NotAllowed) as raised:
        await bench.handle(await answered())
    assert not isinstance(raised.value, Permanent), "another attempt may do better"
    assert not bench.publisher.events


async def test_an_error_of_the_engine_reaches_the_caller() -> None:
    class Broken(TalkativeEngine):
        async def propose(self, *args: Any) -> Proposal:
            raise TimeoutError

    bench = Bench(Broken())
    with pytest.raises(TimeoutError):
        await bench.handle(await answered())
    assert not bench.publisher.events


async def test_the_introduction_comes_with_the_plan() -> None:
    reply = await Bench().handle(started(job_role="Backend Engineer", target_question_count=4))
    assert reply.data.plan is not None and sum(each.target for each in reply.data.plan.domains) == 4
    assert (await Bench().handle(await answered())).data.plan is None


async def test_a_wish_for_other_words_is_met() -> None:
    context = (await answered()).data.context.model_copy(update={"answer": ""})
    wish = event(Rephrased(turn=1, question_id=uuid4(), context=context))
    reply = await Bench().handle(wish)
    assert (reply.data.turn, reply.data.action, reply.data.question.kind) == (1, "rephrase", "clarification")
    assert reply.data.question.text != context.question.text
    assert reply.data.question.expects == context.question.expects


async def test_a_draft_that_begins_anew_replaces_what_was_said() -> None:
    class Hesitant(TalkativeEngine):
        async def _say(self, action: Any, kind: Any, draft: Draft) -> Proposal:
            await draft.restart()  # nothing was said yet: nothing to replace
            await draft.say("Well, ")
            await draft.restart()
            return await super()._say(action, kind, draft)

    bench = Bench(Hesitant())
    reply = await bench.handle(await answered())
    first, second = bench.drafts().values()
    assert second[0].attempt > first[0].attempt and second[0].offset == 0
    assert "".join(delta.text for delta in second) == reply.data.question.text
