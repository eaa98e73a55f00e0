"""What clients do with sessions, in terms of messages: publish a request, wait for its recorded outcome."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4, uuid5

from contracts import Contract, Event, Payload, decode
from contracts.asks import (
    FeedbackItem,
    History,
    HistoryAsk,
    Message,
    Outcome,
    OutcomeAsk,
    Standing,
    View,
    ViewAsk,
)
from contracts.gateway import (
    Command,
    ErasureRequested,
    InterviewEnded,
    InterviewPaused,
    InterviewResumed,
    InterviewStarted,
    SessionRequested,
    SessionReset,
    UserMessage,
)
from contracts.interview import SessionConfig
from contracts.session import Completed, Created, Erased, Paused, QuestionAsked, Refused, Reset, Resumed
from faststream.nats import NatsBroker
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from runtime.broker import ask
from runtime.consume import TYPE_HEADER
from runtime.publish import Publisher

from gateway.errors import NoSuchSession, Problem
from gateway.feed import Feed
from gateway.session_keys import SessionKeys

AnswerT = TypeVar("AnswerT", bound=Contract)
POLL_SECONDS = 2.0
"""How often a waiting request asks what became of its message: the subscription may miss an event."""
ASK_SECONDS = 5.0
_NAMESPACE = UUID("5f2b1c4e-92a7-5c58-8f2e-3f7f0f0a6d11")
_ENDED = frozenset({"completed", "abandoned", "cancelled"})
_FINAL = (Completed, Reset, Erased)
"""Outcomes of whatever request is waiting on a session, whoever asked for them; a reset only ends with its own."""
_LATE = "The reply is taking longer than usual. Your answer is saved; the reply will appear in the history."
OVER = "The interview is over. Thank you for your answers; the summary shows how it went."
_OTHER_BODY = "This Idempotency-Key was already used for a different request."
_BEGUN_ANEW = "The interview was begun anew in the meantime. Please start it."


@dataclass(frozen=True)
class Caller:
    """Who makes a request: the account, if any, and the key that makes a repeat recognisable."""

    user_id: UUID | None
    key: str | None = None
    address: str = ""
    """Tells anonymous callers apart where there is no session yet."""


@dataclass(frozen=True)
class Awaited:
    """What ends the wait for a request.

    `outcomes` are the events that the request itself may lead to, beside a refusal; `whoever` and `final` count
    whoever asked for them; in a status of `reached` or `over`, or once a question stands if it is to `begin`,
    nothing is left to wait for. `gone` accepts that the session is there no more.
    """

    outcomes: tuple[type[Payload], ...]
    whoever: tuple[type[Payload], ...] = ()
    final: tuple[type[Payload], ...] = _FINAL
    reached: frozenset[str] = field(default_factory=frozenset)
    over: frozenset[str] = _ENDED
    begin: bool = False
    gone: bool = False

    @property
    def types(self) -> set[str]:
        """Full names of all events that may end the wait."""
        kinds: tuple[type[Payload], ...] = (*self.outcomes, *self.whoever, *self.final, Refused)
        return {kind.TYPE for kind in kinds}

    def is_met(self, event: Event[Payload], message_id: UUID) -> bool:
        """Whether an event ends the wait for the message `message_id`."""
        mine = event.correlation_id == message_id and isinstance(event.data, (*self.outcomes, Refused))
        return mine or isinstance(event.data, (*self.final, *self.whoever))

    def is_settled(self, asked: Outcome) -> bool:
        """Whether the session stands where nothing more will come of the message."""
        standing = asked.standing
        if standing is None:
            return self.gone
        begun = self.begin and standing.question_id is not None
        return begun or standing.status in self.reached or standing.status in self.over


def request_hash(body: Any) -> str:
    """Tells another body under the same key apart; the same for the same content, however it is spelled."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()[:32]


class Interviews:
    """Sessions as clients see them. `reply_timeout` is in seconds."""

    def __init__(
        self, broker: NatsBroker, publisher: Publisher, feed: Feed, keys: SessionKeys, reply_timeout: float
    ) -> None:
        self._broker = broker
        self._publisher = publisher
        self._feed = feed
        self._keys = keys
        self._reply_timeout = reply_timeout

    # What clients ask for

    async def create(self, caller: Caller, config: SessionConfig) -> UUID:
        """A new session; the same one for a repeat under the caller's key."""
        body_hash = request_hash(config.model_dump())
        session_id, message_id = uuid4(), uuid4()
        if caller.key:
            owner = str(caller.user_id or f"anonymous {caller.address}")
            request_id = uuid5(_NAMESPACE, json.dumps(["create", owner, caller.key]))
            kept_id, kept_hash = await self._keys.keep(request_id, body_hash, session_id)
            if kept_hash != body_hash:
                raise Problem(409, _OTHER_BODY)
            message_id = uuid5(request_id, str(kept_id))
            if kept_id != session_id and (await self.outcome(caller, kept_id, message_id)).event is not None:
                return kept_id
            session_id = kept_id
        command = SessionRequested(config=config, request_hash=body_hash)
        await self._request(caller, session_id, message_id, command, Awaited((Created,)))
        return session_id

    async def start(self, caller: Caller, session_id: UUID, config: SessionConfig | None) -> Message:
        """Begin; the introduction, or the question that stands when it began before."""
        body_hash = request_hash(config.model_dump() if config else None)
        async with self._feed.events(session_id) as queue:
            message_id, before = await self._recognise(caller, session_id, "start", body_hash)
            standing = self._must_exist(before)
            event = before.event
            if event is None and standing.question_id is None and standing.status not in _ENDED:
                command = InterviewStarted(config=config, request_hash=body_hash)
                await self._publish(caller, session_id, message_id, command)
                awaited = Awaited((QuestionAsked,), whoever=(QuestionAsked,), begin=True)
                event = await self._wait(queue, caller, session_id, message_id, awaited)
        if event and isinstance(_unless_refused(event).data, QuestionAsked):
            return question_message(event)
        return await self._last_words(caller, session_id)

    async def answer(self, caller: Caller, session_id: UUID, text: str) -> Message:
        """Give an answer; the interviewer's reply, or a plain notice when the interview is over."""
        body_hash = request_hash(text)
        async with self._feed.events(session_id) as queue:
            if caller.key:
                message_id, before = await self._recognise(caller, session_id, "message", body_hash)
            else:
                before = await self.outcome(caller, session_id)
            standing = self._must_exist(before)
            event = before.event
            if event is None and standing.status not in _ENDED:
                if not caller.key:
                    message_id = _unkeyed_id(session_id, standing, text)
                if not before.known:
                    command = UserMessage(text=text, question_id=standing.question_id, request_hash=body_hash)
                    await self._publish(caller, session_id, message_id, command)
                event = await self._wait(queue, caller, session_id, message_id, Awaited((QuestionAsked,)))
                if caller.key and not before.known:
                    # Another body under this key may have been on its way: then this one was not recorded.
                    await self._recognise(caller, session_id, "message", body_hash)
        return await self._reply(caller, session_id, event)

    async def end(self, caller: Caller, session_id: UUID, *, cancel: bool = False) -> None:
        """End the interview; harmless when it is over."""
        command = InterviewEnded(reason="cancelled" if cancel else "ended", request_hash="end")
        await self._transition(caller, session_id, command, Awaited((Completed,), reached=_ENDED))

    async def pause(self, caller: Caller, session_id: UUID) -> None:
        """Stop the clock."""
        awaited = Awaited((Paused,), reached=frozenset({"paused"}))
        await self._transition(caller, session_id, InterviewPaused(request_hash="pause"), awaited)

    async def resume(self, caller: Caller, session_id: UUID) -> None:
        """Let the clock run again."""
        awaited = Awaited((Resumed,), reached=frozenset({"active"}))
        await self._transition(caller, session_id, InterviewResumed(request_hash="resume"), awaited)

    async def reset(self, caller: Caller, session_id: UUID) -> None:
        """Back to the beginning, with the same configuration."""
        awaited = Awaited((Reset,), final=(Erased,), over=frozenset())
        await self._transition(caller, session_id, SessionReset(request_hash="reset"), awaited)

    async def erase(self, caller: Caller, session_id: UUID) -> None:
        """Forget the session."""
        await self.must_exist(caller, session_id)
        message_id = uuid5(_NAMESPACE, f"erase {session_id}")
        await self._request(caller, session_id, message_id, ErasureRequested(), Awaited((Erased,), gone=True))
        await self._keys.forget(session_id)

    # What clients read

    async def view(self, caller: Caller, session_id: UUID, *, messages: bool = False, feedback: bool = False) -> View:
        """The session with all that was asked for. Raises NoSuchSession."""
        wanted = ViewAsk(session_id=session_id, user_id=caller.user_id, messages=messages, feedback=feedback)
        said: list[Message] = []
        judged: list[FeedbackItem] = []
        while True:
            view = await self._ask("view", wanted, View)
            if view.session is None:
                raise NoSuchSession
            said.extend(view.messages)
            judged.extend(view.feedback)
            if view.next_seq is None and view.next_item is None:
                return view.model_copy(update={"messages": tuple(said), "feedback": tuple(judged)})
            wanted = ViewAsk(
                session_id=session_id,
                user_id=caller.user_id,
                messages=view.next_seq is not None,
                feedback=view.next_item is not None,
                from_seq=view.next_seq or 0,
                from_item=view.next_item or 0,
            )

    async def outcome(self, caller: Caller, session_id: UUID, message_id: UUID | None = None) -> Outcome:
        """Where the session stands, and what came of a message."""
        wanted = OutcomeAsk(session_id=session_id, user_id=caller.user_id, message_id=message_id)
        return await self._ask("outcome", wanted, Outcome)

    async def history(self, caller: Caller, session_id: UUID, after: int) -> History:
        """Events after a stream version."""
        wanted = HistoryAsk(session_id=session_id, user_id=caller.user_id, after=after)
        return await self._ask("history", wanted, History)

    async def must_exist(self, caller: Caller, session_id: UUID) -> Standing:
        """Where the session stands. Raises NoSuchSession."""
        return self._must_exist(await self.outcome(caller, session_id))

    # How it is done

    async def _transition(self, caller: Caller, session_id: UUID, command: Command, awaited: Awaited) -> None:
        """Bring the session into another state, unless it is there or a repeat already did."""
        route = command.request_hash or ""
        message_id, before = await self._recognise(caller, session_id, route, route)
        standing = self._must_exist(before)
        if before.event is not None:
            _unless_refused(before.event)
        elif standing.status not in awaited.reached:
            await self._request(caller, session_id, message_id, command, awaited)

    async def _recognise(self, caller: Caller, session_id: UUID, route: str, body_hash: str) -> tuple[UUID, Outcome]:
        """The id of a request and what came of it before. Raises Problem for a key used with another body."""
        if not caller.key:
            return uuid4(), await self.outcome(caller, session_id)
        owner = str(caller.user_id or "anonymous")
        message_id = uuid5(_NAMESPACE, json.dumps([owner, str(session_id), route, caller.key]))
        before = await self.outcome(caller, session_id, message_id)
        if before.known and before.request_hash != body_hash:
            raise Problem(409, _OTHER_BODY)
        return message_id, before

    def _must_exist(self, outcome: Outcome) -> Standing:
        if outcome.standing is None:
            raise NoSuchSession
        return outcome.standing

    async def _reply(self, caller: Caller, session_id: UUID, event: Event[Payload] | None) -> Message:
        """What the candidate hears after an answer, whatever became of it; None: the interview is over."""
        if event and isinstance(event.data, QuestionAsked):
            return question_message(event)
        if event and isinstance(event.data, Reset):
            raise Problem(409, _BEGUN_ANEW)
        if event and isinstance(event.data, Refused) and event.data.reason != "ended":
            raise refusal(event.data)
        return _over_message(await self.view(caller, session_id))

    async def _last_words(self, caller: Caller, session_id: UUID) -> Message:
        """What the interviewer said last; a notice when the interview was over before anything was said."""
        view = await self.view(caller, session_id, messages=True)
        spoken = [message for message in view.messages if message.role == "assistant"]
        if not spoken and view.session and view.session.status not in _ENDED:
            raise Problem(409, _BEGUN_ANEW)
        return spoken[-1] if spoken else _over_message(view)

    async def _request(
        self, caller: Caller, session_id: UUID, message_id: UUID, command: Command, awaited: Awaited
    ) -> Event[Payload] | None:
        async with self._feed.events(session_id) as queue:
            await self._publish(caller, session_id, message_id, command)
            event = await self._wait(queue, caller, session_id, message_id, awaited)
        return _unless_refused(event) if event else None

    async def _publish(self, caller: Caller, session_id: UUID, message_id: UUID, command: Command) -> None:
        event: Event[Payload] = Event[Payload].model_construct(
            id=message_id,
            type=command.TYPE,
            schema_version=command.SCHEMA_VERSION,
            subject_id=session_id,
            user_id=caller.user_id,
            causation_id=None,
            correlation_id=message_id,
            occurred_at=datetime.now(UTC),
            stream_version=None,
            data=command,
        )
        await self._publisher.publish(event)

    async def _wait(
        self, queue: asyncio.Queue[Msg], caller: Caller, session_id: UUID, message_id: UUID, awaited: Awaited
    ) -> Event[Payload] | None:
        """The recorded outcome of a message; None when the session stands where none will come.

        Raises Problem 504 when it is late. It is not lost then: the turn goes on without this request.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._reply_timeout
        while (left := deadline - loop.time()) > 0:
            event = await _next_event(queue, awaited.types, min(left, POLL_SECONDS))
            if event is None:
                with contextlib.suppress(NoRespondersError, TimeoutError):
                    asked = await self.outcome(caller, session_id, message_id)
                    if asked.event is not None or awaited.is_settled(asked):
                        return asked.event
            elif awaited.is_met(event, message_id):
                return event
        raise Problem(504, _LATE)

    async def _ask(self, question: str, request: Contract, response: type[AnswerT]) -> AnswerT:
        """Ask the session service, once more when a replica went away with the first try."""
        try:
            return await ask(self._broker, "session", question, request, response, timeout=ASK_SECONDS)
        except NoRespondersError:
            await asyncio.sleep(0.5)
            return await ask(self._broker, "session", question, request, response, timeout=ASK_SECONDS)


async def _next_event(queue: asyncio.Queue[Msg], types: set[str], seconds: float) -> Event[Payload] | None:
    """The next event of one of these types; None when there is none within `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await queue.get()
                # The others may be large: an answer travels with its context.
                if (message.headers or {}).get(TYPE_HEADER) in types:
                    return decode(message.data)
    except TimeoutError:
        return None


def refusal(refused: Refused) -> Problem:
    """The answer to a request that the state of the interview did not allow."""
    status = {"not_started": 400, "not_possible": 400}.get(refused.reason, 409)
    return Problem(status, refused.detail)


def question_message(event: Event[Payload]) -> Message:
    """A question as clients see it, equal to what the read model says."""
    data = event.data
    assert isinstance(data, QuestionAsked)
    return Message(
        seq=event.stream_version or 0,
        role="assistant",
        content=data.question.text,
        created_at=event.occurred_at,
        turn=data.turn,
        response_type=data.response_type,
        metadata=data.public_metadata(),
    )


def _unless_refused(event: Event[Payload]) -> Event[Payload]:
    if isinstance(event.data, Refused):
        raise refusal(event.data)
    return event


def _unkeyed_id(session_id: UUID, standing: Standing, text: str) -> UUID:
    """The same words to the same question are the same message: a double click is no second answer. But while
    answers are refused, the same words may well be sent again later, and be an answer then."""
    if standing.status != "active":
        return uuid4()
    return uuid5(_NAMESPACE, json.dumps([str(session_id), str(standing.question_id), text]))


def _over_message(view: View) -> Message:
    """The same each time: it is as old as the end."""
    at = view.session.ended_at if view.session else None
    return Message(
        seq=0,
        role="assistant",
        content=OVER,
        created_at=at or datetime.now(UTC),
        turn=-1,
        response_type="status",
        metadata={"action": "none", "reasoning": "The interview is over.", "phase": "closing", "mind": "none"},
    )
