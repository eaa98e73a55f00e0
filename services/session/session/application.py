"""Load, decide, record, publish: what the session service does with every message and every timer."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5
from weakref import WeakValueDictionary

import structlog
from contracts import Event, Payload, derived_id
from contracts.gateway.events import (
    Command,
    DocumentUploaded,
    ErasureRequested,
    RecordingUploaded,
    SessionRequested,
    UserAudio,
)
from contracts.session.events import AnswerRecorded, AnswerRepeated, QuestionAsked, Refused, Rephrased, Revised, Started
from contracts.speech.events import Progressed
from contracts.vocabulary.question import Question
from contracts.vocabulary.turn import TurnContext
from runtime.errors import Permanent
from runtime.publish import RepeatingPublisher
from runtime.telemetry import session_tag

from session import measures
from session.domain.context import standing_context, turn_context
from session.domain.decide import decide
from session.domain.intents import ReplyGivenUp, Timer
from session.domain.refusals import CANNOT_BE_KEPT, refuse
from session.domain.state import State, evolve
from session.erasure import Erasure
from session.store import Appended, Erased, EventStore, Unstorable, VersionConflict

log = structlog.get_logger()
APPEND_ATTEMPTS = 12
"""A reply and feedback often meet, a third writer rarely: more conflicts in a row mean that something is wrong."""
REMEMBERED_INTERVIEWS = 5
"""Nothing that somebody was asked in so many interviews is asked again, as long as there is something else."""


def utc_now() -> datetime:
    """The time now. Postgres keeps microseconds, and so does Python."""
    return datetime.now(UTC)


class Sessions:
    """The use cases of the session service."""

    def __init__(
        self,
        store: EventStore,
        publisher: RepeatingPublisher,
        erasure: Erasure,
        clock: Callable[[], datetime] = utc_now,
        review: timedelta = timedelta(),
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._erasure = erasure
        self._clock = clock
        self._review = review
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def handle(self, message: Event[Payload]) -> None:
        """Record what follows from a message, and publish it; once, however often it is delivered."""
        if isinstance(message.data, (DocumentUploaded, Progressed, RecordingUploaded)):  # these are about no session
            return
        if isinstance(message.data, ErasureRequested):
            await self._erasure.request(message)
            return
        await self._carry_out(message, message.subject_id, message.user_id)

    async def time_out(self, session_id: UUID, user_id: UUID | None, timer: Timer) -> None:
        """Record what follows from the passing of time, and publish it."""
        await self._carry_out(timer, session_id, user_id)

    async def ask_again(
        self, durable: str, event_id: UUID, session_id: UUID, user_id: UUID | None, attempt: int
    ) -> None:
        """Give an event whose outcome is late once more to the durable that owes it, and to no other: an answer
        without its feedback must not get a second reply."""
        for event in await self._recorded(session_id, user_id, lambda event: event.id == event_id):
            await self._publisher.publish_again(event, durable, attempt)

    async def _carry_out(self, intent: Event[Payload] | Timer, session_id: UUID, user_id: UUID | None) -> None:
        for attempt in range(APPEND_ATTEMPTS):
            if attempt > 1:  # the first retry is immediate
                await asyncio.sleep(random.random() * 0.01 * attempt)
            try:
                # A reply and feedback often meet in one replica: taking turns here spares the second a conflict
                # in the database, which alone decides between replicas.
                async with self._turns.setdefault(session_id, asyncio.Lock()):
                    events = await self._record(intent, session_id, user_id, trust_cache=attempt == 0)
            except VersionConflict:
                continue
            except Erased:
                brought = intent.data if isinstance(intent, Event) else None
                recording = brought.recording.key if isinstance(brought, UserAudio) else None
                await self._erasure.late_message(session_id, recording)
                return
            await self._publish(events)
            if isinstance(intent, Event) and isinstance(intent.data, UserAudio):
                await self._keep_only_what_counts(intent.data, events)
            return
        if isinstance(intent, Event) and isinstance(intent.data, SessionRequested):
            raise Permanent("the session's id is taken")  # by a user whose rows this one cannot see
        raise VersionConflict

    async def _keep_only_what_counts(self, brought: UserAudio, events: Sequence[Event[Payload]]) -> None:
        """A recording that is refused, or was there before, is nobody's answer."""
        if any(isinstance(event.data, (Refused, AnswerRepeated)) for event in events):
            await self._erasure.forget_recording(brought.recording.key)

    async def _record(
        self, intent: Event[Payload] | Timer, session_id: UUID, user_id: UUID | None, *, trust_cache: bool
    ) -> Sequence[Event[Payload]]:
        """The events that were recorded because of `intent`, now or earlier, as they are to be published.

        A cached state saves the first read: if it is stale, the append fails and the state is loaded. It is
        not trusted to conclude that there is nothing to do.
        """
        state = self._store.cached(session_id, user_id) if trust_cache else None
        fresh = state is None
        state = state or await self._store.load(session_id, user_id)
        if isinstance(intent, Event) and intent.id in state.causes:
            return await self._recorded(session_id, user_id, lambda event: event.causation_id == intent.id)
        payloads = await self._with_memory(state, decide(state, intent, self._clock(), self._review))
        if not payloads and not fresh:
            return await self._record(intent, session_id, user_id, trust_cache=False)
        if not payloads:
            await self._check_erased(state)
            return []
        appended = await self._append(state, intent, payloads, user_id)
        measures.note(state, appended.events)
        self._say(appended.events)
        return [await self._as_published(event, appended.state) for event in appended.events]

    async def _with_memory(self, state: State, payloads: Sequence[Payload]) -> Sequence[Payload]:
        """An interview that begins knows what the same user was asked in the last ones; nobody is remembered without
        an account."""
        user_id = state.user_id
        if user_id is None or not any(isinstance(payload, Started) for payload in payloads):
            return payloads
        asked = await self._store.asked_before(state.session_id, user_id, REMEMBERED_INTERVIEWS)
        update = {"asked_before": asked}
        return [each.model_copy(update=update) if isinstance(each, Started) else each for each in payloads]

    async def _append(
        self, state: State, intent: Event[Payload] | Timer, payloads: Sequence[Payload], user_id: UUID | None
    ) -> Appended:
        """What is recorded of it: a client whose text cannot be kept is told so, and does not wait for an outcome."""
        try:
            return await self._store.append(state, self._events(state, intent, payloads, user_id))
        except Unstorable:
            if not (isinstance(intent, Event) and isinstance(intent.data, Command) and state.exists):
                raise
            refused = refuse(intent.type.split(".")[1], "not_possible", intent.data.request_hash, CANNOT_BE_KEPT)
            return await self._store.append(state, self._events(state, intent, refused, user_id))

    async def _recorded(
        self, session_id: UUID, user_id: UUID | None, wanted: Callable[[Event[Payload]], bool]
    ) -> list[Event[Payload]]:
        """Events of the past, each with the context that it had then."""
        state, found = State(session_id), list[Event[Payload]]()
        for event in await self._store.history(session_id, user_id, after=0):
            state = evolve(state, event)
            if wanted(event):
                found.append(await self._as_published(event, state))
        return found

    async def _as_published(self, event: Event[Payload], state: State) -> Event[Payload]:
        """An event as the others get it, `state` being the one after it: what an engine has to react to carries its
        context, which is not recorded."""
        match event.data:
            case AnswerRecorded() as answer:
                return _carrying(event, turn_context(state, state.answers[answer.turn]))
            case Revised() as revised:
                question = await self._question(state, revised.turn)
                return _carrying(event, turn_context(state, state.answers[revised.turn], question))
            case Rephrased():
                return _carrying(event, standing_context(state, event.occurred_at))
            case _:
                return event

    async def _question(self, state: State, turn: int) -> Question | None:
        """The question of an earlier turn, with what an answer is expected to show: the state has put that away."""
        found: Question | None = None
        for event in await self._store.history(state.session_id, state.user_id, after=0):
            if isinstance(event.data, QuestionAsked) and event.data.turn == turn:
                found = event.data.question  # the newest: after a reset turns are counted anew
        return found

    async def _check_erased(self, state: State) -> None:
        if not state.exists and await self._store.erased(state.session_id):
            raise Erased

    def _events(
        self, state: State, intent: Event[Payload] | Timer, payloads: Sequence[Payload], user_id: UUID | None
    ) -> list[Event[Payload]]:
        now = self._clock()
        if isinstance(intent, Event):
            cause, request = intent.id, intent.correlation_id
        else:
            cause = uuid5(state.session_id, f"{intent!r}@{state.version}")
            # A notice is the outcome of the request that waits for a reply.
            request = (state.reply_pending_for if isinstance(intent, ReplyGivenUp) else None) or cause
        return [
            Event[Payload].model_construct(
                id=derived_id(cause, payload.TYPE),
                type=payload.TYPE,
                schema_version=payload.SCHEMA_VERSION,
                subject_id=state.session_id,
                user_id=state.user_id if state.exists else user_id,
                causation_id=cause,
                correlation_id=request,
                occurred_at=now,
                stream_version=state.version + number,
                data=payload,
            )
            for number, payload in enumerate(payloads, start=1)
        ]

    async def _publish(self, events: Sequence[Event[Payload]]) -> None:
        for event in events:
            await self._publisher.publish(event)

    def _say(self, events: Sequence[Event[Payload]]) -> None:
        for event in events:
            details = {"reason": event.data.reason} if isinstance(event.data, Refused) else {}
            name = event.type.split(".")[1].replace("_", " ")
            log.info(name, session=session_tag(event.subject_id), version=event.stream_version, **details)


def _carrying(event: Event[Payload], context: TurnContext) -> Event[Payload]:
    return event.model_copy(update={"data": event.data.model_copy(update={"context": context})})
