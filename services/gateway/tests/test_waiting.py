"""How a request waits for its outcome: by the subscription, and by asking, since the subscription may miss it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts import Event, Payload, encode
from contracts.gateway.events import UserMessage
from contracts.session.asks import Outcome, OutcomeAsk, SessionStatus, SessionView, View
from contracts.session.events import AnswerRepeated, Completed, FeedbackRecorded, QuestionAsked, Refused, Reset
from contracts.subjects import ask_subject
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Question
from gateway.bus import commands
from gateway.bus.commands import Caller, Commands
from gateway.bus.idempotency import request_hash
from gateway.problems import Problem
from gateway.usecases.configuring import Wanted
from gateway.usecases.interviews import Interviews
from gateway.usecases.queries import Queries
from nats.errors import NoRespondersError, TimeoutError

SESSION, QUESTION = uuid4(), uuid4()
NOW = datetime.now(UTC)
ENDED = SessionView(
    session_id=SESSION, user_id=None, status="completed", ending="ended", version=9, config=SessionConfig(),
    created_at=NOW, started_at=NOW, ended_at=NOW, updated_at=NOW, elapsed=1, questions_asked=1, answers=1, utterances=2,
    total_response_time=1, api_calls=3, total_tokens=0, report_status="generating",
)  # fmt: skip
ANONYMOUS = Caller(None)


def event(data: Payload, request: UUID, version: int = 5) -> Event[Payload]:
    return Event(
        id=uuid4(), type=data.TYPE, schema_version=data.SCHEMA_VERSION, subject_id=SESSION, causation_id=request,
        correlation_id=request, occurred_at=datetime.now(UTC), stream_version=version, data=data,
    )  # fmt: skip


def question(request: UUID) -> Event[Payload]:
    asked = Question(kind="question", text="And then?", phase="technical")
    who = Provenance(engine="scripted")
    return event(
        QuestionAsked(turn=1, question=asked, number=1, action="new_question", reasoning="", provenance=who), request
    )


@dataclass
class Message:
    """What arrives on the subscription, and what answers an ask."""

    data: bytes
    headers: dict[str, str]

    @property
    def body(self) -> bytes:
        return self.data


Reaction = Callable[["FakeSession", Event[Payload]], None]


@dataclass
class FakeSession:
    """The rest of Parley: takes what is published, tells outcomes, sends events, and fails to on request."""

    react: Reaction
    status: SessionStatus = field(
        default_factory=lambda: SessionStatus(status="active", version=4, question_id=QUESTION)
    )
    outcomes: dict[UUID, Event[Payload]] = field(default_factory=dict)
    published: list[Event[Payload]] = field(default_factory=list)
    queue: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)
    failures: list[Exception] = field(default_factory=list)
    recorded: set[UUID] = field(default_factory=set)
    """Messages that the session has decided on, whether anything came of them or not."""

    async def publish(self, message: Event[Payload]) -> None:
        self.published.append(message)
        self.react(self, message)

    async def request(self, body: bytes, subject: str, timeout: float, headers: Any = None) -> Message:
        if subject == ask_subject("session", "view"):
            return Message(View(session=ENDED).model_dump_json().encode(), {})
        asked = OutcomeAsk.model_validate_json(body)
        if self.published and self.failures:
            raise self.failures.pop(0)
        found = self.outcomes.get(asked.message_id) if asked.message_id else None
        hashes = {each.id: getattr(each.data, "request_hash", None) for each in self.published}
        recorded = hashes.get(asked.message_id) if asked.message_id else None
        known = found is not None or asked.message_id in self.recorded
        outcome = Outcome(session=self.status, known=known, request_hash=recorded, event=found)
        return Message(outcome.model_dump_json().encode(), {})

    @asynccontextmanager
    async def events(self, session_id: UUID) -> AsyncIterator[asyncio.Queue[Any]]:
        yield self.queue

    def send(self, happened: Event[Payload]) -> None:
        self.queue.put_nowait(Message(encode(happened), {"Parley-Type": happened.type}))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "POLL_SECONDS", 0.02)


class NoAliases:
    async def forget(self, *_: object) -> None: ...


def over(session: FakeSession, timeout: float = 2) -> Interviews:
    commands = Commands(session, session, session, timeout)  # type: ignore[arg-type]
    return Interviews(commands, Queries(commands), session, None, NoAliases(), None, NoAliases(), NoAliases())  # type: ignore[arg-type]


def remember(session: FakeSession, message: Event[Payload]) -> None:
    """Recorded, but the event never reaches the subscription: the broker was restarted in mid-wait."""
    session.outcomes[message.id] = question(message.id)


async def test_the_reply_is_found_by_asking_when_its_event_was_missed() -> None:
    reply = await over(FakeSession(remember)).answer(ANONYMOUS, SESSION, "I built it.")
    assert reply.content == "And then?" and reply.response_type == "question"


async def test_asking_goes_on_while_nobody_answers() -> None:
    session = FakeSession(remember, failures=[NoRespondersError(), TimeoutError(), TimeoutError()])
    reply = await over(session).answer(ANONYMOUS, SESSION, "I built it.")
    assert reply.content == "And then?" and session.failures == []


async def test_a_late_reply_is_a_504_and_the_answer_was_published_all_the_same() -> None:
    session = FakeSession(lambda *_: None)
    with pytest.raises(Problem) as late:
        await over(session, timeout=0.2).answer(ANONYMOUS, SESSION, "I built it.")
    assert late.value.status == 504
    assert [each.data for each in session.published] == [
        UserMessage(text="I built it.", question_id=QUESTION, keyed=False, request_hash=request_hash("I built it."))
    ]


@pytest.mark.parametrize(
    ("key", "text", "recorded", "sentence"),
    [
        (None, "I built it.", True, "Your answer is saved"),
        ("mine", "I built it.", False, "Send it again: it counts once."),
        (None, "I built a parser for log files.", False, "Send it again: it counts once."),
        (None, "I built it.", False, "Look at the history before you send it again."),
    ],
)
async def test_a_late_reply_says_what_is_known_of_the_answer_and_what_to_do(
    key: str | None, text: str, recorded: bool, sentence: str
) -> None:
    def react(session: FakeSession, message: Event[Payload]) -> None:
        if recorded:
            session.recorded.add(message.id)

    with pytest.raises(Problem) as late:
        await over(FakeSession(react), timeout=0.2).answer(Caller(None, key=key), SESSION, text)
    detail = str(late.value.detail)
    assert sentence in detail and ("saved" in detail) == recorded


async def test_every_other_request_that_is_late_speaks_of_itself() -> None:
    use = over(FakeSession(lambda *_: None), timeout=0.05)
    waiting = [
        use.create(ANONYMOUS, Wanted(SessionConfig())), use.pause(ANONYMOUS, SESSION), use.end(ANONYMOUS, SESSION),
        use.reset(ANONYMOUS, SESSION), use.rephrase(ANONYMOUS, SESSION), use.correct(ANONYMOUS, SESSION, 0, "I ran."),
        use.retry(ANONYMOUS, SESSION, 0, "I ran it."), use.report_anew(ANONYMOUS, SESSION),
        use.erase(ANONYMOUS, SESSION),
    ]  # fmt: skip
    late = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(each, Problem) and each.status == 504 for each in late)
    sentences = {str(each.detail) for each in late}  # type: ignore[union-attr]
    assert len(sentences) == len(late) and not any("saved" in each for each in sentences)


async def test_events_of_others_are_passed_over() -> None:
    def react(session: FakeSession, message: Event[Payload]) -> None:
        session.send(question(uuid4()))
        session.send(event(FeedbackRecorded.model_construct(turn=0, revision=1, feedback=None), message.id))
        session.send(question(message.id))

    reply = await over(FakeSession(react)).answer(ANONYMOUS, SESSION, "I built it.")
    assert reply.content == "And then?"


async def test_the_end_by_somebody_else_ends_the_wait() -> None:
    def react(session: FakeSession, message: Event[Payload]) -> None:
        session.status = SessionStatus(status="completed", version=9, question_id=QUESTION)
        session.recorded.add(message.id)
        session.send(event(Completed(ending="ended", elapsed=1), uuid4()))

    session = FakeSession(react)
    reply = await over(session).answer(ANONYMOUS, SESSION, "I built it.")
    assert reply.response_type == "status" and reply.created_at == ENDED.ended_at


async def test_a_reset_by_somebody_else_ends_the_wait_and_says_so() -> None:
    session = FakeSession(lambda session, _: session.send(event(Reset(), uuid4())))
    with pytest.raises(Problem) as conflict:
        await over(session).answer(ANONYMOUS, SESSION, "I built it.")
    assert conflict.value.status == 409


async def test_a_refusal_is_a_conflict_with_its_sentence() -> None:
    refused = Refused(request="answer", reason="reply_pending", detail="A reply is on its way.")
    session = FakeSession(lambda session, message: session.send(event(refused, message.id)))
    with pytest.raises(Problem) as conflict:
        await over(session).answer(ANONYMOUS, SESSION, "I built it.")
    assert (conflict.value.status, conflict.value.detail) == (409, "A reply is on its way.")


async def test_without_a_key_the_session_is_told_so_and_decides_what_is_a_repeat() -> None:
    session = FakeSession(remember)
    for _ in range(2):
        await over(session).answer(ANONYMOUS, SESSION, "I built it.")
    await over(session).answer(Caller(None, key="mine"), SESSION, "I built it.")
    assert [each.data.keyed for each in session.published] == [False, False, True]
    assert len({each.id for each in session.published}) == 3


async def test_a_repeat_gets_the_reply_to_the_first() -> None:
    first = uuid4()

    def react(session: FakeSession, message: Event[Payload]) -> None:
        session.send(event(AnswerRepeated(turn=0, request_id=first), message.id))
        session.send(question(first))

    reply = await over(FakeSession(react)).answer(ANONYMOUS, SESSION, "I built it.")
    assert reply.content == "And then?"


async def test_a_repeat_of_what_the_closing_replied_to_gets_the_closing() -> None:
    first = uuid4()

    def react(session: FakeSession, message: Event[Payload]) -> None:
        session.status = SessionStatus(status="completed", version=9, question_id=QUESTION)
        session.outcomes[first] = question(first)
        session.send(event(Completed(ending="budget", elapsed=1), first))
        session.send(event(AnswerRepeated(turn=0, request_id=first), message.id))

    reply = await over(FakeSession(react)).answer(ANONYMOUS, SESSION, "I built it.")
    assert reply.content == "And then?"


async def test_after_the_end_a_message_without_a_key_may_be_a_repeat() -> None:
    refused = Refused(request="answer", reason="ended", detail="The interview is over.")
    session = FakeSession(lambda session, message: session.send(event(refused, message.id)))
    session.status = SessionStatus(status="completed", version=9, question_id=QUESTION)
    reply = await over(session).answer(ANONYMOUS, SESSION, "One more thing.")
    assert reply.response_type == "status" and len(session.published) == 1


async def test_after_the_end_nothing_is_published_under_a_key() -> None:
    session = FakeSession(remember, status=SessionStatus(status="completed", version=9, question_id=QUESTION))
    reply = await over(session).answer(Caller(None, key="mine"), SESSION, "One more thing.")
    assert reply.response_type == "status" and session.published == []


async def test_two_callers_with_one_key_send_two_messages() -> None:
    session = FakeSession(remember)
    for user in (uuid4(), uuid4(), None):
        await over(session).answer(Caller(user, key="mine"), SESSION, "I built it.")
    assert len({each.id for each in session.published}) == 3


async def test_another_answer_under_the_key_of_one_that_is_on_its_way_is_a_conflict() -> None:
    session = FakeSession(lambda *_: None)
    first = asyncio.create_task(over(session).answer(Caller(None, key="mine"), SESSION, "I built it."))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(over(session).answer(Caller(None, key="mine"), SESSION, "I ran it."))
    await asyncio.sleep(0.01)
    dropped = session.published.pop()  # by the broker: it has the id already
    remember(session, dropped)
    reply, refused = await asyncio.gather(first, second, return_exceptions=True)
    assert not isinstance(reply, BaseException) and reply.content == "And then?"
    assert isinstance(refused, Problem) and refused.status == 409


@dataclass
class Answerer:
    """Answers the first question after `first` seconds and the next ones after `others`; counts them."""

    first: float
    others: float
    asked: int = 0

    async def request(self, body: bytes, subject: str, timeout: float, headers: Any = None) -> Message:
        number = self.asked = self.asked + 1
        seconds = self.first if number == 1 else self.others
        await asyncio.sleep(min(seconds, timeout))
        if seconds > timeout:
            raise TimeoutError
        status = SessionStatus(status="active", version=number, question_id=QUESTION)
        return Message(Outcome(session=status, known=False).model_dump_json().encode(), {})


async def outcome_of(answerer: Answerer, timeout: float = 0.5) -> Outcome:
    asking = Commands(answerer, None, None, 1)  # type: ignore[arg-type]
    return await asking.ask("session", "outcome", OutcomeAsk(session_id=SESSION), Outcome, timeout)


@pytest.mark.parametrize(
    ("first", "others", "answered_by"),
    [(60, 0, 2), (0.15, 60, 1), (0, 60, 1)],
    ids=["the first is lost", "the second is", "none is"],
)
async def test_a_question_that_nobody_answers_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, first: float, others: float, answered_by: int
) -> None:
    monkeypatch.setattr(commands, "ASK_AGAIN_SECONDS", 0.05)
    answerer = Answerer(first, others)
    answered = await outcome_of(answerer)
    assert answered.session and answered.session.version == answered_by
    assert answerer.asked == (2 if first else 1)


async def test_it_is_late_when_both_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "ASK_AGAIN_SECONDS", 0.05)
    answerer = Answerer(60, 60)
    with pytest.raises(TimeoutError):
        await outcome_of(answerer, timeout=0.2)
    assert answerer.asked == 2


async def test_what_may_take_long_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "ASK_AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(commands, "ASK_SECONDS", 0.1)
    answerer = Answerer(0.2, 0)
    answered = await outcome_of(answerer, timeout=0.4)
    assert answered.session and answered.session.version == 1
    assert answerer.asked == 1
