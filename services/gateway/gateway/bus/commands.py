"""A client's request as a message: published under an id that a repeat has too, and waited for by its outcome."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID, uuid4

from contracts import Contract, Event, Payload, decode
from contracts.gateway.events import Command
from contracts.session.asks import Outcome, OutcomeAsk, SessionStatus
from contracts.session.events import AnswerRepeated, Completed, Erased, QuestionAsked, Refused, Reset
from faststream.nats import NatsBroker
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from runtime.broker import ask
from runtime.consume import TYPE_HEADER
from runtime.publish import Publisher
from runtime.tasks import end

from gateway.bus.idempotency import OtherBody, keyed
from gateway.bus.subscriptions import Subscriptions
from gateway.problems import NoSuchSession, Problem, if_given_up

AnswerT = TypeVar("AnswerT", bound=Contract)
POLL_SECONDS = 2.0
"""How often a waiting request asks what became of its message: the subscription may miss an event."""
ASK_SECONDS = 5.0
ASK_AGAIN_SECONDS = 2.0
"""After so long without an answer a question is asked a second time. Answers are ready in milliseconds."""
ENDED = frozenset({"completed", "abandoned", "cancelled"})
_FINAL = (Completed, Reset, Erased)
"""Outcomes of whatever request is waiting on a session, whoever asked for them; a reset only ends with its own."""


@dataclass(frozen=True)
class Caller:
    """Who makes a request: the account, if any, and the key that makes a repeat recognisable."""

    user_id: UUID | None
    key: str | None = None
    address: str = ""
    """Tells anonymous callers apart where there is no session yet."""
    network: str = ""
    """The address that the request came from, or its network: many callers may share it."""

    @property
    def owner(self) -> str:
        """Whose keys the caller's are."""
        return str(self.user_id or f"anonymous {self.address}")


@dataclass(frozen=True)
class Late:
    """What is said when the outcome of a request is late: `unsure` while nothing is known to be recorded of it, `kept`
    once something is. Most requests have no `kept`: what is recorded of them is their outcome."""

    unsure: str
    kept: str = ""

    def sentence(self, *, known: bool) -> str:
        """The one that is true."""
        return self.kept if known and self.kept else self.unsure


UNSURE = Late("We could not confirm this in time. Check your interview before you try again.")


@dataclass(frozen=True)
class ExpectedOutcome:
    """What ends the wait for a request.

    `outcomes` are the events that the request itself may lead to, beside a refusal; `whoever` and `final` count
    whoever asked for them; in a status of `reached` or `over`, or once a question stands if it is to `begin`,
    nothing is left to wait for. `gone` accepts that the session is there no more. After one of `hints` the
    outcome is asked for at once, and not before the session has `decided` on the message itself. `late` is what the
    client is told when the time is up: after `patience` seconds, where that is longer than for any request.
    """

    outcomes: tuple[type[Payload], ...]
    whoever: tuple[type[Payload], ...] = ()
    final: tuple[type[Payload], ...] = _FINAL
    reached: frozenset[str] = field(default_factory=frozenset)
    over: frozenset[str] = ENDED
    begin: bool = False
    gone: bool = False
    hints: tuple[type[Payload], ...] = ()
    decided: bool = False
    late: Late = UNSURE
    patience: float = 0.0

    @property
    def types(self) -> set[str]:
        """Full names of all events that may end the wait."""
        kinds: tuple[type[Payload], ...] = (*self.outcomes, *self.whoever, *self.final, *self.hints, Refused)
        return {kind.TYPE for kind in kinds}

    def is_met(self, event: Event[Payload], message_id: UUID) -> bool:
        """Whether an event ends the wait for the message `message_id`."""
        mine = event.correlation_id == message_id and isinstance(event.data, (*self.outcomes, Refused))
        return mine or isinstance(event.data, (*self.final, *self.whoever))

    def is_settled(self, asked: Outcome) -> bool:
        """Whether the session stands where nothing more will come of the message."""
        session = asked.session
        if session is None:
            return self.gone
        if self.decided and not asked.known:
            return False
        begun = self.begin and session.question_id is not None
        return begun or session.status in self.reached or session.status in self.over


A_REPLY = ExpectedOutcome((QuestionAsked,), final=(Reset, Erased), hints=(AnswerRepeated, Completed), decided=True)
"""What an answer waits for. The end of the interview is no outcome yet: the closing may be the reply to it."""


class Commands:
    """Publishes what clients want and waits for what comes of it. `timeout` is in seconds."""

    def __init__(self, broker: NatsBroker, publisher: Publisher, subscriptions: Subscriptions, timeout: float) -> None:
        self._broker = broker
        self._publisher = publisher
        self._subscriptions = subscriptions
        self._timeout = timeout

    async def outcome(self, caller: Caller, session_id: UUID, message_id: UUID | None = None) -> Outcome:
        """The session's status, and what came of a message."""
        wanted = OutcomeAsk(session_id=session_id, user_id=caller.user_id, message_id=message_id)
        return await self.ask("session", "outcome", wanted, Outcome)

    async def deduplicate(self, caller: Caller, session_id: UUID, route: str, body_hash: str) -> tuple[UUID, Outcome]:
        """The id of a request and what came of it before. Raises OtherBody."""
        request = keyed(route, f"{caller.user_id or 'anonymous'} {session_id}", caller.key, body_hash)
        if request is None:
            return uuid4(), await self.outcome(caller, session_id)
        before = await self.outcome(caller, session_id, request.id)
        if before.known and before.request_hash != body_hash:
            raise OtherBody
        return request.id, before

    async def request(
        self, caller: Caller, session_id: UUID, message_id: UUID, command: Command, expected: ExpectedOutcome
    ) -> Event[Payload] | None:
        """Publish and wait. Raises Problem where the request was refused."""
        async with self._subscriptions.events(session_id) as queue:
            await self.submit(caller, session_id, message_id, command, expected.late)
            event = await self.wait(queue, caller, session_id, message_id, expected)
        return unless_refused(event) if event else None

    async def submit(
        self, caller: Caller, session_id: UUID, message_id: UUID, command: Command, late: Late = UNSURE
    ) -> None:
        """Publish what a client wants, durably. `late` is what is true should the request be given up from here on."""
        if_given_up(late.unsure)
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

    async def wait(
        self, queue: asyncio.Queue[Msg], caller: Caller, session_id: UUID, message_id: UUID, expected: ExpectedOutcome
    ) -> Event[Payload] | None:
        """The recorded outcome of a message; None when the session stands where none will come.

        Raises Problem 504 when it is late, which says what is known of it: the turn goes on without this request.
        """
        known = False
        loop = asyncio.get_running_loop()
        deadline = loop.time() + max(self._timeout, expected.patience)
        while (left := deadline - loop.time()) > 0:
            event = await _next_event(queue, expected.types, min(left, POLL_SECONDS))
            if event is not None and expected.is_met(event, message_id):
                return event
            if event is not None and not isinstance(event.data, expected.hints):
                continue
            message_id = _first_request(event, message_id)
            with contextlib.suppress(NoRespondersError, TimeoutError, ConnectionError):
                asked = await self.outcome(caller, session_id, message_id)
                known = asked.known
                if_given_up(expected.late.sentence(known=known))
                if asked.event is not None or expected.is_settled(asked):
                    return asked.event
        raise Problem(504, expected.late.sentence(known=known))

    async def ask(
        self, service: str, question: str, request: Contract, response: type[AnswerT], timeout: float = ASK_SECONDS
    ) -> AnswerT:
        """Ask a service, once more when a replica went away with the first try. `timeout` is in seconds."""

        async def once(seconds: float) -> AnswerT:
            return await ask(self._broker, service, question, request, response, timeout=seconds)

        again = partial(once, timeout) if timeout > ASK_SECONDS else partial(_asked_twice, once, timeout)
        try:
            return await again()
        except NoRespondersError:
            await asyncio.sleep(0.5)
            return await again()


async def _asked_twice(once: Callable[[float], Coroutine[Any, Any, AnswerT]], timeout: float) -> AnswerT:
    """The first answer to a question, or to the same one that is asked when there is none for a while: the replica that
    took the first may be gone, or no longer allowed to answer it since the broker read its users anew."""
    tasks = [asyncio.create_task(once(timeout))]
    try:
        await asyncio.wait(tasks, timeout=ASK_AGAIN_SECONDS)
        if not tasks[0].done():
            tasks.append(asyncio.create_task(once(timeout - ASK_AGAIN_SECONDS)))
        for number, answer in enumerate(asyncio.as_completed(tasks), start=1):
            try:
                return await answer
            except (NoRespondersError, TimeoutError):
                if number == len(tasks):
                    raise
        raise AssertionError("one of them has ended")
    finally:
        await end(tasks)


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


def _first_request(event: Event[Payload] | None, message_id: UUID) -> UUID:
    """The request whose outcome is waited for: once a message is known to be a repeat, the first one's."""
    if event is not None and event.correlation_id == message_id and isinstance(event.data, AnswerRepeated):
        return event.data.request_id
    return message_id


def refusal(refused: Refused) -> Problem:
    """The answer to a request that the state of the interview did not allow."""
    status = {"not_started": 400, "not_possible": 400}.get(refused.reason, 409)
    return Problem(status, refused.detail)


def unless_refused(event: Event[Payload]) -> Event[Payload]:
    """The event. Raises Problem for a refusal."""
    if isinstance(event.data, Refused):
        raise refusal(event.data)
    return event


def existing(outcome: Outcome) -> SessionStatus:
    """The session's status. Raises NoSuchSession."""
    if outcome.session is None:
        raise NoSuchSession
    return outcome.session
